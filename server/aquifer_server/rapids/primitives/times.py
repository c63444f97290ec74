"""Times: their parts, times out of parts and out of text, and the time zone."""

from __future__ import annotations

from functools import partial

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame
from aquifer_cluster.time_zones import require_zone, zone_labels
from aquifer_cluster.transform import moments, time_parts
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.dates import as_date

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import FRAME, FRAME_OR_NUMBER, STRING


def _part(part: str, context: Context, times: Frame | float) -> Frame | float | str:
    if isinstance(times, float):
        return time_parts.time_part_of_number(part, times, context.time_zone.name)
    return time_parts.time_part(context.cloud, part, times, context.time_zone.name)


def _moment(context: Context, *parts: moments.Part) -> Frame:
    return moments.moments(context.cloud, parts)


def _milliseconds(context: Context, *parts: moments.Part) -> Frame | float:
    known = [part for part in parts if isinstance(part, float)]
    if len(known) == len(parts):
        return moments.milliseconds_of_numbers(known)
    return moments.milliseconds(context.cloud, parts)


def _as_date(context: Context, frame: Frame, format: str) -> Frame:
    return as_date(context.cloud, frame, format, context.time_zone.name)


def _set_time_zone(context: Context, name: str) -> str:
    require_zone(name)
    context.time_zone.name = name
    return name


def _get_time_zone(context: Context) -> str:
    return context.time_zone.name


def _list_time_zones(context: Context) -> Frame:
    labels = tuple(zone_labels())
    codes = np.arange(len(labels), dtype=np.int32)
    return make_small_frame(context.cloud, [NewColumn("Timezones", ColumnType.ENUM, codes, labels)])


_TIMES = (Argument("times", FRAME_OR_NUMBER),)
_PARTS = tuple(Argument(part, FRAME_OR_NUMBER) for part in moments.PARTS)
_SUMMARIES = {
    "year": "The year.",
    "month": "The month, from 1.",
    "week": "The week of the year (ISO 8601).",
    "day": "The day of the month.",
    "dayOfWeek": "The day of the week, Mon to Sun.",
    "hour": "The hour of the day.",
    "minute": "The minute of the hour.",
    "second": "The second of the minute.",
    "millis": "The millisecond of the second.",
}

PRIMITIVES = (
    *(
        Primitive(
            part,
            _TIMES,
            "frame, number or string" if part == "dayOfWeek" else "frame or number",
            summary,
            partial(_part, part),
        )
        for part, summary in _SUMMARIES.items()
    ),
    Primitive("moment", _PARTS, "frame", "Times out of their parts, in UTC; missing where none is.", _moment),
    Primitive(
        "mktime",
        _PARTS,
        "frame or number",
        "Milliseconds since 1970 out of parts; months and days count from 0.",
        _milliseconds,
    ),
    Primitive(
        "as.Date",
        (Argument("column", FRAME), Argument("format", STRING)),
        "frame",
        "Milliseconds since 1970 out of text, by a format such as %Y-%m-%d or yyyy-MM-dd.",
        _as_date,
    ),
    Primitive("setTimeZone", (Argument("name", STRING),), "string", "Set the time zone.", _set_time_zone),
    Primitive("getTimeZone", (), "string", "The time zone.", _get_time_zone),
    Primitive("listTimeZones", (), "frame", "All time zones, with their offsets.", _list_time_zones),
)
