"""Universally unique identifiers, as their 128 bits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import KERNELS, Array, Chunk, ColumnType, Values, is_missing
from aquifer_cluster.chunk.strings import offsets_of

_BYTES, _CHARACTERS = 16, 36


@dataclass(frozen=True, slots=True)
class IdentifierChunk(Chunk):
    """16 bytes for each row; `missing` has a bit for each, or nothing if none is. Letters are of one case."""

    name: ClassVar[str] = "uuid"
    title: ClassVar[str] = "128-bit identifiers"
    data: bytes
    missing: bytes
    upper: bool
    type: ColumnType

    @classmethod
    def fit(cls, values: Values, type: ColumnType) -> Self | None:
        """Hold an Arrow array of strings if all are identifiers, written in one case with four hyphens."""
        missing = is_missing(values, type)
        if not len(values) or missing.all():
            return None
        text, offsets = np.frombuffer(values.buffers()[2], np.uint8), offsets_of(values)
        packed = np.zeros(_BYTES * len(values), np.uint8)
        for letter in "aA":
            if KERNELS.load().pack_identifiers(text, offsets, missing.view(np.uint8), ord(letter), packed):
                bits = np.packbits(missing, bitorder="little").tobytes() if missing.any() else b""
                return cls(packed.tobytes(), bits, letter == "A", type)
        return None

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return len(self.data) // _BYTES

    def exact(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop`, written out."""
        window = range(self.rows)[start:stop]
        packed = np.frombuffer(self.data, np.uint8)[_BYTES * window.start : _BYTES * window.stop]
        missing = self._missing()[window.start : window.stop]
        offsets, text = np.empty(len(window) + 1, np.int32), np.empty(_CHARACTERS * len(window), np.uint8)
        letter = ord("A" if self.upper else "a")
        length = KERNELS.load().unpack_identifiers(packed, missing.view(np.uint8), letter, offsets, text)
        known = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
        buffers = [known, pa.py_buffer(offsets), pa.py_buffer(text[:length])]
        return pa.Array.from_buffers(pa.string(), len(window), buffers)

    def take(self, rows: Array) -> Chunk:
        """The `rows` (indices), in that order."""
        data = np.frombuffer(self.data, np.uint8).reshape(-1, _BYTES)[rows].tobytes()
        missing = np.packbits(self._missing()[rows], bitorder="little").tobytes() if self.missing else b""
        return replace(self, data=data, missing=missing)

    def _missing(self) -> Array:
        if not self.missing:
            return np.zeros(self.rows, np.bool_)
        bits = np.frombuffer(self.missing, np.uint8)
        return np.unpackbits(bits, count=self.rows, bitorder="little").view(np.bool_)

    @property
    def payload(self) -> int:
        """The size of the bits."""
        return len(self.data) + len(self.missing)
