"""A chunk whose rows all hold one value, or are all missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from aquifer_cluster.chunk.base import Chunk, ColumnType, Values


@dataclass(frozen=True, slots=True)
class ConstantChunk(Chunk):
    """One value (kept as an array of one, so that every bit of it stays) for all rows."""

    name: ClassVar[str] = "constant"
    value: np.ndarray[Any, Any]
    type: ColumnType
    rows: int

    @classmethod
    def fit(cls, values: Values, type: ColumnType) -> Self | None:
        """Hold `values` if all have the same bits."""
        if type.dtype is None or len(values) == 0:
            return None
        values = np.asarray(values, type.dtype)
        bits = values.view(np.int32 if type is ColumnType.ENUM else np.int64)
        if bits[0] != bits[-1] or (bits != bits[0]).any():
            return None
        return cls(values[:1].copy(), type, len(values))

    def decode(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop`, all the same."""
        count = len(range(self.rows)[start:stop])
        return np.full(count, self.value[0], self.value.dtype)

    def take(self, rows: np.ndarray[Any, Any]) -> Self:
        """As many rows as are asked for."""
        return replace(self, rows=len(rows))

    @property
    def nbytes(self) -> int:
        """The size of the one value."""
        return self.value.nbytes
