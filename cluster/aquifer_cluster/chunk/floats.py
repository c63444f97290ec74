"""Numbers and times as they are: float32 where that is exact, else the full 64 bits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from aquifer_cluster.chunk.base import Chunk, ColumnType, Values


@dataclass(frozen=True, slots=True)
class FloatChunk(Chunk):
    """An array of the decoded form itself, or of float32 where every value survives it."""

    name: ClassVar[str] = "floats"
    values: np.ndarray[Any, Any]
    type: ColumnType

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return len(self.values)

    @classmethod
    def fit(cls, values: Values, type: ColumnType) -> Self | None:
        """Hold any array; narrow numbers to float32 if that loses nothing."""
        if type.dtype is None:
            return None
        values = np.asarray(values, type.dtype)
        if type is ColumnType.NUMERIC:
            values = _narrow(values)
        return cls(values.copy(), type)

    def decode(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop` in the decoded form of the type."""
        return self.values[start:stop].astype(self.type.dtype)

    def take(self, rows: np.ndarray[Any, Any]) -> Self:
        """The `rows` (indices), in that order."""
        return replace(self, values=self.values[rows])

    @property
    def nbytes(self) -> int:
        """The size of the array."""
        return self.values.nbytes


def _narrow(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = values.astype(np.float32)
        same = narrow.astype(np.float64) == values
    return narrow if bool((same | np.isnan(values)).all()) else values
