"""What a row begins with: its values at the input units, and the units that dropout leaves it."""

from typing import Any

import numpy as np

from aquifer_algos.deeplearning.kernels.codes import (
    ACTIVATION,
    ACTIVE,
    ACTIVE_VALUES,
    BY_SENDER,
    DROP_BELOW,
    KEPT,
    KEPT_LIST,
    MAXOUT,
    OUTPUTS,
    RECEIVERS,
)
from aquifer_algos.deeplearning.kernels.jit import inline, jit
from aquifer_algos.deeplearning.kernels.products import list_nonzero, padded_bytes
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    ONE,
    SIZE,
    ZERO,
    dropout,
    get_float,
    get_int,
    load_unaligned,
    put_float,
    put_int,
    splat,
    store,
)


@jit()
def draw_dropout(table: Any, scratch: Any, region: Any, counts: Any, key: Any) -> None:
    """For every hidden layer with dropout, which units this row keeps (1 or 0), and their list if needed.

    The layers share their draws, as H2O seems to have it: a unit is dropped in all layers at once, so that
    what a narrow network has left for a row is a whole narrower network. Draws of its own for every layer
    halve the speed at which [32, 32, 32] learns digits.
    """
    for layer in range(len(table) - 1):
        if table[layer, DROP_BELOW] == 0:
            continue
        units = scratch + table[layer, RECEIVERS]
        kept = units + KEPT * region
        below = np.uint64(table[layer, DROP_BELOW])
        length = padded_bytes(table[layer, OUTPUTS])
        channels = 2 if table[layer, ACTIVATION] == MAXOUT else 1
        units_length = length // channels
        for at in range(0, units_length, BLOCK):
            drawn = dropout(splat(ONE), key, table[0, RECEIVERS] + at, below)
            store(kept + at, drawn)
            store(kept + length - units_length + at, drawn)
        if not table[layer, BY_SENDER]:
            listed = units + ACTIVE_VALUES * region
            counts[layer, 1] = list_nonzero(
                kept, kept, table[layer, OUTPUTS], units + KEPT_LIST * region, listed
            )


@jit()
def take_dense_input(row: Any, units: Any, length: Any, key: Any, below: Any) -> None:
    """Copy a row to the input units, dropping some."""
    for at in range(0, length, BLOCK):
        x = load_unaligned(row + at)
        if below != 0:
            x = dropout(x, key, at, below)
        store(units + at, x)


@jit()
def take_sparse_input(
    indices: Any, values: Any, entries: Any, units: Any, region: Any, key: Any, below: Any
) -> Any:
    """List a row's entries as the input's active units, dropping some; return how many."""
    kept = units + KEPT * region
    if below != 0:
        for at in range(0, SIZE * entries, BLOCK):
            store(kept + at, dropout(splat(ONE), key, at, below))
    active, listed = units + ACTIVE * region, units + ACTIVE_VALUES * region
    count = 0
    for entry in range(0, SIZE * entries, SIZE):
        value = get_float(values + entry) * get_float(kept + entry)
        put_int(active + SIZE * count, get_int(indices + entry))
        put_float(listed + SIZE * count, value)
        count += value != ZERO
    return count


@jit()
def listed_square(listed: Any, count: Any) -> Any:
    """The sum of squares of so many listed values."""
    square = ZERO
    for at in range(0, SIZE * count, SIZE):
        value = get_float(listed + at)
        square += value * value
    return square


@inline()
def take_input(
    dense: Any,
    indptr: Any,
    indices: Any,
    values: Any,
    row: Any,
    pitch: Any,
    units: Any,
    region: Any,
    key: Any,
    below: Any,
) -> Any:
    """Take a row of the training matrix to the input units; return how many of them are listed, if sparse."""
    if dense.shape[0] > 0:
        take_dense_input(dense.ctypes.data + row * pitch, units, pitch, key, below)
        return np.int64(0)
    start, stop = indptr[row], indptr[row + 1]
    first_index, first_value = indices.ctypes.data + SIZE * start, values.ctypes.data + SIZE * start
    return take_sparse_input(first_index, first_value, stop - start, units, region, key, below)
