"""Cutting text into blocks that end where a record ends.

A plain file of this machine is only looked through: its blocks say where they are, and whoever parses one
reads it. Other sources are read (and decompressed) in one go, and their blocks hold the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Flag
from functools import reduce
from operator import or_
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from pyarrow.fs import LocalFileSystem

from aquifer_cluster.compilation import Kernels
from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.frame import MAX_BLOCK_ROWS
from aquifer_cluster.ingest.dialect import Dialect
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import SourceStream

KERNELS = Kernels("aquifer_cluster.ingest.kernels")

MAX_RECORD_BYTES = 64 << 20
"""A record (a line, or several if line ends are quoted) that is longer makes the file unreadable."""

NEWLINE = 10
_CARRIAGE_RETURN = 13
BOM = b"\xef\xbb\xbf"


class Trait(Flag):
    """What may be peculiar about a text; the numbers are those of the kernel."""

    COMMENTS = 1
    """A line begins with a mark of comments."""
    SPACED = 2
    """A space begins a line or a field."""
    SPACED_QUOTES = 4
    """A space stands beside a quote."""
    DOUBLE_SPACES = 8
    """A space stands beside another, or at the beginning or end of a line."""
    QUOTED = 16
    """It has quotes."""
    NOT_ASCII = 128
    """It has other bytes than ASCII's."""


Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Positions = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class TextBlock:
    """Whole records of one file: `line` is the number of the first line in it, from 1, `offset` its place."""

    data: Bytes
    source: str
    line: int
    offset: int = 0

    @property
    def length(self) -> int:
        """Bytes of text."""
        return len(self.data)

    def after(self, start: int) -> TextBlock:
        """The block without its first `start` bytes, which end a line."""
        lines = int(np.count_nonzero(self.data[:start] == NEWLINE))
        return replace(self, data=self.data[start:], line=self.line + lines, offset=self.offset + start)


@dataclass(frozen=True)
class FileBlock:
    """Where whole records of a plain file are: its bytes from `offset` on, and the number of their line."""

    file: Source
    offset: int
    length: int
    line: int

    @property
    def source(self) -> str:
        """What the user calls the file."""
        return self.file.name

    def loaded(self) -> TextBlock:
        """The block with its text. Raises ParseFailure if the file has become shorter since it was cut."""
        with self.file.open_at(self.offset) as file:
            data = np.frombuffer(file.read_buffer(self.length), np.uint8)
        if len(data) < self.length:
            place = f"at byte {self.offset + len(data):,}"
            raise ParseFailure(self.source, place, "the file became shorter while it was read")
        return TextBlock(data, self.source, self.line, self.offset)


class Text(Protocol):
    """The text of one source, looked at through a window that moves forwards."""

    source: Source

    def at(self, start: int, length: int) -> Bytes:
        """The text from `start` on: `length` bytes, fewer only where it ends."""

    def block(self, block: TextBlock) -> TextBlock | FileBlock:
        """What to send to the node that will parse `block`."""

    def consumed(self, block: TextBlock) -> int:
        """Bytes of the stored file that were read for `block` and those before."""


class FileText:
    """A plain file of this machine. It is read, not mapped: if a mapped one shrinks, the process dies."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._file: pa.NativeFile = source.open_at()
        self._begin = len(BOM) if self._file.read(len(BOM)) == BOM else 0

    def at(self, start: int, length: int) -> Bytes:
        """Read from the file."""
        self._file.seek(self._begin + start)
        return np.frombuffer(self._file.read_buffer(length), np.uint8)

    def block(self, block: TextBlock) -> FileBlock:
        """The place of the block in the file."""
        return FileBlock(self.source, self._begin + block.offset, block.length, block.line)

    def consumed(self, block: TextBlock) -> int:
        """Up to the end of the block."""
        return self._begin + block.offset + block.length


class StreamText:
    """A source that is read in one go; what lies before the window is forgotten."""

    def __init__(self, stream: SourceStream) -> None:
        self.source = stream.source
        self._stream = stream
        self._start = 0
        self._data: Bytes = np.frombuffer(self._first(), np.uint8)

    def at(self, start: int, length: int) -> Bytes:
        """Read on as far as is needed."""
        pieces: list[Any] = [self._data[start - self._start :]]
        have = len(pieces[0])
        while have < length and (piece := self._stream.read()):
            pieces.append(piece)
            have += len(piece)
        self._start = start
        self._data = pieces[0] if len(pieces) == 1 else np.frombuffer(b"".join(pieces), np.uint8)
        return self._data[:length]

    def block(self, block: TextBlock) -> TextBlock:
        """The block itself: nobody else can read it."""
        return block

    def consumed(self, block: TextBlock) -> int:
        """All that was read so far."""
        return self._stream.consumed

    def _first(self) -> bytes:
        text = b""
        while len(text) < len(BOM) and (piece := self._stream.read()):
            text += piece
        return text.removeprefix(BOM)


@contextmanager
def opened(source: Source) -> Iterator[Text]:
    """The text of one table. Raises SourceNotFound, and while it is read ParseFailure for damaged data."""
    with SourceStream(source) as stream:
        if stream.compressed or not isinstance(source.files, LocalFileSystem):
            yield StreamText(stream)
        else:
            yield FileText(source)


def cut(text: Text, size: int, dialect: Dialect) -> Iterator[TextBlock]:
    """The text in blocks of about `size` bytes and at most MAX_BLOCK_ROWS records.

    Raises ParseFailure for a record longer than MAX_RECORD_BYTES.
    """
    start, line, window = 0, 1, size
    while True:
        data = text.at(start, window)
        ended = len(data) < window
        ends = record_ends(data, dialect, MAX_BLOCK_ROWS)
        end = _block_end(ends, size) or (len(data) if ended else 0)
        if end:
            block = TextBlock(data[:end], text.source.name, line, start)
            yield block
            start, line = start + end, block.after(end).line
        elif not ended and len(data) > MAX_RECORD_BYTES:
            reason = f"a record of more than {MAX_RECORD_BYTES >> 20} MB: is a quote left open?"
            raise ParseFailure(text.source.name, f"line {line:,}", reason)
        if ended and end == len(data):
            return
        window = min(size, 2 * end) if len(ends) == MAX_BLOCK_ROWS else max(size, 0 if end else 2 * window)


def record_ends(data: Bytes, dialect: Dialect, most: int | None = None) -> Positions:
    """Where the first `most` records end: the position after each line feed (or, where there is none at all,
    each carriage return) outside quotes.

    A quote opens a field only at its start: after a separator, a line end or a space, or where another has
    just been closed, for a doubled quote is one within the field.
    """
    newline = NEWLINE if _holds(data, NEWLINE) else _CARRIAGE_RETURN
    ends = np.empty(most or int(np.count_nonzero(data == newline)), np.int64)
    escape = -1 if dialect.escape is None else ord(dialect.escape)
    count = KERNELS.load().record_ends(
        data, newline, ord(dialect.separator), ord(dialect.quote), escape, ends
    )
    return ends[:count]


def traits(data: Bytes, dialect: Dialect) -> Trait:
    """What is peculiar about text that begins a line."""
    look, separator, quote = KERNELS.load().traits, ord(dialect.separator), ord(dialect.quote)
    newline = np.uint8(NEWLINE)
    parts = (np.r_[newline, data[:1]], data, np.r_[data[-1:], newline])
    marks = dialect.comments.encode() or b"\0"
    return Trait(reduce(or_, (look(part, separator, quote, mark) for part in parts for mark in marks)))


def _block_end(ends: Positions, size: int) -> int:
    """The last of the record ends within `size`, or the first beyond it; 0 if there is none."""
    if not len(ends):
        return 0
    return int(ends[max(1, int(np.searchsorted(ends, size, "right"))) - 1])


def _holds(data: Bytes, byte: int, looked_at: int = 1 << 16) -> bool:
    """Whether the byte occurs; mostly the beginning tells."""
    return bool((data[:looked_at] == byte).any()) or bool((data[looked_at:] == byte).any())
