"""Counting: which values a column has, how often, and where it is true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.binding import bind_rows, unique_names
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.numbers import numbers
from aquifer_cluster.transform.reshape import pivot
from aquifer_cluster.transform.rows import RowRanges, drop_rows, mask_of, omit_missing, take_rows
from aquifer_cluster.transform.tally import Aggregation

_FIRST_ROW = RowRanges.of([range(1)])
_COUNTABLE = (ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.TIME)


def unique(cloud: Cloud, column: Column, include_missing: bool) -> Frame:
    """The different values of a column, ascending, then the missing one if asked for and there."""
    found = group_by(cloud, Frame(("C1",), (column,), column.layout), [0])
    if not column.rollups.missing:
        return found
    known, missing = drop_rows(cloud, found, _FIRST_ROW), take_rows(cloud, found, _FIRST_ROW)
    return bind_rows(cloud, [known, missing]) if include_missing else known


def true_rows(cloud: Cloud, column: Column) -> Frame:
    """The numbers of the rows where a column is true: known and not zero."""
    frame = Frame(("x",), (column,), column.layout)
    columns = cloud.map_columns(frame, _true_rows_block, types=[ColumnType.NUMERIC])
    return rebalance(cloud, Frame(("C1",), tuple(columns), columns[0].layout))


def counts(cloud: Cloud, frame: Frame) -> Frame:
    """How often each value of a column, or each pair of values of two, occurs; the values ascend.

    Rows with a missing value are left out. Raises InvalidArgument for another number of columns, or for text.
    """
    _require_countable(frame)
    keys = range(len(frame.columns))
    found = omit_missing(cloud, group_by(cloud, frame, keys, [Aggregation("nrow", 0)]))
    title = "Count" if len(keys) == 1 and frame.columns[0].rollups.whole else "Counts"
    return found.rename(unique_names([*frame.names, title]))


def level_counts(cloud: Cloud, column: Column) -> NDArray[np.int64]:
    """How often each level of a category occurs, in the order of its domain."""
    frame = Frame(("x",), (column,), column.layout)
    size = len(column.domain or ())
    counts: NDArray[np.int64] = cloud.map_reduce(frame, _level_counts_block, size, combine=np.add)
    return counts


def commonest_number(cloud: Cloud, column: Column) -> float:
    """The number, or time, that occurs most often; the smallest such, and NaN if none is known."""
    frame = Frame(("x",), (column,), column.layout)
    found = group_by(cloud, frame, [0], [Aggregation("nrow", 0)])
    commonest: tuple[float, float] = cloud.map_reduce(found, _commonest_block, combine=min)
    return commonest[1]


def cross_counts(cloud: Cloud, frame: Frame) -> Frame:
    """How often each pair of values of two columns occurs, in a table of both.

    It has a row for each value of the first column, and a column for each value of the second. Raises
    InvalidArgument as `counts`, and as `pivot`.
    """
    wide = pivot(cloud, counts(cloud, frame), 0, 1, 2)
    rest = wide.select(range(1, len(wide.columns)))
    types = [ColumnType.NUMERIC] * len(rest.columns)
    filled = cloud.map_columns(rest, _zeros_block, types=types)
    return Frame(wide.names, (wide.columns[0], *filled), wide.layout)


def _require_countable(frame: Frame) -> None:
    if len(frame.columns) not in (1, 2):
        raise InvalidArgument("table", f"it expects one or two columns, found {len(frame.columns)}")
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type not in _COUNTABLE:
            raise InvalidArgument("table", f"column '{name}' is {column.type}; make it categorical first")


def _zeros_block(block: Block) -> list[Values]:
    return [np.nan_to_num(block.decode(i), nan=0.0) for i in range(len(block.chunks))]


def _true_rows_block(block: Block) -> list[Values]:
    return [np.flatnonzero(mask_of(block, 0)).astype(np.float64) + block.start]


def _commonest_block(block: Block) -> tuple[float, float]:
    """How often the commonest number occurs, negative so that the smallest is the most, and the number."""
    values, occurrences = numbers(block, 0), block.decode(1)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return 0.0, np.nan
    most = known[occurrences[known].argmax()]
    return -float(occurrences[most]), float(values[most])


def _level_counts_block(block: Block, levels: int) -> NDArray[np.int64]:
    codes = block.decode(0)
    return np.bincount(codes[codes >= 0], minlength=levels)
