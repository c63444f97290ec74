"""A chunk whose rows all hold one value, or are all missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from aquifer_cluster.chunk.base import Array, ColumnType, NumberChunk, converted, is_missing


@lru_cache(maxsize=1024)
def shared_value(value: bytes, given: np.dtype[Any], dtype: np.dtype[Any]) -> Array:
    """An array of one value, of which many chunks hold the same: zero, missing, a level."""
    return converted(np.frombuffer(value, given), dtype)


@dataclass(frozen=True, slots=True)
class ConstantChunk(NumberChunk):
    """One value (kept as an array of one, so that every bit of it stays) for all rows."""

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"
    value: Array
    type: ColumnType
    rows: int

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """The type of the value."""
        return self.value.dtype

    def fill(self, out: Array, start: int = 0) -> None:
        """The same everywhere."""
        out[:] = converted(self.value, out.dtype)

    def tally(self) -> tuple[Array, Array]:
        """The value, unless it is missing, as often as there are rows."""
        known = 0 if not self.rows or is_missing(self.value, self.type)[0] else 1
        return self.value[:known].astype(np.float64), np.full(known, self.rows)

    def take(self, rows: Array) -> ConstantChunk:
        """As many rows as are asked for."""
        return replace(self, rows=len(rows))

    @property
    def payload(self) -> int:
        """The size of the one value."""
        return self.value.nbytes
