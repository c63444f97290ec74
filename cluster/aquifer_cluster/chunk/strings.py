"""Text, as an Arrow string array."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import Chunk, ColumnType, Values


@dataclass(frozen=True, slots=True)
class StringChunk(Chunk):
    """An Arrow array of strings with its validity bits."""

    name: ClassVar[str] = "strings"
    values: Any
    type: ColumnType

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return len(self.values)

    @classmethod
    def fit(cls, values: Values, type: ColumnType) -> Self | None:
        """Hold strings and uuids."""
        if type.dtype is not None:
            return None
        return cls(pa.concat_arrays([pa.array(values, pa.string())]), type)

    def decode(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop`, sharing the memory of the chunk."""
        return self.values.slice(start, len(range(self.rows)[start:stop]))

    def take(self, rows: np.ndarray[Any, Any]) -> Self:
        """The `rows` (indices), in that order."""
        return replace(self, values=self.values.take(pa.array(rows)))

    @property
    def nbytes(self) -> int:
        """The size of text, offsets and validity bits."""
        return int(self.values.nbytes)
