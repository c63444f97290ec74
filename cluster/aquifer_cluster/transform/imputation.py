"""Filling missing values with the mean, the median or the mode: of the column, or of the row's group."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.numbers import Floats, as_numbers, numbers
from aquifer_cluster.transform.quantiles import quantiles
from aquifer_cluster.transform.tabulation import commonest_number, level_counts
from aquifer_cluster.transform.tally import Aggregation

METHODS = ("mean", "median", "mode")

_Group = tuple[float, ...]


def fill_values(cloud: Cloud, frame: Frame, columns: Sequence[int], method: str, combine: str) -> Floats:
    """What is to replace the missing values of `columns`; NaN for the others, and where there is nothing.

    Of several columns categories have their mode (a code), whatever the method. `combine` is of the median,
    see `quantiles`. Raises InvalidArgument for an unknown method, and for the mode of text.
    """
    _check(frame, columns, method)
    found = np.full(len(frame.columns), np.nan)
    for i in columns:
        found[i] = _fill_value(cloud, frame, i, method, combine, of_all=len(columns) > 1)
    return found


def fill(cloud: Cloud, frame: Frame, values: Sequence[float]) -> Frame:
    """The frame with the missing values of each column replaced by its value; NaN leaves them."""
    wanted = [
        i
        for i, column in enumerate(frame.columns)
        if column.type.dtype is not None and column.rollups.missing and not math.isnan(values[i])
    ]
    chosen = frame.select(wanted)
    columns = cloud.map_columns(
        chosen,
        _fill_block,
        [values[i] for i in wanted],
        types=[column.type for column in chosen.columns],
        domains=[column.domain for column in chosen.columns],
    )
    for i, column in zip(wanted, columns, strict=True):
        frame = frame.replace(i, column)
    return frame


def group_values(cloud: Cloud, frame: Frame, column: int, method: str, by: Sequence[int]) -> Frame:
    """The groups of the `by` columns with the mean, median or mode of the column's known values in each.

    Raises InvalidArgument as `fill_values`.
    """
    _check(frame, [column], method)
    return group_by(cloud, frame, by, [Aggregation(method, column, "rm")])


def fill_by_group(cloud: Cloud, frame: Frame, column: int, by: Sequence[int], groups: Frame) -> Frame:
    """The frame with the column's missing values replaced by those of the rows' groups.

    `groups` has the keys, in the order of `by`, and the value in its last column. Raises InvalidArgument for
    a column of text or uuids.
    """
    target = frame.columns[column]
    if target.type.dtype is None:
        raise InvalidArgument(
            "column", f"column '{frame.names[column]}' is {target.type}; it has no mean or mode"
        )
    table = _table(cloud, groups, len(by))
    made = cloud.map_columns(
        frame.select([column, *by]), _fill_group_block, table, types=[target.type], domains=[target.domain]
    )
    return frame.replace(column, made[0])


def _check(frame: Frame, columns: Sequence[int], method: str) -> None:
    if method not in METHODS:
        raise InvalidArgument("method", f"'{method}' is not one of {', '.join(METHODS)}")
    for i in columns:
        if method == "mode" and frame.columns[i].type.dtype is None and len(columns) == 1:
            kind = frame.columns[i].type
            reason = f"the mode is of categories, numbers and times; column '{frame.names[i]}' is {kind}"
            raise InvalidArgument("method", reason)


def _fill_value(cloud: Cloud, frame: Frame, i: int, method: str, combine: str, of_all: bool) -> float:
    column = frame.columns[i]
    if column.type is ColumnType.ENUM:
        counts = level_counts(cloud, column)
        return float(counts.argmax()) if counts.any() and (method == "mode" or of_all) else math.nan
    if column.type.dtype is None:
        return math.nan
    if method == "mode":
        return commonest_number(cloud, column)
    return column.rollups.mean if method == "mean" else quantiles(cloud, column, [0.5], combine)[0]


def _table(cloud: Cloud, groups: Frame, keys: int) -> dict[_Group, float]:
    """Value by key."""
    columns = [
        as_numbers(values, column.type)
        for values, column in zip(cloud.read(groups), groups.columns, strict=True)
    ]
    return dict(zip(map(tuple, _keys(columns[:keys]).tolist()), columns[-1].tolist(), strict=True))


def _keys(columns: Sequence[Floats]) -> Floats:
    """A key for each row: for each column its value and whether it is missing."""
    missing = [np.isnan(column) for column in columns]
    values = [np.where(absent, 0.0, column) for column, absent in zip(columns, missing, strict=True)]
    return np.stack([*values, *missing], axis=1).astype(np.float64)


def _fill_block(block: Block, values: Sequence[float]) -> list[Values]:
    return [_filled(block, i, np.full(block.rows, value)) for i, value in enumerate(values)]


def _fill_group_block(block: Block, table: dict[_Group, float]) -> list[Values]:
    keys = _keys([numbers(block, i) for i in range(1, len(block.chunks))])
    groups, places = np.unique(keys, axis=0, return_inverse=True)
    known = np.array([table.get(tuple(group), np.nan) for group in groups.tolist()])
    return [_filled(block, 0, known[places.reshape(-1)])]


def _filled(block: Block, i: int, values: Floats) -> Values:
    """A column of a block with `values` (where they are known) for what is missing."""
    column = block.decode(i).copy()
    rows = is_missing(column, block.chunks[i].type) & ~np.isnan(values)
    column[rows] = values[rows].astype(column.dtype)
    return column
