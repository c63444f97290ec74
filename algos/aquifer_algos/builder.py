"""What every algorithm offers: its parameters, their validation, and the training as a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.store import Store

from aquifer_algos.model import Model
from aquifer_algos.params import Message, ModelParameters, Severity


class InvalidParameters(AquiferError):
    """Parameters with which no model can be built; `messages` are all that validation says."""

    def __init__(self, messages: Sequence[Message]) -> None:
        errors = [message for message in messages if message.severity is Severity.ERROR]
        super().__init__(" ".join(f"ERRR on field: {error.field}: {error.text}" for error in errors))
        self.messages = tuple(messages)


Frames = tuple[Frame | None, Frame | None]
"""The training and the validation frame; who has them keeps them, whatever becomes of their keys."""


def frames_of(store: Store, parameters: ModelParameters) -> Frames:
    """The frames that the parameters name, None where they name none. Raises KeyNotFound."""
    keys = (parameters.training_frame, parameters.validation_frame)
    training, validation = (None if key is None else store.get(key, Frame) for key in keys)
    return training, validation


class Validate(Protocol):
    """Check parameters against the frames they name (None where there is none) and the number of nodes."""

    def __call__(
        self, parameters: ModelParameters, training: Frame | None, validation: Frame | None, nodes: int = 1
    ) -> tuple[Message, ...]:
        """Every error, warning and hint at once; nothing is changed."""


class Train(Protocol):
    """Train a model in a job and put it into the store under a key."""

    def __call__(
        self, cloud: Cloud, store: Store, parameters: ModelParameters, frames: Frames, job: Job, key: str
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
