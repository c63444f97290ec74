"""Few different numbers: a table of them, and for each row the number of its entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, Array, ColumnType, as_bits, converted, is_missing
from aquifer_cluster.chunk.packed import CodedChunk


@dataclass(frozen=True, slots=True)
class DictionaryChunk(CodedChunk):
    """`table[code]` for each row; the table ascends, missing is an entry like any other."""

    name: ClassVar[str] = "dictionary"
    title: ClassVar[str] = "Dictionary of numbers"
    table: Array
    type: ColumnType

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """The type of the table."""
        return self.table.dtype

    def fill(self, out: Array, start: int = 0) -> None:
        """Look up."""
        table = np.ascontiguousarray(converted(self.table, out.dtype))
        KERNELS.load().look_up(self.words, self.bits, start, as_bits(table), as_bits(out))

    def tally(self) -> tuple[Array, Array] | None:
        """From the codes, if those are few."""
        counts = self.counts()
        if counts is None:
            return None
        counts = counts[: len(self.table)]
        found = (counts > 0) & ~is_missing(self.table, self.type)
        return self.table[found].astype(np.float64), counts[found]

    @property
    def payload(self) -> int:
        """The size of the table and of the codes."""
        return self.table.nbytes + len(self.data)
