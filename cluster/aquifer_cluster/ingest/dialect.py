"""The dialect of a text file: how records and fields are told apart, and whether there is a header."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEPARATORS = (",", "\t", ";", "|", "\x01", " ")
"""Tried in this order."""

NUMBER = r"[+-]?\$?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*%?"
"""What reads as a number: digits with a point and an exponent, a leading $, a trailing %."""

_NUMBER = re.compile(rf"\s*{NUMBER}\s*")
_DATE = re.compile(r"\s*\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}.*)?\s*")
_LINES_LOOKED_AT = 10

csv.field_size_limit(sys.maxsize)  # a record's length is limited where blocks are cut


@dataclass(frozen=True)
class Dialect:
    """The marks of a text file."""

    separator: str
    quote: str = '"'
    escape: str | None = None


def records(text: str, dialect: Dialect) -> Iterator[tuple[list[str], int]]:
    """The fields of each record that is not blank, and the line it begins on, from 0.

    Spaces before a field are left out, as H2O does; those within quotes are kept.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.separator,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        skipinitialspace=True,
    )
    before = 0
    for row in reader:
        if row and dialect.separator == " " and not row[-1]:
            row.pop()  # a space at the end of the line separates nothing
        if row:
            yield row, before
        before = reader.line_num


def tokenize(lines: Sequence[str], dialect: Dialect) -> list[list[str]]:
    """Cut records into fields; blank ones are left out."""
    return [row for row, _ in records("\n".join(lines), dialect) if row != [""]]


def guess_separator(lines: Sequence[str], quote: str) -> str:
    """The separator that cuts the first lines into the same number of fields, more than one.

    If there is none, one that occurs at all; a space for a single column of words, as H2O has it.
    """
    first = lines[:_LINES_LOOKED_AT]
    counts = {mark: [len(row) for row in tokenize(first, Dialect(mark, quote))] for mark in SEPARATORS}
    for mark, fields in counts.items():
        if fields and fields[0] > 1 and fields[0] == fields[min(1, len(fields) - 1)]:
            return mark
    for mark, fields in counts.items():
        if max(fields, default=0) > 1:
            return mark if mark != " " else ","
    return " "


def count_columns(rows: Sequence[Sequence[str]]) -> int:
    """The number of fields that most of the first rows have; the smaller where two are as frequent."""
    frequencies = Counter(len(row) for row in rows[:_LINES_LOOKED_AT])
    return min(frequencies, key=lambda length: (-frequencies[length], length))


def is_number(text: str) -> bool:
    """Whether a field reads as a number."""
    return _NUMBER.fullmatch(text) is not None


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns.

    It does if none of its fields is a number while the row below has a number or a date; a lone row does
    if all of its fields are words.
    """
    if not rows or any(is_number(field) for field in rows[0]):
        return False
    if len(rows) == 1:
        return len(rows[0]) > 1 and all(field.strip() for field in rows[0])
    return any(is_number(field) or _DATE.fullmatch(field) for field in rows[1])
