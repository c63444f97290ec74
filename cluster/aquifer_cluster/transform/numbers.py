"""Any column as numbers: the one view that arithmetic, masks and reductions take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, NumberChunk, Values, converted
from aquifer_cluster.node import Block

Floats = NDArray[np.float64]


def numbers(block: Block, column: int) -> Floats:
    """A column of a block as float64: enum codes and times count as numbers, missing is NaN, text all NaN."""
    chunk = block.chunks[column]
    return chunk.numbers() if isinstance(chunk, NumberChunk) else np.full(block.rows, np.nan)


def as_numbers(values: Values, type: ColumnType) -> Floats:
    """Decoded or exact values of any type as float64 with NaN for missing; text has no number."""
    if type.dtype is None:
        return np.full(len(values), np.nan)
    return converted(values, np.dtype(np.float64))
