"""Numbers of which each is one of few, as codes of exactly as many bits as they need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, Array, ColumnType, NumberChunk, missing_value

MAX_BITS = 56
_TALLIED_BITS = 12


def word_count(rows: int, bits: int) -> int:
    """The 64-bit words that so many codes take, and the one at the end."""
    return (rows * bits + 63) // 64 + 1


@dataclass(frozen=True, slots=True)
class Codes:
    """Bit-packed unsigned numbers, `bits` wide. Immutable, and a single block of memory."""

    data: bytes
    bits: int
    rows: int

    @property
    def words(self) -> Array:
        """What the kernels read."""
        return np.frombuffer(self.data, np.uint64)

    def take(self, rows: Array) -> Codes:
        """The codes of the `rows` (indices), in that order."""
        words = np.empty(word_count(len(rows), self.bits), np.uint64)
        KERNELS.load().take_packed(self.words, self.bits, np.ascontiguousarray(rows, np.int64), words)
        return Codes(words.tobytes(), self.bits, len(rows))

    def counts(self) -> Array:
        """How often each of the 2^bits codes occurs."""
        counts = np.zeros(1 << self.bits, np.int64)
        KERNELS.load().count_packed(self.words, self.bits, self.rows, counts)
        return counts

    @property
    def countable(self) -> bool:
        """Whether the possible codes are few against the rows, so that counting them is cheap."""
        return self.bits <= _TALLIED_BITS and 1 << self.bits <= 2 * self.rows


@dataclass(frozen=True, slots=True)
class PackedChunk(NumberChunk):
    """(low + step × code) / 10^exponent for each row; the code `absent` stands for missing.

    The quotient is a division, so that it is the nearest float64: the value that a decimal number is read as.
    """

    name: ClassVar[str] = "packed"
    title: ClassVar[str] = "Bit-packed numbers"
    codes: Codes
    low: int
    step: int
    exponent: int
    absent: int
    type: ColumnType
    dtype: np.dtype[Any]

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return self.codes.rows

    def fill(self, out: Array, start: int = 0) -> None:
        """Unpack."""
        codes, kernels = self.codes, KERNELS.load()
        words, bits = codes.words, codes.bits
        if out.dtype.kind == "f":
            power = 10.0**self.exponent
            kernels.unpack_floats(words, bits, start, self.low, self.step, power, self.absent, out)
        else:
            missing = missing_value(out.dtype)
            kernels.unpack_integers(words, bits, start, self.low, self.step, missing, self.absent, out)

    def tally(self) -> tuple[Array, Array] | None:
        """From the codes, if those are few."""
        if not self.codes.countable:
            return None
        counts = self.codes.counts()
        counts[self.absent : self.absent + 1] = 0
        found = np.flatnonzero(counts)
        return (self.low + self.step * found) / 10.0**self.exponent, counts[found]

    def take(self, rows: Array) -> PackedChunk:
        """The `rows` (indices), in that order."""
        return replace(self, codes=self.codes.take(rows))

    @property
    def payload(self) -> int:
        """The size of the codes."""
        return len(self.codes.data)
