"""What every algorithm offers: its parameters, their validation, and the training as a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.store import Store

from aquifer_algos.model import Model
from aquifer_algos.params import Message, ModelParameters, Severity, specifications


class InvalidParameters(AquiferError):
    """Parameters with which no model can be built; `messages` are all that validation says."""

    def __init__(self, messages: Sequence[Message]) -> None:
        errors = [message for message in messages if message.severity is Severity.ERROR]
        super().__init__(" ".join(f"ERRR on field: {error.field}: {error.text}" for error in errors))
        self.messages = tuple(messages)


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the parameters name by key; who has it keeps it, whatever becomes of the keys.

    training, validation: the frames; None where none is named.
    models, frames: the model, and the list of frames, that each parameter of that type names.
    """

    training: Frame | None = None
    validation: Frame | None = None
    models: Mapping[str, Model] = field(default_factory=dict)
    frames: Mapping[str, tuple[Frame | None, ...]] = field(default_factory=dict)


def inputs_of(store: Store, parameters: ModelParameters) -> Inputs:
    """What the parameters name. Raises KeyNotFound, and WrongKind for a model where a frame belongs."""
    named = [
        (name, specification.type, getattr(parameters, name))
        for name, specification in specifications(type(parameters)).items()
        if name != "model_id" and getattr(parameters, name) is not None
    ]
    training, validation = (
        None if key is None else store.get(key, Frame)
        for key in (parameters.training_frame, parameters.validation_frame)
    )
    models = {name: store.get(key, Model) for name, kind, key in named if kind == "Key<Model>"}
    lists = {
        name: tuple(None if key is None else store.get(key, Frame) for key in keys)
        for name, kind, keys in named
        if kind == "Key<Frame>[]"
    }
    return Inputs(training, validation, models, lists)


class Validate(Protocol):
    """Check parameters against what they name, and the cloud that has it."""

    def __call__(self, parameters: ModelParameters, inputs: Inputs, cloud: Cloud) -> tuple[Message, ...]:
        """Every error, warning and hint at once; nothing is changed."""


class Train(Protocol):
    """Train a model in a job and put it into the store under a key."""

    def __call__(
        self, cloud: Cloud, store: Store, parameters: ModelParameters, inputs: Inputs, job: Job, key: str
    ) -> Model:
        """The trained model. Raises InvalidParameters, JobCancelled."""


@dataclass(frozen=True)
class ModelBuilder:
    """An algorithm as the server offers it.

    algo: its name in addresses; name: its name in keys and job descriptions; can_build: model categories.
    """

    algo: str
    name: str
    full_name: str
    can_build: tuple[str, ...]
    supervised: bool
    parameters: type[ModelParameters]
    validate: Validate
    train: Train


def require_valid(messages: Sequence[Message]) -> None:
    """Raise InvalidParameters if one of the messages is an error."""
    if any(message.severity is Severity.ERROR for message in messages):
        raise InvalidParameters(messages)
