"""The choice of an encoding: the first of the table that holds the values exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import Chunk, ColumnType, Values, empty
from aquifer_cluster.chunk.constant import ConstantChunk
from aquifer_cluster.chunk.floats import FloatChunk
from aquifer_cluster.chunk.integers import IntegerChunk
from aquifer_cluster.chunk.strings import StringChunk

ENCODINGS: tuple[type[Chunk], ...] = (ConstantChunk, IntegerChunk, FloatChunk, StringChunk)
"""In order of preference: each is at most as large as those after it."""


def encode(values: Values, type: ColumnType) -> Chunk:
    """Hold decoded `values` in the first encoding that gives them back bit for bit."""
    for encoding in ENCODINGS:
        chunk = encoding.fit(values, type)
        if chunk is not None:
            return chunk
    raise TypeError(f"no encoding holds {values.dtype if hasattr(values, 'dtype') else values} as {type}")


def concatenate(pieces: Sequence[Values], type: ColumnType) -> Values:
    """Join decoded pieces into one."""
    if not pieces:
        return empty(type)
    if type.dtype is None:
        return pa.concat_arrays([piece.cast(pa.string()) for piece in pieces])
    return np.concatenate(pieces)


def take(values: Values, rows: np.ndarray[Any, Any], type: ColumnType) -> Values:
    """The `rows` (indices) of decoded `values`, in that order."""
    return values.take(pa.array(rows)) if type.dtype is None else values[rows]
