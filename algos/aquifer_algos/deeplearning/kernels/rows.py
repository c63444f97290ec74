"""Training row by row: the kernel that `iteration.py` calls, which explains the arguments."""

from typing import Any

import numba
import numpy as np
from numba import types

from aquifer_algos.deeplearning.kernels.activations import through_activation
from aquifer_algos.deeplearning.kernels.codes import (
    ACTIVATION,
    ACTIVE_VALUES,
    ADADELTA,
    GRADIENTS,
    KEPT,
    LINEAR,
    LOSS_NUMBER,
    OUTPUTS,
    PITCH,
    RECEIVERS,
    REGIONS,
    SOFTMAX,
)
from aquifer_algos.deeplearning.kernels.exchange import exchange
from aquifer_algos.deeplearning.kernels.inputs import (
    draw_dropout,
    listed_square,
    take_dense_input,
    take_sparse_input,
)
from aquifer_algos.deeplearning.kernels.losses import linear_error, softmax_error
from aquifer_algos.deeplearning.kernels.order import mixed, shuffled
from aquifer_algos.deeplearning.kernels.passes import backward, forward
from aquifer_algos.deeplearning.kernels.products import padded_bytes
from aquifer_algos.deeplearning.kernels.rates import schedule
from aquifer_algos.deeplearning.kernels.reconstruction import (
    less_dense_row,
    less_sparse_row,
    reconstruction_error,
)
from aquifer_algos.deeplearning.kernels.vector import ONE, SIZE, get_flag, get_float, index, put_float, real
from aquifer_algos.deeplearning.precision import REAL


def _read_only(dtype: Any, dimensions: int = 1) -> Any:
    return types.Array(dtype, dimensions, "C", readonly=True)


@numba.njit(
    types.int64(
        real[::1],
        real[:, ::1],
        real[::1],
        real[::1],
        types.int64,
        _read_only(types.int64, 2),
        types.int64,
        types.int64,
        _read_only(real),
        _read_only(real, 2),
        _read_only(types.int64),
        _read_only(index),
        _read_only(real),
        _read_only(types.int32),
        _read_only(real),
        _read_only(real),
        _read_only(real),
        types.uint64,
        types.uint64,
        types.int64,
        types.int64,
        types.int64,
        types.int64,
        real[::1],
        types.int64[:, ::1],
        real[::1],
        types.int64,
        types.uint8[::1],
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def train_rows(
    weights: Any,
    state: Any,
    shared: Any,
    base: Any,
    window: Any,
    table: Any,
    kind: Any,
    loss: Any,
    rule: Any,
    dense: Any,
    indptr: Any,
    indices: Any,
    values: Any,
    codes: Any,
    targets: Any,
    offsets: Any,
    row_weights: Any,
    seed: Any,
    input_drop_below: Any,
    position: Any,
    count: Any,
    samples_seen: Any,
    samples_per_row: Any,
    scratch_memory: Any,
    counts: Any,
    rates: Any,
    reverse: Any,
    stop: Any,
) -> Any:
    """Train on `count` rows from `position` of the random order; return how many were done before `stop`.

    With window > 0 the weights are private to this thread and are exchanged with the shared ones every so
    many rows and at the end. `samples_per_row` is how far the learning-rate schedule moves with each row.
    """
    w, scratch, stop_flag = weights.ctypes.data, scratch_memory.ctypes.data, stop.ctypes.data
    region = np.int64(len(scratch_memory) // REGIONS * SIZE)
    slot = np.int64(len(weights) * SIZE)
    first = state.ctypes.data - w
    second = first + slot
    means = first + slot * np.int64(len(state) - 1)
    is_dense = dense.shape[0] > 0
    rows = np.int64(len(dense) if is_dense else len(indptr) - 1)
    last = len(table) - 1
    output = scratch + table[last, RECEIVERS]
    error, output_length = output + GRADIENTS * region, padded_bytes(table[last, OUTPUTS])
    momentum = REAL(0.0)
    input_square = REAL(0.0)
    done = np.int64(0)
    while done < count and get_flag(stop_flag) == 0:
        row = shuffled(position + done, rows, seed)
        key = mixed(seed + mixed(np.uint64(position + done)))
        if is_dense:
            inputs = dense.ctypes.data + row * table[0, PITCH]
            input_square = take_dense_input(inputs, scratch, region, table[0, PITCH], key, input_drop_below)
        else:
            start, entries = indptr[row], indptr[row + 1] - indptr[row]
            units, inputs = indices.ctypes.data + SIZE * start, values.ctypes.data + SIZE * start
            counts[0, 0] = take_sparse_input(units, inputs, entries, scratch, region, key, input_drop_below)
            input_square = listed_square(scratch + ACTIVE_VALUES * region, counts[0, 0])
        draw_dropout(table, scratch, region, counts, key)
        forward(table, w, scratch, region, counts)
        weight = row_weights[row] if len(row_weights) > 0 else ONE
        if table[last, ACTIVATION] == SOFTMAX:
            actual = np.int64(codes[row])
            softmax_error(loss, output, error, output_length, actual, weight)
        elif table[last, ACTIVATION] == LINEAR:
            if len(offsets) > 0:
                put_float(output, get_float(output) + offsets[row])
            linear_error(loss, output, error, output_length, targets[row], weight, rule[LOSS_NUMBER])
        else:
            if is_dense:
                less_dense_row(output, inputs, error, output_length)
            else:
                less_sparse_row(output, units, inputs, entries, error, output_length)
            reconstruction_error(loss, error, output_length, weight, rule[LOSS_NUMBER])
            kept = output + KEPT * region
            through_activation(table[last, ACTIVATION], output, kept, error, output_length)
        if kind != ADADELTA:
            momentum = schedule(table, rule, kind, samples_seen + done * samples_per_row, rates)
        backward(
            table,
            w,
            first,
            second,
            means,
            scratch,
            region,
            counts,
            input_square,
            kind,
            reverse,
            rates,
            momentum,
            rule,
        )
        done += 1
        if window > 0 and done % window == 0:
            exchange(w, base.ctypes.data, shared.ctypes.data, slot)
    if window > 0:
        exchange(w, base.ctypes.data, shared.ctypes.data, slot)
    return done
