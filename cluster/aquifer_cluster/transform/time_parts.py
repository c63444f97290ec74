"""Parts of times in a time zone: year, week, hour …"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.time_zones import to_local
from aquifer_cluster.transform.numbers import Floats, as_numbers

MOST_MILLISECONDS = 9e14
"""About 28,500 years from 1970, either way: beyond it Arrow knows no calendar, and there are no parts."""

PARTS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "year": pc.year,
    "month": pc.month,
    "week": pc.iso_week,
    "day": pc.day,
    "dayOfWeek": pc.day_of_week,
    "hour": pc.hour,
    "minute": pc.minute,
    "second": pc.second,
    "millis": pc.millisecond,
}
"""What is taken of timestamps; weeks are ISO 8601's, days of the week count from Monday, 0."""

_DOMAINS = {"dayOfWeek": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def time_part(cloud: Cloud, part: str, frame: Frame, zone: str) -> Frame:
    """The part of every column of times or numbers (milliseconds since 1970), by the clocks of `zone`.

    Raises InvalidArgument for other columns.
    """
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type not in (ColumnType.TIME, ColumnType.NUMERIC):
            raise InvalidArgument(
                part, f"works on times, but column '{name}' is {column.wire_type}; convert it with as.Date"
            )
    domain = _DOMAINS.get(part)
    type = ColumnType.NUMERIC if domain is None else ColumnType.ENUM
    count = len(frame.columns)
    columns = cloud.map_columns(
        frame, _part_block, part, zone, types=[type] * count, domains=[domain] * count
    )
    return Frame(frame.names, tuple(columns), frame.layout)


def time_part_of_number(part: str, milliseconds: float, zone: str) -> float | str:
    """The part of one time. Days of the week have names."""
    found = _parts(part, np.array([milliseconds]), zone)[0]
    domain = _DOMAINS.get(part)
    return float(found) if domain is None or np.isnan(found) else domain[int(found)]


def timestamps(milliseconds: Floats, zone: str) -> pa.Array:
    """What clocks in a zone show, as Arrow's timestamps; null for NaN and beyond MOST_MILLISECONDS."""
    with np.errstate(invalid="ignore"):
        known = np.abs(milliseconds) <= MOST_MILLISECONDS
    whole = np.floor(np.where(known, milliseconds, 0)).astype(np.int64)
    return pa.array(to_local(whole, zone), pa.timestamp("ms"), mask=~known)


def _parts(part: str, milliseconds: Floats, zone: str) -> Floats:
    found = PARTS[part](timestamps(milliseconds, zone))
    numbers: Floats = pc.cast(found, pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _part_block(block: Block, part: str, zone: str) -> list[Values]:
    found = [
        _parts(part, as_numbers(block.decode(i), chunk.type), zone) for i, chunk in enumerate(block.chunks)
    ]
    if part not in _DOMAINS:
        return list(found)
    return [np.where(np.isnan(codes), -1, codes).astype(np.int32) for codes in found]
