"""Mostly one value: a bitmap of the rows that hold another, and these others in an encoding of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, Array, ColumnType, NumberChunk, converted
from aquifer_cluster.chunk.dictionary import as_bits

BITS_PER_ROW = 1 + 32 / 1024
"""The bitmap, and a count before every 1,024 rows of it, by which a window is found."""


def bitmap_for(rows: int) -> tuple[Array, Array]:
    """An unwritten bitmap for so many rows, and its counts."""
    words = (rows + 63) // 64
    return np.empty(words, np.uint64), np.empty((words + 15) // 16, np.uint32)


@dataclass(frozen=True, slots=True)
class SparseChunk(NumberChunk):
    """`others` in order where the bitmap has a mark, `common` (an array of one) everywhere else."""

    name: ClassVar[str] = "sparse"
    title: ClassVar[str] = "Bitmap of the rows that are not the common value"
    common: Array
    bitmap: bytes
    ranks: bytes
    others: NumberChunk
    rows: int
    type: ColumnType

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """The type of the common value."""
        return self.common.dtype

    def fill(self, out: Array, start: int = 0) -> None:
        """Decode the others of the window, and spread them over it."""
        if not len(out):
            return
        kernels, bitmap = KERNELS.load(), np.frombuffer(self.bitmap, np.uint64)
        ranks = np.frombuffer(self.ranks, np.uint32)
        first, last = kernels.rank(bitmap, ranks, start), kernels.rank(bitmap, ranks, start + len(out))
        others = np.zeros(last - first + 1, out.dtype)
        self.others.fill(others[:-1], first)
        common = as_bits(converted(self.common, out.dtype))[0]
        kernels.spread(bitmap, start, as_bits(others), common, as_bits(out))

    def take(self, rows: Array) -> SparseChunk:
        """The `rows` (indices), in that order."""
        bitmap, ranks = bitmap_for(len(rows))
        positions = np.empty(len(rows), np.int64)
        source = np.frombuffer(self.bitmap, np.uint64)
        wanted = np.ascontiguousarray(rows, np.int64)
        count = KERNELS.load().take_marked(source, wanted, bitmap, ranks, positions)
        others = self.others.take(positions[:count])
        return SparseChunk(self.common, bitmap.tobytes(), ranks.tobytes(), others, len(rows), self.type)

    @property
    def payload(self) -> int:
        """The size of the bitmap with its counts, and of the others."""
        return self.common.nbytes + len(self.bitmap) + len(self.ranks) + self.others.nbytes
