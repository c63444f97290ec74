"""Reading times: the forms in which people and machines write them, and the milliseconds they mean.

A form is a regular expression with named groups. The ones that are guessed are those that H2O knows; the
others are read too in a column that was said to hold times.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.time_zones import to_local, to_utc

UTC = "UTC"

_MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_ABBREVIATIONS = [month[:3] for month in _MONTHS]
_NAME = f"(?i:(?P<name>{'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in _MONTHS)}))"
_YEAR, _ANY_YEAR = r"(?P<year>\d{4})", r"(?P<year>\d{4}|\d{2})"
_MONTH, _DAY = r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_SECONDS = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{1,2})[:.](?P<second>\d{1,2})"
_HALF = r" ?(?P<half>[AP]M)?"
_CLOCK = rf"{_SECONDS}(?:[:.](?P<fraction>\d*))?{_HALF}"
_ISO_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
_OFFSET = r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?"

_CENTURY_TURNS = 69
"""Years of two digits from here on are of 1900, those before it of 2000 (POSIX)."""

_LATEST = 2.0**62
"""Milliseconds beyond this are none: they would not leave room to count on."""

_FEW = 10
"""How many texts tell what to try first: Arrow is slow to refuse all of a column."""

_MINUTE = 60_000
_LENGTHS = {"hour": 60 * _MINUTE, "minute": _MINUTE, "second": 1000, "fraction": 1}

Milliseconds = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class _Form:
    """One way to write a time. What a group does not give is that of 1970-01-01 00:00:00."""

    pattern: str
    guessed: bool = True
    dated: bool = True


_FORMS = (
    _Form(rf"{_YEAR}-{_MONTH}(?:-{_DAY}(?: +{_CLOCK})?)?"),  # 2020-01-31 10:11:12.345
    _Form(rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})-{_CLOCK}"),  # 20200131-10:11:12
    _Form(rf"(?:{_DAY}-?)?{_NAME}-?{_ANY_YEAR}(?:(?: +:?|:){_CLOCK})?"),  # 31-Jan-20 10:11:12, Jan-2020
    _Form(rf"(?P<year>\d{{2}})-{_NAME}"),  # 20-Jan
    _Form(rf"{_MONTH}/{_DAY}/{_ANY_YEAR}(?:(?: +:?|:){_CLOCK})?"),  # 1/31/2020 10:11:12 AM
    _Form(rf"{_MONTH}-{_DAY}-{_ANY_YEAR}(?:(?: +:?|:){_CLOCK})?"),  # 1-31-2020
    _Form(rf"{_SECONDS}{_HALF}", dated=False),  # 10:11:12 PM
    _Form(rf"(?P<hour>\d{{1,2}}):{_CLOCK.partition('[:.]')[2]}", dated=False),  # 10:11:12.345, no IP address
    _Form(rf"{_YEAR}-?{_MONTH}-?{_DAY}[T ]{_ISO_CLOCK}{_OFFSET}", guessed=False),  # 2020-01-31T10:11:12+01:00
    _Form(rf"{_YEAR}[/.]{_MONTH}[/.]{_DAY}(?:[T ]{_ISO_CLOCK}{_OFFSET})?", guessed=False),  # 2020/01/31
)

_BEGINNING = rf"^ *(?:\d|(?i:{'|'.join(_ABBREVIATIONS)}))"
"""How every guessed form begins: most texts that are no times are told by it."""


def read_times(text: pa.Array, zone: str = UTC) -> Milliseconds:
    """Milliseconds since the epoch of texts, which are local times of `zone` unless they name an offset.

    A time without a date is one of 1970-01-01 in UTC, a number is milliseconds already. What is none of
    these, no day of the calendar, or an hour that the zone's clocks left out, is missing.
    """
    with suppress(pa.ArrowInvalid):
        return read_iso_times(text, zone)
    different = text.dictionary_encode()
    times = _read_forms(pc.utf8_upper(different.dictionary), _FORMS, zone)
    times = _or_numbers(times, different.dictionary)
    return np.asarray(np.append(times, MISSING_TIME)[different.indices.fill_null(-1).to_numpy()])


def read_iso_times(text: pa.Array, zone: str = UTC) -> Milliseconds:
    """As `read_times`, of texts that are all in the form of ISO 8601, without offsets.

    Raises pyarrow.ArrowInvalid, mostly at once, if they are not.
    """
    text.slice(0, _FEW).cast(pa.timestamp("us"))
    return _to_utc(_whole_milliseconds(text.cast(pa.timestamp("us"))), zone)


def are_times(text: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which texts are times in a form that H2O guesses."""
    forms = tuple(form for form in _FORMS if form.guessed)
    found = pc.fill_null(pc.match_substring_regex(text, _BEGINNING), False).to_numpy(zero_copy_only=False)
    found[found] = _read_forms(text.filter(pa.array(found)), forms, UTC) != MISSING_TIME
    return np.asarray(found)


def _read_forms(text: pa.Array, forms: tuple[_Form, ...], zone: str) -> Milliseconds:
    times = np.full(len(text), MISSING_TIME, np.int64)
    text, rows = pc.utf8_trim(text, " "), np.arange(len(text))
    few = text.slice(0, _FEW)  # most columns are of one form: that of their first texts is tried first
    for form in sorted(forms, key=lambda form: pc.extract_regex(few, f"^{form.pattern}$").null_count):
        if not len(text):
            break
        found = pc.extract_regex(text, f"^{form.pattern}$")
        matched = found.is_valid().to_numpy(zero_copy_only=False)
        if matched.any():
            times[rows[matched]] = _meaning(found.drop_null(), form, zone)
            text, rows = text.filter(pa.array(~matched)), rows[~matched]
    return times


def _meaning(found: pa.StructArray, form: _Form, zone: str) -> Milliseconds:
    """The milliseconds that the groups of one form add up to."""
    parts = {name: found.field(i) for i, name in enumerate(found.type.names)}
    day, real = _days(parts)
    hour, sensible = _hours(parts)
    clock = {"hour": hour, "fraction": _thousandths(parts)}
    clock |= {name: _digits(parts.get(name), len(found), 0) for name in ("minute", "second")}
    real &= sensible & (clock["minute"] < 60) & (clock["second"] < 60)
    local = day * (24 * _LENGTHS["hour"]) + sum(clock[name] * length for name, length in _LENGTHS.items())
    local[~real] = MISSING_TIME
    offset, has_offset = _offsets(parts, len(found))
    if form.dated:
        local = np.where(has_offset, local, _to_utc(local, zone))
    return np.where(local == MISSING_TIME, MISSING_TIME, local - offset)


def _days(parts: dict[str, pa.Array]) -> tuple[Milliseconds, Any]:
    """Days since the epoch, and which of them are in the calendar."""
    count = len(parts["hour"] if "hour" in parts else parts["year"])
    year = _digits(parts.get("year"), count, 1970)
    if "year" in parts:
        short = pc.less_equal(pc.binary_length(parts["year"]), 2).to_numpy(zero_copy_only=False)
        year = year + np.where(short, np.where(year >= _CENTURY_TURNS, 1900, 2000), 0)
    month = _digits(parts.get("month"), count, 1)
    if "name" in parts:
        names = pc.utf8_lower(pc.utf8_slice_codeunits(parts["name"], 0, 3))
        month = pc.index_in(names, pa.array(_ABBREVIATIONS)).to_numpy().astype(np.int64) + 1
    day = _digits(parts.get("day"), count, 1)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    real = (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months)
    return days.astype(np.int64), real


def _hours(parts: dict[str, pa.Array]) -> tuple[Milliseconds, Any]:
    """Hours of the day, and which of them a clock shows."""
    hour = _digits(parts.get("hour"), len(next(iter(parts.values()))), 0)
    if "half" not in parts:
        return hour, hour < 24
    halved = pc.not_equal(parts["half"], "").to_numpy(zero_copy_only=False)
    later = pc.equal(parts["half"], "PM").to_numpy(zero_copy_only=False)
    sensible = np.where(halved, (hour >= 1) & (hour <= 12), hour < 24)
    return np.where(halved, hour % 12 + 12 * later, hour), sensible


def _thousandths(parts: dict[str, pa.Array]) -> Milliseconds:
    """Milliseconds of the second: three digits of the fraction count."""
    if "fraction" not in parts:
        return np.zeros(len(next(iter(parts.values()))), np.int64)
    digits = pc.utf8_rpad(pc.utf8_slice_codeunits(parts["fraction"], 0, 3), 3, "0")
    return _digits(digits, len(digits), 0)


def _offsets(parts: dict[str, pa.Array], count: int) -> tuple[Milliseconds, Any]:
    """Milliseconds by which a text says that it is ahead of UTC, and whether it says so."""
    if "offset" not in parts:
        return np.zeros(count, np.int64), np.zeros(count, np.bool_)
    given = pc.not_equal(parts["offset"], "").to_numpy(zero_copy_only=False)
    digits = pc.replace_substring_regex(parts["offset"], "[^0-9]", "")
    amount = _digits(digits, count, 0)
    behind = pc.starts_with(parts["offset"], "-").to_numpy(zero_copy_only=False)
    minutes = np.where(behind, -1, 1) * (amount // 100 * 60 + amount % 100)
    return minutes * _MINUTE, given


def _digits(text: pa.Array | None, count: int, default: int) -> Milliseconds:
    """Whole numbers, `default` where there is nothing."""
    if text is None:
        return np.full(count, default, np.int64)
    numbers = pc.if_else(pc.equal(text, ""), str(default), text).cast(pa.int64())
    return np.asarray(numbers.to_numpy(), np.int64)


def _or_numbers(times: Milliseconds, text: pa.Array) -> Milliseconds:
    """`times`, and where they are missing the numbers that the texts are."""
    numeric = pc.match_substring_regex(text, r"^ *[+-]?\d+(\.\d*)? *$").to_numpy(zero_copy_only=False)
    numeric &= times == MISSING_TIME
    if numeric.any():
        numbers = pc.utf8_trim(text.filter(pa.array(numeric)), " +").cast(pa.float64()).to_numpy()
        sensible = np.abs(numbers) < _LATEST
        times[numeric] = np.where(sensible, np.where(sensible, numbers, 0).astype(np.int64), MISSING_TIME)
    return times


def _whole_milliseconds(times: pa.Array) -> Milliseconds:
    """Milliseconds of Arrow's microseconds, rounded down."""
    whole = times.cast(pa.int64()).fill_null(MISSING_TIME).to_numpy()
    return np.asarray(np.where(whole == MISSING_TIME, MISSING_TIME, whole // 1000))


def _to_utc(local: Milliseconds, zone: str) -> Milliseconds:
    """The moments at which clocks of `zone` showed `local`; the first one where they showed it twice."""
    if zone == UTC:
        return local
    known = np.where(local == MISSING_TIME, 0, local)
    moments = to_utc(known, zone)
    left_out = to_local(moments, zone) != known
    return np.where(left_out | (local == MISSING_TIME), MISSING_TIME, moments)
