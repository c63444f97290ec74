"""Cutting a stream of text into blocks that end where a record ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.frame import MAX_BLOCK_ROWS
from aquifer_cluster.ingest.dialect import Dialect
from aquifer_cluster.ingest.stream import SourceStream

MAX_RECORD_BYTES = 64 << 20
"""A record (a line, or several if line ends are quoted) that is longer makes the file unreadable."""

NEWLINE = 10
_CARRIAGE_RETURN = 13
BOM = b"\xef\xbb\xbf"
_BEFORE_QUOTE = (NEWLINE, _CARRIAGE_RETURN, ord(" "))

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Positions = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class TextBlock:
    """Whole records of one file: `line` is the number of the first line in it, from 1."""

    data: Bytes
    source: str
    line: int

    @property
    def length(self) -> int:
        """Bytes of text."""
        return len(self.data)


def cut(stream: SourceStream, size: int, dialect: Dialect) -> Iterator[TextBlock]:
    """The stream in blocks of about `size` bytes and at most MAX_BLOCK_ROWS records.

    Raises ParseFailure for a record longer than MAX_RECORD_BYTES.
    """
    text, line, limit = b"", 1, size
    while True:
        text, ended = _filled(stream, text, limit)
        data = np.frombuffer(text, np.uint8)
        end = _block_end(record_ends(data, dialect), size)
        if end == 0 and not ended:
            if len(text) > MAX_RECORD_BYTES:
                reason = f"a record of more than {MAX_RECORD_BYTES >> 20} MB: is a quote left open?"
                raise ParseFailure(stream.source.name, f"line {line:,}", reason)
            limit = 2 * len(text)
            continue
        if ended and end == 0:
            end = len(text)
        if end:
            yield TextBlock(data[:end], stream.source.name, line)
            line += int(np.count_nonzero(data[:end] == NEWLINE))
        text, limit = text[end:], size
        if ended and not text:
            return


def record_ends(data: Bytes, dialect: Dialect) -> Positions:
    """Where records end: the position after each line feed (or, where there is none at all, each carriage
    return) outside quotes.
    """
    newlines = np.flatnonzero(data == NEWLINE)
    if not len(newlines):
        newlines = np.flatnonzero(data == _CARRIAGE_RETURN)
    quotes = np.flatnonzero(data == ord(dialect.quote))
    if len(quotes):
        marks = _structural(quotes, data, dialect)
        newlines = newlines[np.searchsorted(marks, newlines) % 2 == 0]
    return newlines + 1


def _filled(stream: SourceStream, text: bytes, limit: int) -> tuple[bytes, bool]:
    """`text` and what follows, at least `limit` bytes; and whether the stream has ended."""
    pieces, have, ended = [text], len(text), False
    while have < limit and not ended:
        first = stream.consumed == 0
        piece = stream.read()
        pieces.append(piece.removeprefix(BOM) if first else piece)
        have += len(piece)
        ended = not piece
    return b"".join(pieces), ended


def _block_end(ends: Positions, size: int) -> int:
    """The last of the record ends within `size`, or the first beyond it; 0 if there is none."""
    if not len(ends):
        return 0
    records = max(1, int(np.searchsorted(ends, size, "right")))
    return int(ends[min(records, MAX_BLOCK_ROWS) - 1])


def _structural(quotes: Positions, data: Bytes, dialect: Dialect) -> Positions:
    """The quotes that open or close a field, in turn.

    A quote opens a field only at its start. Where that holds for every second one (a doubled quote closes
    and opens again), all are structural; a stray quote within a field needs the walk.
    """
    if dialect.escape is not None:
        quotes = quotes[(quotes == 0) | (data[quotes - 1] != ord(dialect.escape))]
    openers = quotes[::2]
    starters = (*_BEFORE_QUOTE, ord(dialect.separator), ord(dialect.quote))
    if np.isin(data[openers - 1], starters)[openers > 0].all():
        return quotes
    return _walked(quotes, data, dialect)


def _walked(quotes: Positions, data: Bytes, dialect: Dialect) -> Positions:
    starters = {*_BEFORE_QUOTE, ord(dialect.separator)}
    before = data[quotes - 1].tolist()
    marks: list[int] = []
    closed_at = -1
    for position, previous in zip(quotes.tolist(), before, strict=True):
        is_open = len(marks) % 2 == 1
        if is_open or position == 0 or previous in starters or position == closed_at + 1:
            marks.append(position)
            closed_at = position if is_open else -1
    return np.array(marks, np.int64)
