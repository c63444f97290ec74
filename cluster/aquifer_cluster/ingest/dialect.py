"""The dialect of a text file: its separator, and whether its first line is a header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

SEPARATORS = (",", "\t", ";", "|", "\x01", " ")
"""Tried in this order."""

NUMBER = r"\s*[+-]?\$?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*%?\s*"
"""What reads as a number: digits with a point and an exponent, a leading $, a trailing %."""

_NUMBER = re.compile(NUMBER)


def guess_separator(lines: Sequence[str], quote: str) -> str:
    """The separator that cuts the first lines into the same number of fields, more than one.

    If there is none, the first that occurs in the first line; a space for a single column, as H2O has it.
    """
    counts = {mark: [len(row) for row in tokenize(lines, mark, quote)] for mark in SEPARATORS}
    for mark in SEPARATORS:
        fields = counts[mark]
        if fields and fields[0] > 1 and len(set(fields[:2])) == 1:
            return mark
    for mark in SEPARATORS:
        if any(count > 1 for count in counts[mark]):
            return mark if mark != " " else ","
    return " "


def tokenize(lines: Sequence[str], separator: str, quote: str, escape: str | None = None) -> list[list[str]]:
    """Cut lines into fields; blank lines are left out."""
    rows = csv.reader(lines, delimiter=separator, quotechar=quote, escapechar=escape)
    return [row for row in rows if row and row != [""]]


def is_number(text: str) -> bool:
    """Whether a field reads as a number."""
    return _NUMBER.fullmatch(text) is not None


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns.

    It does if none of its fields is a number while the row below has one; a lone row does if all of its
    fields are words.
    """
    if not rows or any(is_number(field) for field in rows[0]):
        return False
    if len(rows) == 1:
        return len(rows[0]) > 1 and all(field.strip() for field in rows[0])
    return any(is_number(field) for field in rows[1])
