"""Any column as numbers: the one view that arithmetic, masks and reductions take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.node import Block

Floats = NDArray[np.float64]


def numbers(block: Block, column: int) -> Floats:
    """A column of a block as float64: enum codes and times count as numbers, missing is NaN, text all NaN."""
    return as_numbers(block.decode(column), block.chunks[column].type)


def as_numbers(values: Values, type: ColumnType) -> Floats:
    """Decoded values of any type as float64 with NaN for missing; text has no number."""
    if type is ColumnType.NUMERIC:
        return np.asarray(values, np.float64)
    if type.dtype is None:
        return np.full(len(values), np.nan)
    missing = is_missing(values, type)
    found: Floats = values.astype(np.float64)
    found[missing] = np.nan
    return found
