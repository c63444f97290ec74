"""Counting: which values a column has, how often, and where it is true."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, concatenate, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.binding import unique_names
from aquifer_cluster.transform.creation import NewColumn, make_frame, make_small_frame, missing_values
from aquifer_cluster.transform.factors import distinct
from aquifer_cluster.transform.numbers import numbers
from aquifer_cluster.transform.rows import mask_of

_COUNTABLE = (ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.TIME)


def unique(cloud: Cloud, column: Column, include_missing: bool) -> Frame:
    """The different values of a column, ascending, then the missing one if asked for and there."""
    found = distinct(cloud, column)
    if include_missing and column.rollups.missing:
        found = concatenate([found, missing_values(1, column.type)], column.type)
    return make_frame(cloud, [NewColumn("C1", column.type, found, column.domain)])


def true_rows(cloud: Cloud, column: Column) -> Frame:
    """The numbers of the rows where a column is true: known and not zero."""
    frame = Frame(("x",), (column,), column.layout)
    columns = cloud.map_columns(frame, _true_rows_block, types=[ColumnType.NUMERIC])
    return rebalance(cloud, Frame(("C1",), tuple(columns), columns[0].layout))


def counts(cloud: Cloud, frame: Frame) -> Frame:
    """How often each value of a column, or each pair of values of two, occurs.

    Rows with a missing value are left out. Raises InvalidArgument for another number of columns, or for text.
    """
    tally = _tally(cloud, frame)
    keys = sorted(tally)
    single = len(frame.columns) == 1
    title = "Count" if single and frame.columns[0].rollups.whole else "Counts"
    names = unique_names([*frame.names, title])
    made = [_key_column(names[i], column, [key[i] for key in keys]) for i, column in enumerate(frame.columns)]
    totals = np.array([tally[key] for key in keys], np.float64)
    return make_small_frame(cloud, [*made, NewColumn(names[-1], ColumnType.NUMERIC, totals)])


def level_counts(cloud: Cloud, column: Column) -> NDArray[np.int64]:
    """How often each level of a category occurs, in the order of its domain."""
    frame = Frame(("x",), (column,), column.layout)
    size = len(column.domain or ())
    counts: NDArray[np.int64] = cloud.map_reduce(frame, _level_counts_block, size, combine=np.add)
    return counts


def cross_counts(cloud: Cloud, frame: Frame) -> Frame:
    """How often each pair of values of two columns occurs: a row for each of the first's, a column for each

    of the second's. Raises InvalidArgument as `counts`.
    """
    tally = _tally(cloud, frame)
    rows, columns = (sorted({key[i] for key in tally}) for i in range(2))
    names = unique_names([frame.names[0], *(_title(frame.columns[1], value) for value in columns)])
    made = [_key_column(names[0], frame.columns[0], rows)]
    for name, column in zip(names[1:], columns, strict=True):
        totals = np.array([tally[row, column] for row in rows], np.float64)
        made.append(NewColumn(name, ColumnType.NUMERIC, totals))
    return make_small_frame(cloud, made)


def _tally(cloud: Cloud, frame: Frame) -> Counter[tuple[float, ...]]:
    if len(frame.columns) not in (1, 2):
        raise InvalidArgument("table", f"it expects one or two columns, found {len(frame.columns)}")
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type not in _COUNTABLE:
            raise InvalidArgument("table", f"column '{name}' is {column.type}; make it categorical first")
    found: Counter[tuple[float, ...]] = cloud.map_reduce(frame, _tally_block, combine=Counter.__add__)
    return found


def _title(column: Column, value: float) -> str:
    return column.domain[int(value)] if column.domain is not None else f"{value:.15g}"


def _key_column(name: str, column: Column, values: list[float]) -> NewColumn:
    return NewColumn(name, column.type, np.array(values, column.type.dtype), column.domain)


def _true_rows_block(block: Block) -> list[Values]:
    return [np.flatnonzero(mask_of(block, 0)).astype(np.float64) + block.start]


def _level_counts_block(block: Block, levels: int) -> NDArray[np.int64]:
    codes = block.decode(0)
    return np.bincount(codes[codes >= 0], minlength=levels)


def _tally_block(block: Block) -> Counter[tuple[float, ...]]:
    known = np.ones(block.rows, np.bool_)
    for chunk in block.chunks:
        known &= ~is_missing(chunk.decode(), chunk.type)
    found = np.stack([numbers(block, i)[known] for i in range(len(block.chunks))], axis=1)
    values, totals = np.unique(found, axis=0, return_counts=True)
    return Counter(dict(zip(map(tuple, values.tolist()), totals.tolist(), strict=True)))
