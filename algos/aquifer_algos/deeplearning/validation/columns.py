"""The frames and the columns that have a role: response, weights, offset, ignored ones."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Column, Frame

from aquifer_algos.adaptation import mismatch
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.predictors import excluded_columns, predictor_messages
from aquifer_algos.deeplearning.validation.problem import problem_messages
from aquifer_algos.deeplearning.validation.wording import error, listed
from aquifer_algos.description import usable_predictors
from aquifer_algos.params import Message


def column_messages(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None
) -> Iterator[Message]:
    """Errors and warnings about the frames and their columns."""
    if training is None:
        yield error("training_frame", "training_frame is not set: name the frame to train on.")
        return
    if training.rows == 0:
        yield error("training_frame", "The training frame has no rows.")
        return
    name = None if parameters.autoencoder else parameters.response_column
    if name is None and not parameters.autoencoder:
        yield error("response_column", "Response column parameter not set: name the column to predict.")
        return
    if name is not None and name not in training.names:
        yield error(
            "response_column",
            f"Response column '{name}' not found in the training frame; its columns are "
            f"{listed(training.names)}.",
        )
        return
    yield from _roles(parameters, training)
    if name is not None:
        yield from _response(parameters, training.column(name))
    yield from predictor_messages(parameters, training)
    if validation is not None:
        yield from _validation_frame(parameters, name, training, validation)
        kept, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
        yield from _validation_predictors(kept, training, validation)


def _roles(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    for name in parameters.ignored_columns or ():
        if name not in training.names:
            yield error("ignored_columns", f"Ignored column '{name}' not found in the training frame.")
    yield from _weights_column(parameters, training)
    yield from _offset_column(parameters, training)


def _offset_column(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    offset = parameters.offset_column
    if offset is None:
        return
    if offset not in training.names:
        yield error("offset_column", f"Offset column '{offset}' not found in the training frame.")
    elif training.column(offset).type is not ColumnType.NUMERIC:
        yield error("offset_column", f"Invalid offset column '{offset}': offsets must be numeric.")
    elif training.column(offset).rollups.count == 0:
        yield error("offset_column", f"Offset column '{offset}' is missing in every row: no row is left.")


def _weights_column(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    weights = parameters.weights_column
    if weights is None:
        return
    if weights not in training.names:
        yield error("weights_column", f"Weights column '{weights}' not found in the training frame.")
        return
    column = training.column(weights)
    if column.type is not ColumnType.NUMERIC:
        yield error("weights_column", f"Invalid weights column '{weights}': weights must be numeric.")
    elif column.rollups.minimum < 0:
        yield error(
            "weights_column",
            f"Weights column '{weights}' has the value {column.rollups.minimum:g}; weights must be >= 0.",
        )
    elif not column.rollups.maximum > 0:
        yield error("weights_column", f"Weights column '{weights}' has no weight above 0: no row is left.")


def _response(parameters: DeepLearningParameters, response: Column) -> Iterator[Message]:
    name = parameters.response_column
    if response.type not in (ColumnType.NUMERIC, ColumnType.ENUM):
        yield error(
            "response_column",
            f"Response column '{name}' is of type {response.wire_type}: it must be numeric or categorical.",
        )
        return
    rollups = response.rollups
    if rollups.positive_infinities or rollups.negative_infinities:
        yield error(
            "response_column",
            f"Response column '{name}' has infinite values: replace them or leave their rows out.",
        )
    if rollups.count == 0:
        yield error("response_column", f"Response column '{name}' is missing in every row.")
    elif rollups.constant or (response.domain is not None and len(response.domain) < 2):
        yield error(
            "response_column", f"Response cannot be constant: '{name}' has the same value in every row."
        )
    yield from problem_messages(parameters, response)


def _validation_frame(
    parameters: DeepLearningParameters, response: str | None, training: Frame, validation: Frame
) -> Iterator[Message]:
    roles = {
        "response": response,
        "weights": parameters.weights_column,
        "offset": parameters.offset_column,
    }
    for role, name in roles.items():
        if name is not None and name not in validation.names:
            yield error("validation_frame", f"Test/Validation dataset is missing {role} column '{name}'.")
    if response is not None and response in validation.names:
        yield from _same_kind(response, training, validation)
    if validation.rows == 0:
        yield error("validation_frame", "The validation frame has no rows.")


def _same_kind(name: str, training: Frame, validation: Frame) -> Iterator[Message]:
    if (validation.column(name).domain is None) != (training.column(name).domain is None):
        yield error(
            "validation_frame",
            f"Response column '{name}' is {validation.column(name).wire_type} in the validation frame, but "
            f"{training.column(name).wire_type} in the training frame.",
        )


def _validation_predictors(
    predictors: tuple[str, ...], training: Frame, validation: Frame
) -> Iterator[Message]:
    shared = [name for name in predictors if name in validation.names]
    if predictors and not shared:
        yield error(
            "validation_frame",
            "Test/Validation dataset has no columns in common with the training set: it has none of the "
            f"predictors {listed(predictors)}.",
        )
    for name in shared:
        wrong = mismatch(name, validation.column(name), training.column(name).domain is not None)
        if wrong:
            yield error("validation_frame", f"{wrong}.")
