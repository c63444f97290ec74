"""Mostly one value: which rows hold another, and these others in an encoding of their own.

The rows are marked in a bitmap, or, where they are fewer than a tenth, listed. Either way the marks before
every 1,024 rows are counted, so that a window is found without a look at what is before it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, Array, ColumnType, NumberChunk, as_bits, converted
from aquifer_cluster.chunk.packed import packed, word_count

GROUP_BITS = 10
GROUP = 1 << GROUP_BITS
"""The marked rows before every so many rows are counted ahead: their rank."""
_RANK_BITS = 32 / GROUP


@dataclass(frozen=True, slots=True)
class SparseChunk(NumberChunk):
    """`others`, in order, in the marked rows; `common` (an array of one) everywhere else."""

    common: Array
    marks: bytes
    others: NumberChunk
    rows: int
    type: ColumnType

    @classmethod
    @abstractmethod
    def bits_per_row(cls, density: float) -> float:
        """What the marks take if such a part of the rows is marked."""

    @classmethod
    @abstractmethod
    def mark(cls, marked: Array) -> bytes:
        """The marks of the rows where a boolean array is true."""

    @property
    @abstractmethod
    def marked(self) -> Array:
        """Which rows are marked, as a boolean array."""

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """The type of the common value."""
        return self.common.dtype

    def take(self, rows: Array) -> Self:
        """The `rows` (indices), in that order."""
        marked = self.marked
        taken = marked[rows]
        positions = np.cumsum(marked)[rows[taken]] - 1
        others = self.others.take(positions)
        return replace(self, marks=self.mark(taken), others=others, rows=len(rows))

    def _others(self, first: int, last: int, dtype: np.dtype[Any]) -> Array:
        """Some of the others, and one more entry: kernels may read one too many."""
        others = np.zeros(last - first + 1, dtype)
        self.others.fill(others[:-1], first)
        return others

    @property
    def payload(self) -> int:
        """The size of the marks and of the others."""
        return len(self.marks) + self.others.nbytes


class BitmapChunk(SparseChunk):
    """A bit for each row, and then the counts."""

    __slots__ = ()
    name: ClassVar[str] = "sparse"
    title: ClassVar[str] = "Bitmap of the rows that differ"

    @classmethod
    def bits_per_row(cls, density: float) -> float:
        """One, whatever the density."""
        return 1 + _RANK_BITS

    @classmethod
    def mark(cls, marked: Array) -> bytes:
        """Pack the bits into whole 64-bit words."""
        words = np.zeros((len(marked) + 63) // 64, np.uint64)
        bits = np.packbits(marked, bitorder="little")
        words.view(np.uint8)[: len(bits)] = bits
        return words.tobytes() + _ranks(marked)

    @property
    def marked(self) -> Array:
        """The bits."""
        bits = np.frombuffer(self.marks, np.uint8, (self.rows + 7) // 8)
        return np.unpackbits(bits, count=self.rows, bitorder="little").view(np.bool_)

    def fill(self, out: Array, start: int = 0) -> None:
        """Decode the others of the window, and spread them over it."""
        kernels, words = KERNELS.load(), (self.rows + 63) // 64
        bitmap = np.frombuffer(self.marks, np.uint64, words)
        ranks = np.frombuffer(self.marks, np.uint32, offset=8 * words)
        first, last = kernels.rank(bitmap, ranks, start), kernels.rank(bitmap, ranks, start + len(out))
        common = as_bits(converted(self.common, out.dtype))[0]
        kernels.spread(bitmap, start, as_bits(self._others(first, last, out.dtype)), common, as_bits(out))


class ScatteredChunk(SparseChunk):
    """The position of each marked row within its 1,024 rows, and then the counts."""

    __slots__ = ()
    name: ClassVar[str] = "scattered"
    title: ClassVar[str] = "List of the rows that differ"

    @classmethod
    def bits_per_row(cls, density: float) -> float:
        """Ten for each mark."""
        return GROUP_BITS * density + _RANK_BITS

    @classmethod
    def mark(cls, marked: Array) -> bytes:
        """Pack the positions."""
        return packed(np.flatnonzero(marked) % GROUP, GROUP_BITS) + _ranks(marked)

    @property
    def marked(self) -> Array:
        """True at the positions."""
        marked = np.zeros(self.rows, np.uint32)
        self._scatter(marked, 0, np.ones(self.others.rows + 1, np.uint32), 0)
        return marked.astype(np.bool_)

    def fill(self, out: Array, start: int = 0) -> None:
        """Fill with the common value, then put the others of the window in their places."""
        out[:] = converted(self.common, out.dtype)
        words, ranks = self._lists()
        kernels, stop = KERNELS.load(), start + len(out)
        first, last = (kernels.listed_before(words, ranks, row, self.others.rows) for row in (start, stop))
        if first < last:
            self._scatter(as_bits(out), start, as_bits(self._others(first, last, out.dtype)), first)

    def _lists(self) -> tuple[Array, Array]:
        words = word_count(self.others.rows, GROUP_BITS)
        ranks = np.frombuffer(self.marks, np.uint32, offset=8 * words)
        return np.frombuffer(self.marks, np.uint64, words), ranks

    def _scatter(self, out: Array, start: int, others: Array, first: int) -> None:
        words, ranks = self._lists()
        KERNELS.load().scatter(words, ranks, start, first, others, out)


def _ranks(marked: Array) -> bytes:
    """How many rows are marked before every 1,024 rows."""
    counts = np.add.reduceat(marked, np.arange(0, len(marked), GROUP), dtype=np.uint32)
    ranks = np.zeros(max(1, len(counts)), np.uint32)
    np.cumsum(counts[:-1], out=ranks[1:])
    return ranks.tobytes()
