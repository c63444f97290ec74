"""What a chunk is: a run of rows of one column, immutable, in some encoding.

Every type has one decoded form, so that missing values have one rule:

    numeric   float64, missing = NaN
    enum      int32 codes into the column's domain, missing = -1
    time      int64 milliseconds since the epoch, missing = the smallest int64
    string    Arrow string array, missing = null
    uuid      Arrow string array, missing = null
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa

Values = Any  # numpy.ndarray or pyarrow.Array: the decoded form of a type
MISSING_TIME = np.iinfo(np.int64).min
MISSING_CODE = -1


class ColumnType(StrEnum):
    """The types a column can have."""

    NUMERIC = "numeric"
    ENUM = "enum"
    TIME = "time"
    STRING = "string"
    UUID = "uuid"

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The numpy type of the decoded form; None for what Arrow holds."""
        return _DTYPES.get(self)


_DTYPES: dict[ColumnType, np.dtype[Any]] = {
    ColumnType.NUMERIC: np.dtype(np.float64),
    ColumnType.ENUM: np.dtype(np.int32),
    ColumnType.TIME: np.dtype(np.int64),
}


class Chunk(ABC):
    """A run of rows of one column. An encoding is a subclass with a `name`.

    An encoding is taken only if `decode()` gives back the values bit for bit.
    """

    name: ClassVar[str]
    type: ColumnType
    rows: int

    @classmethod
    @abstractmethod
    def fit(cls, values: Values, type: ColumnType) -> Self | None:
        """Encode `values`, or None if this encoding cannot hold them exactly."""

    @abstractmethod
    def decode(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop` in the decoded form of the type."""

    def __len__(self) -> int:
        return self.rows

    @abstractmethod
    def take(self, rows: np.ndarray[Any, Any]) -> Self:
        """The `rows` (indices), in that order, in the same encoding: cheaper than to decode and encode."""

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Bytes held in memory, payload only."""


def is_missing(values: Values, type: ColumnType) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the decoded `values` are missing, as a boolean array."""
    if type is ColumnType.NUMERIC:
        return np.asarray(np.isnan(values))
    if type is ColumnType.ENUM:
        return np.asarray(values < 0)
    if type is ColumnType.TIME:
        return np.asarray(values == MISSING_TIME)
    return np.asarray(values.is_null().to_numpy(zero_copy_only=False))


def empty(type: ColumnType) -> Values:
    """No rows of the decoded form of `type`."""
    return pa.array([], pa.string()) if type.dtype is None else np.empty(0, type.dtype)
