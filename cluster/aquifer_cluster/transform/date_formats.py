"""Formats of times as text: strptime's (`%Y-%m-%d`) or Joda's (`yyyy-MM-dd`).

A format becomes a regular expression with a group for each field, to be matched against whole columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.errors import InvalidArgument

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CENTURY_PIVOT = 69
"""Two-digit years from here on are of the twentieth century (POSIX)."""


@dataclass(frozen=True)
class Field:
    """A part of a time within a text: what it means, how it is written, and its number, if it has one."""

    name: str
    meaning: str
    pattern: str
    number: Callable[[pa.Array], pa.Array] | None


def _whole(texts: pa.Array) -> pa.Array:
    return pc.cast(pc.utf8_trim_whitespace(texts), pa.int64())


def _short_year(texts: pa.Array) -> pa.Array:
    years = _whole(texts)
    return pc.add(years, pc.if_else(pc.less(years, _CENTURY_PIVOT), 2000, 1900))


def _month_of_name(texts: pa.Array) -> pa.Array:
    first_letters = pc.utf8_slice_codeunits(pc.utf8_lower(texts), 0, 3)
    return pc.add(pc.index_in(first_letters, value_set=pa.array(_MONTHS)), 1)


def _afternoon(texts: pa.Array) -> pa.Array:
    return pc.cast(pc.equal(pc.utf8_lower(texts), "pm"), pa.int64())


def _milliseconds(texts: pa.Array) -> pa.Array:
    return _whole(pc.utf8_slice_codeunits(pc.utf8_rpad(texts, 3, "0"), 0, 3))


def _offset_minutes(texts: pa.Array) -> pa.Array:
    digits = pc.replace_substring_regex(pc.replace_substring(texts, "Z", "+0000"), ":", "")
    hours, minutes = (_whole(pc.utf8_slice_codeunits(digits, start, start + 2)) for start in (1, 3))
    sign = pc.if_else(pc.starts_with(digits, "-"), -1, 1)
    return pc.multiply(sign, pc.add(pc.multiply(hours, 60), minutes))


_NAME_OF_DAY = Field("weekday", "the name of a day, which counts for nothing", r"\pL+\.?", None)
_NAME_OF_MONTH = Field(
    "month", "the name of a month, long or short", rf"(?i:{'|'.join(_MONTHS)})\pL*\.?", _month_of_name
)
_HOUR = Field("hour", "the hour, 0 to 23", r" ?\d{1,2}", _whole)
_HALF_DAY_HOUR = Field("clock_hour", "the hour, 1 to 12", r" ?\d{1,2}", _whole)

FIELDS: dict[str, Field] = {
    "Y": Field("year", "the year", r"[+-]?\d{1,4}", _whole),
    "y": Field("year", "two digits of a year, 1969 to 2068", r"\d{2}", _short_year),
    "m": Field("month", "the month, 1 to 12", r"\d{1,2}", _whole),
    "b": _NAME_OF_MONTH,
    "B": _NAME_OF_MONTH,
    "h": _NAME_OF_MONTH,
    "d": Field("day", "the day of the month", r"\d{1,2}", _whole),
    "e": Field("day", "the day of the month, maybe after a blank", r" ?\d{1,2}", _whole),
    "j": Field("day_of_year", "the day of the year", r"\d{1,3}", _whole),
    "a": _NAME_OF_DAY,
    "A": _NAME_OF_DAY,
    "H": _HOUR,
    "k": _HOUR,
    "I": _HALF_DAY_HOUR,
    "l": _HALF_DAY_HOUR,
    "p": Field("afternoon", "AM or PM", r"(?i:am|pm)", _afternoon),
    "M": Field("minute", "the minute", r"\d{1,2}", _whole),
    "S": Field("second", "the second", r"\d{1,2}", _whole),
    "f": Field("millisecond", "the digits of a fraction of a second", r"\d{1,9}", _milliseconds),
    "z": Field("offset", "the offset from UTC: Z, +0530 or +05:30", r"Z|[+-]\d{2}:?\d{2}", _offset_minutes),
}
"""The codes of strptime that are read; `f` is a fraction of a second, as in Python."""

SHORTHANDS = {
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "c": "%a %b %d %H:%M:%S %Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    "n": "\n",
    "t": "\t",
}

_JODA = {
    "y": "%Y",
    "yy": "%y",
    "M": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "d": "%d",
    "D": "%j",
    "E": "%a",
    "H": "%H",
    "h": "%I",
    "a": "%p",
    "m": "%M",
    "s": "%S",
    "S": "%f",
    "Z": "%z",
}
"""What the letters of Joda's patterns are in strptime's; where a number of them is not named, as one."""

_JODA_TOKEN = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letter>[A-Za-z])(?P=letter)*|[^A-Za-z']+")


@dataclass(frozen=True)
class DateFormat:
    """A format that was understood: its regular expression, and the field of each group."""

    text: str
    pattern: str
    fields: tuple[Field, ...]


@lru_cache(maxsize=64)
def date_format(text: str) -> DateFormat:
    """Understand a format. Raises InvalidArgument naming what is not understood."""
    if not text:
        raise InvalidArgument("format", "it is empty; give one such as %Y-%m-%d")
    spelt = text if "%" in text else _from_joda(text)
    pieces, fields = ["^"], []
    for piece in _pieces(spelt):
        if isinstance(piece, Field):
            fields.append(piece)
            pieces.append(f"(?P<f{len(fields)}>{piece.pattern})")
        else:
            pieces.append(re.escape(piece))
    if not fields:
        raise InvalidArgument("format", f"'{text}' has no field; give one such as %Y-%m-%d")
    return DateFormat(text, "".join([*pieces, "$"]), tuple(fields))


def _from_joda(text: str) -> str:
    spelt = []
    for token in _JODA_TOKEN.finditer(text):
        letter = token["letter"]
        if letter is None:
            quoted = token["quoted"]
            spelt.append(token[0] if quoted is None else quoted.replace("''", "'") or "'")
        elif letter in _JODA:
            spelt.append(_JODA.get(token[0], _JODA[letter]))
        else:
            raise InvalidArgument("format", f"{letter} in '{text}' is not understood; quote it: '{letter}'")
    return "".join(spelt)


def _pieces(text: str) -> Iterator[Field | str]:
    for literal, code in re.findall(r"([^%]+)|%(.?)", text, re.DOTALL):
        if literal or code == "%":
            yield literal or "%"
        elif code in SHORTHANDS:
            yield from _pieces(SHORTHANDS[code])
        elif code in FIELDS:
            yield FIELDS[code]
        else:
            known = " ".join(f"%{known}" for known in [*FIELDS, *SHORTHANDS])
            raise InvalidArgument("format", f"%{code} is not understood; known are {known}")
