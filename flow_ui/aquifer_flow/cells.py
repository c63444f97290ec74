"""The cells of a window of a frame as plain values."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame

Cell: TypeAlias = int | float | str | None

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def columns_of_cells(cloud: Cloud, frame: Frame, start: int, stop: int) -> list[list[Cell]]:
    """Rows `start:stop` of a frame, column by column; missing values are None, times ISO text in UTC."""
    values = cloud.read(frame, start, stop)
    return [_cells(column, decoded) for column, decoded in zip(frame.columns, values, strict=True)]


def _cells(column: Column, values: Values) -> list[Cell]:
    plain: list[Any] = values.tolist()
    if column.domain is not None:
        domain = column.domain
        return [domain[code] if code >= 0 else None for code in plain]
    if column.type is ColumnType.NUMERIC:
        return [_number(value, column.rollups.whole) for value in plain]
    if column.type is ColumnType.TIME:
        return [None if value == MISSING_TIME else iso_time(value) for value in plain]
    return plain


def iso_time(milliseconds: int) -> str:
    """A point in time, given in milliseconds since the epoch, as ISO text; far ones as the number."""
    try:
        return (_EPOCH + timedelta(milliseconds=milliseconds)).strftime("%Y-%m-%d %H:%M:%S")
    except OverflowError:
        return f"{milliseconds} ms"


def _number(value: float, whole: bool) -> Cell:
    if isinstance(value, int):  # whole numbers beyond 2^53 come as such
        return None if value == MISSING_TIME else value
    if math.isnan(value):
        return None
    return int(value) if whole and math.isfinite(value) else value
