"""Text: an Arrow string array as it is, or, where words repeat, each word once and its number in each row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import Array, Chunk, ColumnType, NumberChunk, Values

_OFFSET_BYTES = 4


@dataclass(frozen=True, slots=True)
class TextChunk(Chunk):
    """An Arrow array of strings with its validity bits."""

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "Text"
    values: Any
    type: ColumnType

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return len(self.values)

    def exact(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop`, sharing the memory of the chunk."""
        window = range(self.rows)[start:stop]
        return self.values.slice(window.start, len(window))

    def take(self, rows: Array) -> TextChunk:
        """The `rows` (indices), in that order."""
        return replace(self, values=self.values.take(pa.array(rows)))

    @property
    def payload(self) -> int:
        """The size of text, offsets and validity bits."""
        return int(self.values.nbytes)


@dataclass(frozen=True, slots=True)
class WordsChunk(Chunk):
    """`words[code]` for each row; `codes` is a chunk of enum codes, missing where the text is."""

    name: ClassVar[str] = "words"
    title: ClassVar[str] = "Dictionary of words"
    words: Any
    codes: NumberChunk
    type: ColumnType

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return self.codes.rows

    def exact(self, start: int = 0, stop: int | None = None) -> Values:
        """The words of rows `start:stop`."""
        codes = self.codes.decode(start, stop)
        return self.words.take(pa.array(codes, mask=codes < 0))

    def take(self, rows: Array) -> Chunk:
        """The `rows` (indices), in that order."""
        return replace(self, codes=self.codes.take(rows))

    @property
    def payload(self) -> int:
        """The size of the words and of their numbers."""
        return int(self.words.nbytes) + self.codes.nbytes


def text_bytes(values: Values) -> int:
    """The size of an Arrow string array without its validity bits."""
    if not len(values):
        return 0
    offsets = offsets_of(values)
    return int(offsets[-1] - offsets[0]) + _OFFSET_BYTES * len(values)


def offsets_of(values: Values) -> Array:
    """Where each string of an Arrow array begins in its text, and where the last ends: int32 (rows + 1,)."""
    every = np.frombuffer(values.buffers()[1], np.int32)
    return every[values.offset : values.offset + len(values) + 1]
