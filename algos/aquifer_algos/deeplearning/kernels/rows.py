"""Training row by row: the kernel that `iteration.py` calls, which explains the arguments."""

from typing import Any

import numba
import numpy as np
from numba import types

from aquifer_algos.deeplearning.kernels.codes import (
    ACTIVATION,
    ACTIVE_VALUES,
    ADADELTA,
    LOSS_NUMBER,
    OUTPUTS,
    PITCH,
    RECEIVERS,
)
from aquifer_algos.deeplearning.kernels.exchange import exchange
from aquifer_algos.deeplearning.kernels.inputs import (
    draw_dropout,
    listed_square,
    take_input,
)
from aquifer_algos.deeplearning.kernels.order import mixed, shuffled
from aquifer_algos.deeplearning.kernels.outputs import output_error
from aquifer_algos.deeplearning.kernels.passes import backward, forward
from aquifer_algos.deeplearning.kernels.products import dot, padded_bytes
from aquifer_algos.deeplearning.kernels.rates import schedule
from aquifer_algos.deeplearning.kernels.signature import ARGUMENTS
from aquifer_algos.deeplearning.kernels.vector import ONE, SIZE, get_flag, taken
from aquifer_algos.deeplearning.precision import REAL


@numba.njit(types.int64(*ARGUMENTS, types.int64), nogil=True, cache=True, error_model="numpy")
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
    next_row: Any,
    scratch_memory: Any,
    region: Any,
    counts: Any,
    rates: Any,
    stop: Any,
    reverse: Any,
) -> Any:
    """Train on some of `count` rows from `position` of the random order; return how many were done here.

    Threads share the rows out as they go: each takes `window` of them at a time, `next_row` being the first
    that none has taken, until there are none left or `stop` is set. Weights that are private to this thread
    are exchanged with the shared ones after each window. `region` is the length in bytes of a region of
    scratch memory.
    """
    w, scratch, stop_flag = weights.ctypes.data, scratch_memory.ctypes.data, stop.ctypes.data
    slot = np.int64(len(weights) * SIZE)
    first = state.ctypes.data - w
    second = first + slot
    means = first + slot * np.int64(len(state) - 1)
    is_dense = dense.shape[0] > 0
    rows = np.int64(len(dense) if is_dense else len(indptr) - 1)
    last = len(table) - 1
    output = scratch + table[last, RECEIVERS]
    output_length = padded_bytes(table[last, OUTPUTS])
    momentum = REAL(0.0)
    input_square = REAL(0.0)
    done = np.int64(0)
    while get_flag(stop_flag) == 0:
        at = taken(next_row.ctypes.data, window)
        if at >= count:
            break
        end = min(at + window, count)
        while at < end and get_flag(stop_flag) == 0:
            row = shuffled(position + at, rows, seed)
            key = mixed(seed + mixed(np.uint64(position + at)))
            counts[0, 0] = take_input(
                dense, indptr, indices, values, row, table[0, PITCH], scratch, region, key, input_drop_below
            )
            if is_dense:
                input_square = dot(scratch, scratch, table[0, PITCH])
            else:
                input_square = listed_square(scratch + ACTIVE_VALUES * region, counts[0, 0])
            draw_dropout(table, scratch, region, counts, key)
            forward(table, w, scratch, region, counts)
            weight = row_weights[row] if len(row_weights) > 0 else ONE
            output_error(
                loss, table[last, ACTIVATION], output, region, output_length, dense, indptr, indices, values,
                table[0, PITCH], codes, targets, offsets, row, weight, rule[LOSS_NUMBER],
            )  # fmt: skip
            if kind != ADADELTA:
                momentum = schedule(table, rule, kind, samples_seen + at, rates)
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
            at += 1
            done += 1
        if len(base) > 0:
            exchange(w, base.ctypes.data, shared.ctypes.data, slot)
    return done
