"""The dialect of a text file: how records and fields are told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SEPARATORS = ("\x01", ",", ";", "|", "\t", " ")
"""In the order in which they are preferred."""

NUMBER = r"(?:[+-]?\$?|\$[+-])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*%?"
"""What reads as a number: a sign, $, digits with a point and an exponent, a trailing %."""

COMMENT_MARKERS = "#"
"""A line that begins with one of these holds no data, unless the user names other marks."""

_LINES_LOOKED_AT = 10


@dataclass(frozen=True)
class Dialect:
    """The marks of a text file; lines that begin with one of `comments` hold no data."""

    separator: str
    quote: str = '"'
    escape: str | None = None
    comments: str = COMMENT_MARKERS


def records(text: str, dialect: Dialect) -> Iterator[tuple[list[str | None], int]]:
    """The fields of each record that is not blank, and the line it begins on, from 0.

    Spaces before a field are left out, as H2O does; those within quotes are kept. Nothing at all is None,
    a quoted nothing an empty text.
    """
    row: list[str | None] = []
    line = begun = start = 0
    for field, mark, end in _fields(text, dialect):
        row.append(field)
        if mark == dialect.separator:
            continue
        if dialect.separator == " " and row[-1] is None:
            row.pop()  # a space at the end of the line separates nothing
        if row and row != [None]:
            yield row, begun
        line += _line_ends(text, start, end)
        row, begun, start = [], line, end


def tokenize(lines: Sequence[str], dialect: Dialect) -> list[list[str]]:
    """Cut records into fields, missing ones as empty text; blank records are left out."""
    found = (row for row, _ in records("\n".join(lines), dialect))
    return [[field or "" for field in row] for row in found]


def count_fields(record: str, dialect: Dialect, limit: int) -> int:
    """The number of fields of a record; counting stops beyond `limit`."""
    count = 0
    for count, (_, mark, _) in enumerate(_fields(record, dialect), 1):
        if mark != dialect.separator or count > limit:
            break
    return count


def guess_separator(lines: Sequence[str], quote: str) -> str:
    """The separator of the first lines, as H2O finds it: one that two of them have equally often.

    If there is none, a space for a single column of words, and a comma where the words have spaces.
    """
    if len(lines) == 1:
        return next((mark for mark in ", " if len(tokenize(lines, Dialect(mark, quote))[0]) > 1), " ")
    pairs = [(0, 1), (1, 2), (0, 2)] if len(lines) > 2 else [(0, 1)]
    for first, second in pairs:
        if found := _common_separator(lines[first], lines[second], quote):
            return found
    fields = [len(row) for row in tokenize(lines[:_LINES_LOOKED_AT], Dialect(" ", quote))]
    return "," if fields and fields[0] == 1 and max(fields) > 1 else " "


def count_columns(rows: Sequence[Sequence[str]]) -> int:
    """The number of fields of the first row if none is longer; else that which most of the rows have.

    Where two are as frequent, the smaller.
    """
    lengths = [len(row) for row in rows[:_LINES_LOOKED_AT]]
    if lengths[0] == max(lengths):
        return lengths[0]
    frequencies = Counter(lengths)
    return min(frequencies, key=lambda length: (-frequencies[length], length))


def _fields(text: str, dialect: Dialect) -> Iterator[tuple[str | None, str, int]]:
    """Each field, the mark that ends it (a separator, a line end or nothing) and the position after that."""
    escaped = re.compile(re.escape(dialect.escape) + "(.)", re.S) if dialect.escape else None
    for found in _field_pattern(dialect).finditer(text):
        if found.start() == len(text) and (not text or text[-1] != dialect.separator):
            return
        quoted, after, plain, mark = found.groups()
        field = plain or None
        if quoted is not None:
            field = quoted.replace(dialect.quote * 2, dialect.quote) + after.rstrip(" ")
        if escaped and field:
            field = escaped.sub(r"\1", field)
        yield field, mark, found.end()


@lru_cache
def _field_pattern(dialect: Dialect) -> re.Pattern[str]:
    """Matches one field with the mark after it: quoted text, what follows the quotes, or plain text."""
    quote, separator = re.escape(dialect.quote), re.escape(dialect.separator)
    escape = re.escape(dialect.escape) if dialect.escape else ""
    escaped = f"|{escape}." if escape else ""
    blank = "[ ]*" if dialect.separator in " \t" else "[ \t]*"
    inside = f"(?:[^{quote}{escape}]|{quote}{quote}{escaped})*"
    rest = f"(?:[^{separator}\r\n{escape}]{escaped})*"
    return re.compile(
        rf"{blank}(?:{quote}({inside})(?:{quote}|\Z)({rest})|({rest}))({separator}|\r\n?|\n|\Z)", re.S
    )


def _line_ends(text: str, start: int, end: int) -> int:
    return max(text.count("\n", start, end), text.count("\r", start, end))


def _common_separator(first: str, second: str, quote: str) -> str | None:
    """The separator that cuts both lines into the same number of fields, as H2O chooses it."""
    counts = [_outside_quotes(line, quote) for line in (first, second)]
    most = SEPARATORS[0]
    for mark in SEPARATORS:
        here, there = counts[0].count(mark), counts[1].count(mark)
        if here > counts[0].count(most):
            most = mark
        nearly_most = here >= counts[0].count(most) // 2
        if here and here == there and nearly_most and _cuts((first, second), mark, quote):
            return mark
    usable = most != " " and counts[0].count(most) and _cuts((first, second), most, quote)
    return most if usable else None


def _outside_quotes(line: str, quote: str) -> str:
    return "".join(line.split(quote)[::2])


def _cuts(lines: Sequence[str], mark: str, quote: str) -> bool:
    """Whether a separator gives each line one field more than it occurs there."""
    return all(
        len(row) == _outside_quotes(line, quote).count(mark) + 1
        for line, row in zip(lines, tokenize(lines, Dialect(mark, quote)), strict=False)
    )
