"""`max_w2`: the limit on the sum of the squares of what comes into a unit."""

from typing import Any

import numpy as np

from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.products import dot
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    SIZE,
    ZERO,
    get_int,
    largest,
    load,
    maximum,
    root_of_ratio,
    splat,
    store,
)


@jit()
def limit_row(row: Any, length: Any, limit: Any) -> None:
    """Shrink a row whose sum of squares is above the limit, to it."""
    square = dot(row, row, length)
    if square > limit:
        factor = splat(np.sqrt(limit / square))
        for at in range(row, row + length, BLOCK):
            store(at, load(at) * factor)


@jit()
def limit_rows(w: Any, pitch: Any, indices: Any, count: Any, limit: Any) -> None:
    """The same of the listed rows of a matrix stored by receiver, one for each receiver."""
    for k in range(count):
        limit_row(w + get_int(indices + SIZE * k) * pitch, pitch, limit)


@jit()
def limit_columns(w: Any, pitch: Any, rows: Any, limit: Any) -> None:
    """The same of a matrix stored by sender, where a receiver's weights are a column; goes through all."""
    for at in range(0, pitch, BLOCK):
        squares = splat(ZERO)
        for row in range(w + at, w + at + rows * pitch, pitch):
            squares = squares + load(row) * load(row)
        if largest(squares) > limit:
            bounded = maximum(squares, splat(limit))
            factor = splat(limit) / bounded
            factor = factor * root_of_ratio(bounded, splat(limit))
            for row in range(w + at, w + at + rows * pitch, pitch):
                store(row, load(row) * factor)
