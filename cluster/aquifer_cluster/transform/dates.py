"""Reading times from columns of text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.time_zones import to_utc
from aquifer_cluster.transform.date_formats import DateFormat, date_format
from aquifer_cluster.transform.moments import Times, moments_of
from aquifer_cluster.transform.numbers import Floats, as_numbers
from aquifer_cluster.transform.strings import require_text
from aquifer_cluster.transform.text_form import block_texts

_MILLISECONDS_PER_DAY = 86_400_000
_MILLISECONDS_PER_MINUTE = 60_000


def as_date(cloud: Cloud, frame: Frame, format: str, zone: str) -> Frame:
    """One column of milliseconds since 1970, read from text or categories.

    Raises InvalidArgument for several columns or other types, for a format that is not understood, and for a
    text that does not fit it.
    """
    if len(frame.columns) != 1:
        raise InvalidArgument("as.Date", f"it takes a single column, found {len(frame.columns)}")
    require_text("as.Date", frame)
    understood = date_format(format)
    types = [ColumnType.NUMERIC]
    columns = cloud.map_columns(frame, _date_block, frame.columns[0].domain, understood, zone, types=types)
    return Frame(frame.names, tuple(columns), frame.layout)


def times_of_texts(texts: pa.Array, format: DateFormat, zone: str) -> Times:
    """Milliseconds since 1970 that the texts spell, by the clocks of `zone`; MISSING_TIME for null.

    Raises InvalidArgument with the first text that has another form or is no time.
    """
    groups = pc.extract_regex(texts, format.pattern).flatten()
    parts = {
        field.name: _floats(field.number(group))
        for field, group in zip(format.fields, groups, strict=True)
        if field.number is not None
    }
    found = _assembled(parts, len(texts), zone)
    wrong = np.asarray(texts.is_valid()) & (found == MISSING_TIME)
    if wrong.any():
        culprit = texts[int(np.flatnonzero(wrong)[0])].as_py()
        raise InvalidArgument("format", f"'{culprit}' is no time of the form '{format.text}'")
    return found


def _floats(numbers: pa.Array) -> Floats:
    found: Floats = pc.cast(numbers, pa.float64()).to_numpy(zero_copy_only=False)
    return found


def _assembled(parts: dict[str, Floats], rows: int, zone: str) -> Times:
    """Times of fields; what is not given is that of 1970-01-01, midnight."""
    zeros, ones = np.zeros(rows), np.ones(rows)
    dated = [parts.get("year", 1970 * ones), parts.get("month", ones), parts.get("day", ones)]
    clock = [parts.get(name, zeros) for name in ("minute", "second", "millisecond")]
    start = moments_of([*dated, _hour(parts, zeros), *clock])
    days = _within(parts.get("day_of_year", ones), 1, 366) - 1
    minutes = parts.get("offset", zeros)
    known = (start != MISSING_TIME) & ~np.isnan(days) & ~np.isnan(minutes)
    shift = _MILLISECONDS_PER_DAY * days - _MILLISECONDS_PER_MINUTE * minutes
    moved = np.where(known, start, 0) + np.where(known, shift, 0).astype(np.int64)
    return np.where(known, moved if "offset" in parts else to_utc(moved, zone), MISSING_TIME)


def _hour(parts: dict[str, Floats], zeros: Floats) -> Floats:
    """The hour of the day, from a clock of 24 or of 12 hours."""
    if "clock_hour" not in parts:
        return parts.get("hour", zeros)
    return _within(parts["clock_hour"], 1, 12) % 12 + 12 * parts.get("afternoon", zeros)


def _within(values: Floats, low: float, high: float) -> Floats:
    return np.where((values >= low) & (values <= high), values, np.nan)


def _date_block(block: Block, domain: tuple[str, ...] | None, format: DateFormat, zone: str) -> list[Values]:
    encoded = block_texts(block, 0, domain).dictionary_encode()
    times = as_numbers(times_of_texts(encoded.dictionary, format, zone), ColumnType.TIME)
    return [np.append(times, np.nan)[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]]
