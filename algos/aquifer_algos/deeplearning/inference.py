"""The forward pass over blocks of rows, for scoring: plain numpy, on matrix products."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.deeplearning.matrix import Float32s, Int32s
from aquifer_algos.deeplearning.topology import CHANNELS, Activation, Layer, Output, Topology

_DENSE_COLUMNS = 4096
_SCORING_ROWS = 512


@dataclass(frozen=True)
class CsrRows:
    """Rows to score in compressed form: indptr int64 (rows + 1,), indices int32, values float32."""

    indptr: NDArray[np.int64]
    indices: Int32s
    values: Float32s


def predictions(topology: Topology, weights: Float32s, rows: Float32s | CsrRows) -> Float32s:
    """Class probabilities (rows, classes), or the output (rows, outputs).

    weights: the flat buffer. Hidden activations are multiplied by the share of units that training kept;
    inputs are not rescaled.
    """
    return activations(topology, weights, rows, len(topology.hidden))


def activations(topology: Topology, weights: Float32s, rows: Float32s | CsrRows, layer: int) -> Float32s:
    """What the units of a layer give: (rows, units); 0 is the first hidden layer, the last is the output."""
    count = len(rows.indptr) - 1 if isinstance(rows, CsrRows) else len(rows)
    result = np.empty((count, topology.units[layer + 1]), np.float32)
    for start in range(0, count, _SCORING_ROWS):
        block = slice(start, min(start + _SCORING_ROWS, count))
        result[block] = _block_activations(topology, weights, rows, block, layer)
    return result


def _block_activations(
    topology: Topology, weights: Float32s, rows: Float32s | CsrRows, block: slice, upto: int
) -> Float32s:
    values: Float32s | None = None
    for index, layer in enumerate(topology.layers[: upto + 1]):
        matrix = sums_by_senders(weights, layer).T
        if values is None:
            product = (
                _sparse_product(rows, block, matrix)
                if isinstance(rows, CsrRows)
                else rows[block, : layer.inputs] @ matrix
            )
        else:
            product = values @ matrix
        product += weights[layer.bias_offset : layer.bias_offset + layer.receivers]
        activation = (*topology.activations, topology.output)[index]
        values = _activate(activation, product)[:, : layer.outputs]
        values *= np.float32(1.0 - topology.dropout_ratios[index + 1])
    assert values is not None
    return values


def sums_by_senders(buffer: Float32s, layer: Layer) -> Float32s:
    """The matrix as a view (receivers, inputs); of Maxout, with the padding between its channels."""
    stored = buffer[layer.offset : layer.bias_offset].reshape(layer.rows, layer.pitch)
    return stored[:, : layer.receivers].T if layer.by_sender else stored[:, : layer.inputs]


def _activate(activation: Activation | Output, values: Float32s) -> Float32s:
    """The activations (rows, units) of sums (rows, receivers); of Maxout with padding."""
    if activation == "softmax":
        return _softmax(values)
    if activation == "linear":
        return values
    if activation == "Tanh":
        return np.tanh(values, out=values)
    if activation == "ExpRectifier":
        return np.where(values >= 0, values, np.expm1(np.minimum(values, 0)))
    if activation == "Maxout":
        half = values.shape[1] // CHANNELS
        return np.maximum(values[:, :half], values[:, half:])
    return np.maximum(values, 0, out=values)


def _softmax(values: Float32s) -> Float32s:
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=1, keepdims=True)
    return values


def _sparse_product(rows: CsrRows, block: slice, matrix: Float32s) -> Float32s:
    """A block of rows times (inputs, outputs), spread out over the columns that occur in it."""
    bounds = rows.indptr[block.start : block.stop + 1]
    indices = rows.indices[bounds[0] : bounds[-1]]
    row = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    columns: NDArray[np.integer[Any]] = indices
    if len(matrix) > _DENSE_COLUMNS:
        occurring, columns = np.unique(indices, return_inverse=True)
        matrix = matrix[occurring]
    spread = np.zeros((len(bounds) - 1, len(matrix)), np.float32)
    spread[row, columns] = rows.values[bounds[0] : bounds[-1]]
    return spread @ matrix
