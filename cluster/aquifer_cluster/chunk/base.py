"""What a chunk is: a run of rows of one column, immutable, in some encoding.

Every type has one decoded form, so that missing values have one rule:

    numeric   float64, missing = NaN
    enum      int32 codes into the column's domain, missing = -1
    time      int64 milliseconds since the epoch, missing = the smallest int64
    string    Arrow string array, missing = null
    uuid      Arrow string array, missing = null

Whole numbers beyond 2^53, which float64 does not hold, have an exact form as well: int64, missing = the
smallest int64. `encode` takes numbers in either form, and a chunk that was made of int64 values beyond 2^53
gives them back by `exact()`; its `decode()` is the nearest float64. What computes takes `decode()`; what
moves, shows or exports rows takes `exact()`, which is `decode()` wherever nothing is lost by it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

import numpy as np
import pyarrow as pa

from aquifer_cluster.compilation import Kernels

Values: TypeAlias = Any  # numpy.ndarray or pyarrow.Array: the decoded form of a type
Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

MISSING_TIME = np.iinfo(np.int64).min
MISSING_CODE = -1
EXACT = 2**53
"""Up to here float64 holds all whole numbers."""
_BITS_OF_SIZE = {4: np.uint32, 8: np.uint64}

KERNELS = Kernels("aquifer_cluster.chunk.kernels", "base.py", "sparse.py", needed=True)
OBJECT_BYTES = 112
"""What Python's objects around a chunk's payload take, about: so much is counted for every chunk."""


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
    """A run of rows of one column. An encoding is a subclass with a `name` and, for people, a `title`.

    Whatever the encoding, `exact()` gives back the values that it was made of, bit for bit.
    """

    __slots__ = ()

    name: ClassVar[str]
    title: ClassVar[str]
    type: ColumnType
    rows: int

    @abstractmethod
    def exact(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop` without loss: int64 for whole numbers beyond 2^53, else the decoded form."""

    def decode(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop` in the decoded form of the type."""
        return self.exact(start, stop)

    def __len__(self) -> int:
        return self.rows

    @abstractmethod
    def take(self, rows: Array) -> Chunk:
        """The `rows` (indices), in that order, in the same encoding: cheaper than to decode and encode."""

    @property
    @abstractmethod
    def payload(self) -> int:
        """Bytes of the encoded values."""

    @property
    def nbytes(self) -> int:
        """Bytes held in memory: the payload, and about what Python's objects around it take."""
        return self.payload + OBJECT_BYTES


class NumberChunk(Chunk):
    """A chunk of numbers, enum codes or times: what can be written into an array.

    `dtype` is that of the exact form.
    """

    __slots__ = ()

    dtype: np.dtype[Any]

    @abstractmethod
    def fill(self, out: Array, start: int = 0) -> None:
        """Write the `len(out)` rows from `start` on into `out` without a copy between.

        out: contiguous; of the chunk's `dtype`, or float32 or float64: then enum codes and times count as
        numbers, and missing ones are NaN.
        """

    @abstractmethod
    def take(self, rows: Array) -> NumberChunk:
        """The `rows` (indices), in that order."""

    def tally(self) -> tuple[Array, Array] | None:
        """The different known values as float64, ascending, and how often each occurs; None if dear."""
        return None

    def exact(self, start: int = 0, stop: int | None = None) -> Array:
        """Rows `start:stop` as `dtype`."""
        return self._filled(self.dtype, start, stop)

    def decode(self, start: int = 0, stop: int | None = None) -> Array:
        """Rows `start:stop` in the decoded form of the type."""
        return self._filled(decoded_dtype(self.type), start, stop)

    def numbers(self, start: int = 0, stop: int | None = None) -> Array:
        """Rows `start:stop` as float64: enum codes and times count as numbers, NaN where missing."""
        return self._filled(np.dtype(np.float64), start, stop)

    def _filled(self, dtype: np.dtype[Any], start: int, stop: int | None) -> Array:
        window = range(self.rows)[start:stop]
        out = np.empty(len(window), dtype)
        self.fill(out, window.start)
        return out


def decoded_dtype(type: ColumnType) -> np.dtype[Any]:
    """The numpy type of the decoded form of a type that has one."""
    dtype = type.dtype
    assert dtype is not None, f"{type} is held by Arrow"
    return dtype


def missing_value(dtype: np.dtype[Any]) -> float | int:
    """What stands for missing in an array: of numbers, enum codes, or times and exact whole numbers."""
    if dtype.kind == "f":
        return np.nan
    return MISSING_CODE if dtype == np.int32 else MISSING_TIME


def is_floats(values: Values) -> bool:
    """Whether values are numbers in the decoded form."""
    return isinstance(values, np.ndarray) and values.dtype == np.float64


def addresses_of(columns: Sequence[Array]) -> Array:
    """Where contiguous arrays begin in memory, for kernels; they must be kept as long as one reads them."""
    return np.array([values.__array_interface__["data"][0] for values in columns], np.int64)


def is_missing(values: Values, type: ColumnType) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the decoded or exact `values` are missing, as a boolean array."""
    if type.dtype is None:
        return np.asarray(values.is_null().to_numpy(zero_copy_only=False))
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    return np.asarray(values < 0 if type is ColumnType.ENUM else values == MISSING_TIME)


def converted(values: Array, dtype: np.dtype[Any]) -> Array:
    """Exact or decoded values as another type that a chunk can be written as; as they are if they have it."""
    if values.dtype == dtype or values.dtype.kind == "f":
        with np.errstate(all="ignore"):
            return values.astype(dtype, copy=False)
    found: Array = values.astype(dtype)
    if dtype.kind == "f":
        found[values == missing_value(values.dtype)] = np.nan
    return found


def as_bits(values: Array) -> Array:
    """The same memory as unsigned numbers, for kernels that only move values."""
    return values.view(_BITS_OF_SIZE[values.dtype.itemsize])


def empty(type: ColumnType) -> Values:
    """No rows of the decoded form of `type`."""
    return pa.array([], pa.string()) if type.dtype is None else np.empty(0, type.dtype)
