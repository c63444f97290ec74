"""Few different numbers: a table of them, and for each row the number of its entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, Array, ColumnType, NumberChunk, converted, is_missing
from aquifer_cluster.chunk.packed import Codes

_BITS_OF_SIZE = {4: np.uint32, 8: np.uint64}


def as_bits(values: Array) -> Array:
    """The same memory as unsigned numbers, for kernels that only move values."""
    return values.view(_BITS_OF_SIZE[values.dtype.itemsize])


@dataclass(frozen=True, slots=True)
class DictionaryChunk(NumberChunk):
    """`table[code]` for each row; the table ascends, missing is an entry like any other."""

    name: ClassVar[str] = "dictionary"
    title: ClassVar[str] = "Dictionary of numbers"
    table: Array
    codes: Codes
    type: ColumnType

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return self.codes.rows

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """The type of the table."""
        return self.table.dtype

    def fill(self, out: Array, start: int = 0) -> None:
        """Look up."""
        table = np.ascontiguousarray(converted(self.table, out.dtype))
        codes = self.codes
        KERNELS.load().look_up(codes.words, codes.bits, start, as_bits(table), as_bits(out))

    def tally(self) -> tuple[Array, Array] | None:
        """From the codes."""
        if not self.codes.countable:
            return None
        counts = self.codes.counts()[: len(self.table)]
        found = (counts > 0) & ~is_missing(self.table, self.type)
        return self.table[found].astype(np.float64), counts[found]

    def take(self, rows: Array) -> DictionaryChunk:
        """The `rows` (indices), in that order."""
        return replace(self, codes=self.codes.take(rows))

    @property
    def payload(self) -> int:
        """The size of the table and of the codes."""
        return self.table.nbytes + len(self.codes.data)
