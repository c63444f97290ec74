"""Numbers of which each is one of few, as codes of exactly as many bits as they need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, MISSING_TIME, Array, ColumnType, NumberChunk, missing_value

NO_CODE = 2**64 - 1
"""Stands for missing where nothing is."""
_TALLIED_BITS = 12


def word_count(rows: int, bits: int) -> int:
    """The 64-bit words that so many codes take, and the one at the end."""
    return (rows * bits + 63) // 64 + 1


def packed(codes: Array, bits: int) -> bytes:
    """Whole numbers from 0 on, each in so many bits."""
    words = np.empty(word_count(len(codes), bits), np.uint64)
    whole = codes.astype(np.int64, copy=False)
    KERNELS.load().pack_integers(whole, MISSING_TIME, 0, 1, bits, NO_CODE, words)
    return words.tobytes()


@dataclass(frozen=True, slots=True)
class CodedChunk(NumberChunk):
    """A code of `bits` bits for each row, all of them in one block of memory."""

    data: bytes
    bits: int
    rows: int

    @property
    def words(self) -> Array:
        """What the kernels read."""
        return np.frombuffer(self.data, np.uint64)

    def counts(self) -> Array | None:
        """How often each of the 2^bits codes occurs; None if they are too many to be counted cheaply."""
        if self.bits > _TALLIED_BITS or 1 << self.bits > 2 * self.rows:
            return None
        counts = np.zeros(1 << self.bits, np.int64)
        KERNELS.load().count_packed(self.words, self.bits, self.rows, counts)
        return counts

    def take(self, rows: Array) -> Self:
        """The `rows` (indices), in that order."""
        words = np.empty(word_count(len(rows), self.bits), np.uint64)
        KERNELS.load().take_packed(self.words, self.bits, np.ascontiguousarray(rows, np.int64), words)
        return replace(self, data=words.tobytes(), rows=len(rows))

    @property
    def payload(self) -> int:
        """The size of the codes."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Scale:
    """What codes mean: (low + step × code) / 10^exponent; `absent` is the code for missing.

    The quotient is a division, so that it is the nearest float64: the value that a decimal number is read as.
    """

    low: int
    step: int
    exponent: int
    absent: int
    type: ColumnType
    dtype: np.dtype[Any]

    @property
    def power(self) -> float:
        """10^exponent."""
        return float(10**self.exponent)


shared_scale = lru_cache(maxsize=4096)(Scale)
"""Most chunks of a column, and many columns, have the same."""


@dataclass(frozen=True, slots=True)
class PackedChunk(CodedChunk):
    """Numbers by a scale."""

    name: ClassVar[str] = "packed"
    title: ClassVar[str] = "Bit-packed numbers"
    scale: Scale

    @property
    def type(self) -> ColumnType:  # type: ignore[override]
        """The type of the column."""
        return self.scale.type

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """The type of the exact form."""
        return self.scale.dtype

    def fill(self, out: Array, start: int = 0) -> None:
        """Unpack."""
        scale, kernels = self.scale, KERNELS.load()
        low, step, absent = scale.low, scale.step, scale.absent
        if out.dtype.kind == "f":
            kernels.unpack_floats(self.words, self.bits, start, low, step, scale.power, absent, out)
        else:
            missing = missing_value(out.dtype)
            kernels.unpack_integers(self.words, self.bits, start, low, step, missing, absent, out)

    def tally(self) -> tuple[Array, Array] | None:
        """From the codes, if those are few."""
        counts, scale = self.counts(), self.scale
        if counts is None:
            return None
        counts[scale.absent : scale.absent + 1] = 0
        found = np.flatnonzero(counts)
        return (scale.low + scale.step * found) / scale.power, counts[found]
