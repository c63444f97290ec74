"""Settings that do not go together, whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.wording import error
from aquifer_algos.encoding import REFUSED
from aquifer_algos.params import Message

_DROPOUT = "WithDropout"
_ROLES = ("response_column", "offset_column", "weights_column", "fold_column")


def setting_messages(parameters: DeepLearningParameters) -> Iterator[Message]:
    """Errors of settings against each other."""
    yield from _dropout(parameters)
    if parameters.categorical_encoding in REFUSED:
        yield error("categorical_encoding", REFUSED[parameters.categorical_encoding])
    yield from _roles(parameters)
    if parameters.elastic_averaging and parameters.sparse:
        yield error("elastic_averaging", "elastic_averaging cannot be used with sparse: switch one off.")
    if parameters.class_sampling_factors is not None and not parameters.balance_classes:
        yield error(
            "class_sampling_factors",
            "class_sampling_factors requires balance_classes to be enabled: set it, or leave them out.",
        )


def _dropout(parameters: DeepLearningParameters) -> Iterator[Message]:
    ratios = parameters.hidden_dropout_ratios
    if ratios is None:
        return
    if not parameters.activation.endswith(_DROPOUT):
        yield error(
            "hidden_dropout_ratios",
            f"hidden_dropout_ratios cannot be used with activation {parameters.activation}: "
            f"use {parameters.activation}{_DROPOUT}.",
        )
    if len(ratios) != len(parameters.hidden):
        yield error(
            "hidden_dropout_ratios",
            f"hidden_dropout_ratios has {len(ratios)} entries, but must have {len(parameters.hidden)}: "
            "one for each hidden layer.",
        )


def _roles(parameters: DeepLearningParameters) -> Iterator[Message]:
    for role, other in combinations(_ROLES, 2):
        name = getattr(parameters, role)
        if name is not None and name == getattr(parameters, other):
            yield error(role, f"{role} must be different from {other}: both are '{name}'.")
