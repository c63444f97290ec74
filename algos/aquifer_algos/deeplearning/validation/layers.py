"""Whether the frames of first weights and biases fit the network."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame

from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.layers import GIVEN, shape_fault
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.topology import CHANNELS
from aquifer_algos.deeplearning.validation.predictors import excluded_columns, network_inputs
from aquifer_algos.deeplearning.validation.wording import error
from aquifer_algos.description import usable_predictors
from aquifer_algos.params import Message


def layer_messages(parameters: DeepLearningParameters, inputs: Inputs) -> Iterator[Message]:
    """Errors of the lists of frames: their lengths, shapes and values."""
    for name in GIVEN:
        frames = inputs.frames.get(name)
        if frames is None:
            continue
        if parameters.checkpoint is not None:
            yield error(name, f"{name} cannot be used with a checkpoint, which has weights and biases.")
        needed = len(parameters.hidden) + 1
        if len(frames) != needed:
            yield error(
                name,
                f"{name} has {len(frames)} entries, but must have {needed}: one for each hidden layer, one "
                "for the output, None where it is left to chance.",
            )
            continue
        for layer, frame in enumerate(frames):
            if frame is not None:
                yield from _fits(parameters, inputs, name, layer, frame)


def _fits(
    parameters: DeepLearningParameters, inputs: Inputs, name: str, layer: int, frame: Frame
) -> Iterator[Message]:
    shapes = _shapes(parameters, inputs)
    if shapes is not None:
        rows, columns = shapes[layer]
        fault = shape_fault(name, layer, frame, (rows, columns if name == "initial_weights" else 1))
        if fault:
            yield error(name, fault)
    unusable = [
        label
        for label, column in zip(frame.names, frame.columns, strict=True)
        if column.type is not ColumnType.NUMERIC
        or column.rollups.missing
        or column.rollups.positive_infinities
        or column.rollups.negative_infinities
    ]
    if unusable:
        yield error(
            name, f"{name} of layer {layer + 1} must be finite numbers; column '{unusable[0]}' is not all so."
        )


def _shapes(parameters: DeepLearningParameters, inputs: Inputs) -> list[tuple[int, int]] | None:
    """Rows and columns of each layer's weights; None if the response is not known."""
    training, response = inputs.training, parameters.response_column
    if training is None or response is None or response not in training.names:
        return None
    kept, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
    outputs = len(training.column(response).domain or (None,))
    channels = CHANNELS if parameters.activation.startswith("Maxout") else 1
    rows = [*(channels * units for units in parameters.hidden), outputs]
    return list(zip(rows, (network_inputs(parameters, training, kept), *parameters.hidden), strict=True))
