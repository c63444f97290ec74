"""Numbers as they are: float32 where that is exact, else all 64 bits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from aquifer_cluster.chunk.base import Array, ColumnType, NumberChunk, converted, decoded_dtype


@dataclass(frozen=True, slots=True)
class PlainChunk(NumberChunk):
    """An array of `stored`."""

    stored: ClassVar[np.dtype[Any]]
    data: bytes
    type: ColumnType

    @classmethod
    def of(cls, values: Array, type: ColumnType) -> Self:
        """Hold values that survive as `stored`."""
        return cls(values.astype(cls.stored, copy=False).tobytes(), type)

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return len(self.data) // self.stored.itemsize

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        """Whole numbers stay whole, others are of the type's decoded form."""
        return self.stored if self.stored.kind == "i" else decoded_dtype(self.type)

    def fill(self, out: Array, start: int = 0) -> None:
        """Copy."""
        out[:] = converted(self._values[start : start + len(out)], out.dtype)

    def take(self, rows: Array) -> Self:
        """The `rows` (indices), in that order."""
        return replace(self, data=self._values[rows].tobytes())

    @property
    def payload(self) -> int:
        """The size of the array."""
        return len(self.data)

    @property
    def _values(self) -> Array:
        return np.frombuffer(self.data, self.stored)


class Float32Chunk(PlainChunk):
    """Numbers that all survive as float32."""

    __slots__ = ()
    name: ClassVar[str] = "float32"
    title: ClassVar[str] = "32-bit floating point"
    stored = np.dtype(np.float32)


class Float64Chunk(PlainChunk):
    """Any numbers."""

    __slots__ = ()
    name: ClassVar[str] = "float64"
    title: ClassVar[str] = "64-bit floating point"
    stored = np.dtype(np.float64)


class Int64Chunk(PlainChunk):
    """Times and whole numbers of a range too wide to be packed."""

    __slots__ = ()
    name: ClassVar[str] = "int64"
    title: ClassVar[str] = "64-bit integers"
    stored = np.dtype(np.int64)
