"""The error of the output layer's sums, whatever it is that is learnt."""

from typing import Any

import numpy as np

from aquifer_algos.deeplearning.kernels.activations import through_activation
from aquifer_algos.deeplearning.kernels.codes import GRADIENTS, KEPT, LINEAR, SOFTMAX
from aquifer_algos.deeplearning.kernels.jit import inline
from aquifer_algos.deeplearning.kernels.losses import linear_error, softmax_error
from aquifer_algos.deeplearning.kernels.reconstruction import (
    less_dense_row,
    less_sparse_row,
    reconstruction_error,
)
from aquifer_algos.deeplearning.kernels.vector import SIZE, get_float, put_float


@inline()
def output_error(
    loss: Any,
    activation: Any,
    output: Any,
    region: Any,
    length: Any,
    dense: Any,
    indptr: Any,
    indices: Any,
    values: Any,
    pitch: Any,
    codes: Any,
    targets: Any,
    offsets: Any,
    row: Any,
    weight: Any,
    number: Any,
) -> None:
    """The error at the units `output` for a row: for its class, its number less its offset, or its inputs."""
    error = output + GRADIENTS * region
    if activation == SOFTMAX:
        softmax_error(loss, output, error, length, np.int64(codes[row]), weight)
    elif activation == LINEAR:
        if len(offsets) > 0:
            put_float(output, get_float(output) + offsets[row])
        linear_error(loss, output, error, length, targets[row], weight, number)
    else:
        if dense.shape[0] > 0:
            less_dense_row(output, dense.ctypes.data + row * pitch, error, length)
        else:
            start, entries = indptr[row], indptr[row + 1] - indptr[row]
            units, inputs = indices.ctypes.data + SIZE * start, values.ctypes.data + SIZE * start
            less_sparse_row(output, units, inputs, entries, error, length)
        reconstruction_error(loss, error, length, weight, number)
        through_activation(activation, output, output + KEPT * region, error, length)
