"""Times out of their parts: years, months, days, hours, minutes, seconds, milliseconds; in UTC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import side_by_side
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.numbers import Floats, as_numbers, numbers

PARTS = ("year", "month", "day", "hour", "minute", "second", "msec")
_RANGES = ((-28_000, 28_000), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59), (0, 999))
_UNITS = (3_600_000, 60_000, 1000, 1)
_MILLISECONDS_PER_DAY = 86_400_000

Part = Frame | float
Times = NDArray[np.int64]


def moments(cloud: Cloud, parts: Sequence[Part]) -> Frame:
    """One column `time` of the times with the given PARTS, each a number or a numeric column.

    Fractions of parts are cut off; missing where a part is, or where there is no such day or hour. A column
    of one row serves for all rows. Raises InvalidArgument for columns that do not go together.
    """
    columns, given = _columns_and_numbers(cloud, parts)
    if not columns:
        single = moments_of(given)
        return make_small_frame(cloud, [NewColumn("time", ColumnType.TIME, single)])
    joined = side_by_side(cloud, columns)
    made = cloud.map_columns(joined, _moments_block, given, types=[ColumnType.TIME])
    return Frame(("time",), tuple(made), joined.layout)


def milliseconds(cloud: Cloud, parts: Sequence[Part]) -> Frame:
    """One numeric column `msec` of milliseconds since 1970; months and days count from 0."""
    columns, given = _columns_and_numbers(cloud, parts)
    joined = side_by_side(cloud, columns)
    made = cloud.map_columns(joined, _milliseconds_block, given, types=[ColumnType.NUMERIC])
    return Frame(("msec",), tuple(made), joined.layout)


def milliseconds_of_numbers(parts: Sequence[float]) -> float:
    """Milliseconds since 1970 of one time whose month and day count from 0.

    Raises InvalidArgument if there is no such time.
    """
    found = moments_of([np.array([part]) for part in parts], count_from=0)
    if found[0] == MISSING_TIME:
        shown = ", ".join(f"{name} {part:g}" for name, part in zip(PARTS, parts, strict=True))
        raise InvalidArgument("mktime", f"there is no such time: {shown}; months and days count from 0")
    return float(found[0])


def moments_of(parts: Sequence[Floats], count_from: int = 1) -> Times:
    """Milliseconds since 1970 of arrays of PARTS; MISSING_TIME where there is no such time.

    Months and days count from 1, or from 0.
    """
    whole = [np.trunc(part) for part in np.broadcast_arrays(*parts)]
    whole[1:3] = [part + (1 - count_from) for part in whole[1:3]]
    valid = np.ones(whole[0].shape, np.bool_)
    for values, (low, high) in zip(whole, _RANGES, strict=True):
        with np.errstate(invalid="ignore"):
            valid &= (values >= low) & (values <= high)
    year, month, day, *clock = (np.where(valid, part, 1).astype(np.int64) for part in whole)
    first = (12 * (year - 1970) + month - 1).astype("datetime64[M]")
    days = first.astype("datetime64[D]").astype(np.int64) + day - 1
    valid &= days < (first + 1).astype("datetime64[D]").astype(np.int64)
    found = days * _MILLISECONDS_PER_DAY
    for part, unit in zip(clock, _UNITS, strict=True):
        found += part * unit
    return np.where(valid, found, MISSING_TIME)


def _columns_and_numbers(cloud: Cloud, parts: Sequence[Part]) -> tuple[list[Frame], list[Floats]]:
    """The columns of several rows; and for each part its one number, or nothing if it is such a column."""
    columns: list[Frame] = []
    given: list[Floats] = []
    rows = max([part.rows for part in parts if isinstance(part, Frame)], default=1)
    for name, part in zip(PARTS, parts, strict=True):
        if isinstance(part, float):
            given.append(np.array([part]))
            continue
        _require_numbers(name, part)
        if part.rows == 1 and rows != 1:
            given.append(as_numbers(cloud.read(part)[0], ColumnType.NUMERIC))
        else:
            columns.append(part)
            given.append(np.empty(0))
    return columns, given


def _require_numbers(name: str, part: Frame) -> None:
    if len(part.columns) != 1:
        raise InvalidArgument(name, f"it is one column or a number, found {len(part.columns)} columns")
    if part.columns[0].type is not ColumnType.NUMERIC:
        raise InvalidArgument(name, f"it is numeric, found a column of type {part.columns[0].wire_type}")


def _filled(block: Block, given: Sequence[Floats]) -> list[Floats]:
    """All parts for a block: those that are given, and its columns in place of the others."""
    columns = (numbers(block, i) for i in range(len(block.chunks)))
    return [part if len(part) else next(columns) for part in given]


def _moments_block(block: Block, given: Sequence[Floats]) -> list[Values]:
    return [np.broadcast_to(moments_of(_filled(block, given)), block.rows)]


def _milliseconds_block(block: Block, given: Sequence[Floats]) -> list[Values]:
    found = moments_of(_filled(block, given), count_from=0)
    return [as_numbers(np.broadcast_to(found, block.rows), ColumnType.TIME)]
