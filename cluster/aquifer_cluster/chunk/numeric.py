"""Numbers into chunks: a kernel chooses and makes the smallest encoding, here it becomes a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from aquifer_cluster.chunk.base import (
    Array,
    ColumnType,
    NumberChunk,
    addresses_of,
    converted,
    decoded_dtype,
    missing_value,
)
from aquifer_cluster.chunk.constant import ConstantChunk, shared_value
from aquifer_cluster.chunk.dictionary import DictionaryChunk
from aquifer_cluster.chunk.packed import PackedChunk, shared_scale, word_count
from aquifer_cluster.chunk.plain import Float32Chunk, Float64Chunk, Int64Chunk
from aquifer_cluster.chunk.sparse import BitmapChunk, ScatteredChunk
from aquifer_cluster.compilation import Kernels

KERNELS = Kernels(
    "aquifer_cluster.chunk.choice_kernels", "kernels.py", "base.py", "packed.py", "sparse.py", needed=True
)
_WORD = 8


def encode_numbers(values: Array, type: ColumnType) -> NumberChunk:
    """The smallest encoding of a contiguous float64, int32 or int64 array.

    Exact whole numbers that float64 holds as well become ordinary numbers.
    """
    return encode_columns([values], type)[0]


def encode_columns(columns: Sequence[Array], type: ColumnType) -> list[NumberChunk]:
    """The smallest encoding of each of some contiguous arrays of one length and dtype."""
    dtype, rows = columns[0].dtype, len(columns[0])
    if not rows:
        nothing = np.array([missing_value(decoded_dtype(type))], decoded_dtype(type))
        return [ConstantChunk(nothing, type, 0)] * len(columns)
    kernels, absent = KERNELS.load(), missing_value(dtype)
    wide = [values.astype(np.int64) if dtype == np.int32 else values for values in columns]
    out = np.empty(len(columns) * (2 * rows + 64), np.uint64)  # most of it is never touched
    records = np.empty((len(columns) * kernels.MAX_LEVELS, kernels.RECORD), np.int64)
    first = np.empty(len(columns) + 1, np.int64)
    floats = dtype.kind == "f"
    kernels.encode_columns(addresses_of(wide), rows, floats, 0 if floats else absent, out, records, first)
    starts = first.tolist()
    found = records[: starts[-1]].tolist()
    making, digits = _Making(kernels, out.data.cast("B"), dtype, type), kernels.DIGITS
    return [
        making.chunk(
            iter(found[start:stop]), dtype if not floats and found[start][digits] else decoded_dtype(type)
        )
        for start, stop in pairwise(starts)
    ]


@dataclass(frozen=True, slots=True)
class _Making:
    """What the records of a kernel's `out` mean for columns of arrays of `given` dtype."""

    kernels: ModuleType
    out: memoryview
    given: np.dtype[Any]
    type: ColumnType

    def chunk(self, records: Iterator[list[int]], dtype: np.dtype[Any]) -> NumberChunk:
        """The chunk of the next record, which gives its values back as `dtype`."""
        kind, rows, start, bits, low, spacing, exponent, absent, entries, marks, value, _ = next(records)
        kernels, type = self.kernels, self.type
        if kind == kernels.PACKED:
            scale = shared_scale(low, spacing, exponent, absent % 2**64, type, dtype)
            return PackedChunk(self._bytes(start, _WORD * word_count(rows, bits)), bits, rows, scale)
        if kind in (kernels.BITMAP, kernels.SCATTERED):
            sparse = BitmapChunk if kind == kernels.BITMAP else ScatteredChunk
            common = self._shared(None if absent else value, dtype)
            return sparse(common, self._bytes(start, marks), self.chunk(records, dtype), rows, type)
        if kind in (kernels.CONSTANT, kernels.ALL_MISSING):
            return ConstantChunk(self._shared(value if kind == kernels.CONSTANT else None, dtype), type, rows)
        if kind == kernels.TABLE:
            data = self._bytes(start + entries, _WORD * word_count(rows, bits))
            return DictionaryChunk(data, bits, rows, self._table(start, entries, dtype), type)
        if kind == kernels.PLAIN32:
            return Float32Chunk(self._bytes(start, 4 * rows), type)
        plain = Int64Chunk if dtype.kind == "i" else Float64Chunk
        return plain(self._bytes(start, _WORD * rows), type)

    def _bytes(self, start: int, size: int) -> bytes:
        return self.out[_WORD * start : _WORD * start + size].tobytes()

    def _table(self, start: int, entries: int, dtype: np.dtype[Any]) -> Array:
        words = np.frombuffer(self._bytes(start, _WORD * entries), _wide(self.given))
        return converted(words.astype(self.given, copy=False), dtype)

    def _shared(self, value: int | None, dtype: np.dtype[Any]) -> Array:
        """An array of one value, given by its bits; None is missing."""
        if value is None:
            one = np.array([missing_value(self.given)], self.given)
        else:
            one = np.array([value]).view(_wide(self.given)).astype(self.given)
        return shared_value(one.tobytes(), self.given, dtype)


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type of 64 bits that kernels take for values of `dtype`."""
    return np.dtype(np.float64 if dtype.kind == "f" else np.int64)
