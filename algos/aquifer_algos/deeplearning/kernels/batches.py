"""Training batch by batch: every weight steps once for several rows, along the mean of their gradients."""

from typing import Any

import numba
import numpy as np
from numba import types

from aquifer_algos.deeplearning.kernels.batch_passes import backward_batch, forward_batch
from aquifer_algos.deeplearning.kernels.codes import (
    ACTIVATION,
    ADADELTA,
    LOSS_NUMBER,
    OUTPUTS,
    PITCH,
    RECEIVERS,
)
from aquifer_algos.deeplearning.kernels.exchange import exchange
from aquifer_algos.deeplearning.kernels.inputs import draw_dropout, take_input
from aquifer_algos.deeplearning.kernels.order import mixed, shuffled
from aquifer_algos.deeplearning.kernels.outputs import output_error
from aquifer_algos.deeplearning.kernels.products import padded_bytes
from aquifer_algos.deeplearning.kernels.rates import schedule
from aquifer_algos.deeplearning.kernels.signature import ARGUMENTS
from aquifer_algos.deeplearning.kernels.vector import ONE, SIZE, get_flag, index, real, taken
from aquifer_algos.deeplearning.precision import REAL


@numba.njit(
    types.int64(*ARGUMENTS, types.int64, types.int64[::1], index[::1], real[::1]),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def train_batches(
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
    batch: Any,
    entries: Any,
    slots: Any,
    strip: Any,
) -> Any:
    """`train_rows` in batches of so many rows, the last of what is left; a window is a number of batches.

    entries: room for each row's number of listed inputs; empty if the input is dense. slots, strip: room for
    gradients, see `batch_passes`.
    """
    w, scratch, stop_flag = weights.ctypes.data, scratch_memory.ctypes.data, stop.ctypes.data
    stride = np.int64(len(scratch_memory) // batch * SIZE)
    slot = np.int64(len(weights) * SIZE)
    first = state.ctypes.data - w
    second = first + slot
    means = first + slot * np.int64(len(state) - 1)
    all_rows = np.int64(len(dense) if dense.shape[0] > 0 else len(indptr) - 1)
    last = len(table) - 1
    output, output_length = table[last, RECEIVERS], padded_bytes(table[last, OUTPUTS])
    momentum = REAL(0.0)
    done = np.int64(0)
    while get_flag(stop_flag) == 0:
        at = taken(next_row.ctypes.data, window)
        if at >= count:
            break
        end = min(at + window, count)
        while at < end and get_flag(stop_flag) == 0:
            rows = min(batch, end - at)
            for place in range(rows):
                row = shuffled(position + at + place, all_rows, seed)
                key = mixed(seed + mixed(np.uint64(position + at + place)))
                units = scratch + place * stride
                listed = take_input(
                    dense, indptr, indices, values, row, table[0, PITCH], units, region, key, input_drop_below
                )
                if len(entries) > 0:
                    entries[place] = listed
                draw_dropout(table, units, region, counts, key)
            forward_batch(table, w, scratch, region, stride, rows, entries)
            for place in range(rows):
                row = shuffled(position + at + place, all_rows, seed)
                weight = (row_weights[row] if len(row_weights) > 0 else ONE) / REAL(rows)
                result = scratch + place * stride + output
                output_error(
                    loss, table[last, ACTIVATION], result, region, output_length, dense, indptr, indices,
                    values, table[0, PITCH], codes, targets, offsets, row, weight, rule[LOSS_NUMBER],
                )  # fmt: skip
            if kind != ADADELTA:
                momentum = schedule(table, rule, kind, samples_seen + at, rates)
            backward_batch(
                table, w, first, second, means, scratch, region, stride, rows, entries, slots.ctypes.data,
                strip.ctypes.data, kind, rates, momentum, rule,
            )  # fmt: skip
            at += rows
            done += rows
        if len(base) > 0:
            exchange(w, base.ctypes.data, shared.ctypes.data, slot)
    return done
