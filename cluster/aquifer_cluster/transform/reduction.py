"""Many values into one: sums, extremes, means, spread, and what holds for any or all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.creation import NewColumn, make_small_frame, missing_values
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.tabulation import level_counts

_ORDERED = (ColumnType.NUMERIC, ColumnType.TIME)


def column_sums(frame: Frame) -> Floats:
    """The sum of the known values of each column; NaN for what is not numbers."""
    return np.array([_sum(column) for column in frame.columns], np.float64)


def _sum(column: Column) -> float:
    """The sum as the roll-ups have it, and of infinities as IEEE 754 has it."""
    found = column.rollups
    if column.type is not ColumnType.NUMERIC or (found.positive_infinities and found.negative_infinities):
        return math.nan
    if _infinite(column):
        return math.inf if found.positive_infinities else -math.inf
    return found.total


def column_products(cloud: Cloud, frame: Frame) -> Floats:
    """The product of the known values of each column; NaN for what is not numbers."""
    return _each_column(cloud, frame, np.nanprod, _multiply)


def column_means(cloud: Cloud, frame: Frame, skip_missing: bool) -> Floats:
    """The mean of each column of numbers or times; NaN for others, and for missing values not skipped."""
    sums = _each_column(cloud, frame, np.nansum, _add, (ColumnType.NUMERIC, ColumnType.TIME))
    means = [
        total / (column.rollups.rows - column.rollups.missing)
        if column.rollups.rows > column.rollups.missing
        else math.nan
        for total, column in zip(sums, frame.columns, strict=True)
    ]
    return _hide_incomplete(frame, means, skip_missing)


def mean_frame(cloud: Cloud, frame: Frame, skip_missing: bool) -> Frame:
    """The column means as a frame of one row; the mean of times is a time."""
    return _one_row(cloud, frame, column_means(cloud, frame, skip_missing))


def sum_frame(cloud: Cloud, frame: Frame, skip_missing: bool) -> Frame:
    """The column sums as a frame of one row; NaN for what is not numbers."""
    sums = _hide_incomplete(frame, column_sums(frame).tolist(), skip_missing)
    made = zip(frame.names, sums, strict=True)
    return make_small_frame(cloud, [NewColumn(name, ColumnType.NUMERIC, np.array([v])) for name, v in made])


def _one_row(cloud: Cloud, frame: Frame, values: Floats) -> Frame:
    made = []
    for name, column, value in zip(frame.names, frame.columns, values, strict=True):
        if column.type is ColumnType.TIME:
            known = np.array([round(value)]) if not math.isnan(value) else missing_values(1, column.type)
            made.append(NewColumn(name, ColumnType.TIME, known))
        else:
            made.append(NewColumn(name, ColumnType.NUMERIC, np.array([value])))
    return make_small_frame(cloud, made)


def column_deviations(frame: Frame, skip_missing: bool) -> Floats:
    """The sample standard deviation of each column of numbers; NaN for fewer than two known values."""
    sigmas = [
        column.rollups.sigma
        if column.type is ColumnType.NUMERIC and column.rollups.count > 1 and not _infinite(column)
        else math.nan
        for column in frame.columns
    ]
    return _hide_incomplete(frame, sigmas, skip_missing)


def extreme(frame: Frame, largest: bool) -> float:
    """The largest or smallest value of all columns of numbers or times; NaN with others or missing values."""
    if any(column.type not in _ORDERED or column.rollups.missing for column in frame.columns):
        return math.nan
    found = [column.rollups.maximum if largest else column.rollups.minimum for column in frame.columns]
    known = [value for value in found if not math.isnan(value)]
    return (max if largest else min)(known, default=math.nan)


def total(frame: Frame, skip_missing: bool) -> float:
    """The sum of all values of a frame of numbers; NaN if there are others, or missing values not skipped."""
    return _total(frame, column_sums(frame).sum(), skip_missing)


def product(cloud: Cloud, frame: Frame, skip_missing: bool) -> float:
    """The product of all values of a frame of numbers, under the same rules as `total`."""
    return _total(frame, column_products(cloud, frame).prod(), skip_missing)


def any_true(cloud: Cloud, frame: Frame) -> bool:
    """Whether a known value is true: a number other than zero, or a level that spells true."""
    return any(_true_count(cloud, column) for column in frame.columns)


def all_true(cloud: Cloud, frame: Frame) -> bool:
    """Whether all known values are true, see `any_true`; text is not looked at."""
    return all(
        _true_count(cloud, column) + column.rollups.missing == column.rollups.rows
        for column in frame.columns
        if column.type.dtype is not None
    )


def _true_count(cloud: Cloud, column: Column) -> int:
    if column.domain is not None:
        spells_true = [level.lower() == "true" for level in column.domain]
        return int(level_counts(cloud, column)[spells_true].sum()) if any(spells_true) else 0
    known = column.rollups.rows - column.rollups.missing
    return known - column.rollups.zeros if column.type.dtype is not None else 0


def missing_counts(frame: Frame) -> tuple[int, ...]:
    """The number of missing values of each column."""
    return tuple(column.rollups.missing for column in frame.columns)


def _infinite(column: Column) -> bool:
    return bool(column.rollups.positive_infinities or column.rollups.negative_infinities)


def _complete_numbers(frame: Frame) -> bool:
    return all(column.type is ColumnType.NUMERIC and column.rollups.missing == 0 for column in frame.columns)


def _total(frame: Frame, value: float, skip_missing: bool) -> float:
    return float(value) if skip_missing or _complete_numbers(frame) else math.nan


def _hide_incomplete(frame: Frame, values: Sequence[float], skip_missing: bool) -> Floats:
    return np.array(
        [
            math.nan if column.rollups.missing and not skip_missing else value
            for column, value in zip(frame.columns, values, strict=True)
        ]
    )


def _each_column(
    cloud: Cloud,
    frame: Frame,
    reduce: Callable[[Any], Any],
    combine: Callable[[Any, Any], Any],
    types: Sequence[ColumnType] = (ColumnType.NUMERIC,),
) -> Floats:
    found: Floats = cloud.map_reduce(frame, _reduce_block, reduce, combine=combine)
    wanted = [column.type in types for column in frame.columns]
    return np.where(wanted, found, np.nan)


def _reduce_block(block: Block, reduce: Callable[[Any], Any]) -> Floats:
    with np.errstate(all="ignore"):
        return np.array([reduce(numbers(block, i)) for i in range(len(block.chunks))], np.float64)


def _add(a: Floats, b: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return a + b


def _multiply(a: Floats, b: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return a * b
