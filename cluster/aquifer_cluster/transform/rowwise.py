"""Each row into one value."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers

_OF_ROWS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sum": (np.sum, np.nansum),
    "prod": (np.prod, np.nanprod),
    "mean": (np.mean, np.nanmean),
    "median": (np.median, np.nanmedian),
    "sd": (lambda rows, axis: np.std(rows, axis, ddof=1), lambda rows, axis: np.nanstd(rows, axis, ddof=1)),
    "min": (np.min, np.nanmin),
    "max": (np.max, np.nanmax),
    "any": (lambda rows, axis: (rows != 0).any(axis),) * 2,
    "all": (lambda rows, axis: (rows != 0).all(axis),) * 2,
    "any.na": (lambda rows, axis: (np.nan_to_num(rows) != 0).any(axis),) * 2,
}
REDUCERS = tuple(_OF_ROWS)
"""What a row can be reduced by: with missing values respected, or skipped."""


def reduce_rows(cloud: Cloud, frame: Frame, reducer: str, skip_missing: bool, name: str) -> Frame:
    """One of REDUCERS of the numbers of each row, in one column `name`; a row without numbers has none.

    Columns that are not numeric are left out. Raises InvalidArgument if no column is numeric.
    """
    return _one_column(cloud, frame, name, _reduce_block, reducer, skip_missing)


def which_extreme(cloud: Cloud, frame: Frame, largest: bool, skip_missing: bool, name: str) -> Frame:
    """The position of the largest or smallest number of each row, the first if several, in one column."""
    return _one_column(cloud, frame, name, _which_block, largest, skip_missing)


def which_extreme_row(cloud: Cloud, frame: Frame, largest: bool, skip_missing: bool) -> Floats:
    """The row of the largest or smallest number of each column, the first if several; NaN for no numbers."""
    found = cloud.map_reduce(frame, _extreme_block, largest, combine=_first_extreme)
    rows = np.full(len(frame.columns), np.nan) if found is None else found[0]
    for i, column in enumerate(frame.columns):
        if column.type is not ColumnType.NUMERIC or (column.rollups.missing and not skip_missing):
            rows[i] = np.nan
    return rows


def _one_column(
    cloud: Cloud, frame: Frame, name: str, function: Callable[..., Sequence[Values]], *arguments: Any
) -> Frame:
    numeric = [i for i, column in enumerate(frame.columns) if column.type is ColumnType.NUMERIC]
    if not numeric:
        raise InvalidArgument("frame", "the frame has no numeric column")
    columns = cloud.map_columns(frame.select(numeric), function, *arguments, types=[ColumnType.NUMERIC])
    return Frame((name,), tuple(columns), frame.layout)


def _matrix(block: Block) -> Floats:
    """The columns of a block as rows of a matrix: what is contiguous stays so."""
    return np.stack([numbers(block, i) for i in range(len(block.chunks))])


def _reduce_block(block: Block, reducer: str, skip_missing: bool) -> list[Values]:
    found = _matrix(block)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row without numbers has no mean
        values = _OF_ROWS[reducer][skip_missing](found, axis=0).astype(np.float64)
    if skip_missing and reducer in ("sum", "prod"):
        values[np.isnan(found).all(0)] = np.nan
    return [values]


def _which_block(block: Block, largest: bool, skip_missing: bool) -> list[Values]:
    found = _matrix(block)
    missing = np.isnan(found)
    found[missing] = -np.inf if largest else np.inf
    places = (found.argmax(0) if largest else found.argmin(0)).astype(np.float64)
    places[missing.all(0) if skip_missing else missing.any(0)] = np.nan
    return [places]


_Extremes = tuple[Floats, Floats]
"""For each column the row of the extreme value, and the value with the sign that makes larger win."""


def _extreme_block(block: Block, largest: bool) -> _Extremes:
    rows, values = np.full(len(block.chunks), np.nan), np.full(len(block.chunks), -np.inf)
    for i in range(len(block.chunks)):
        found = numbers(block, i) * (1 if largest else -1)
        known = np.flatnonzero(~np.isnan(found))
        if len(known):
            best = known[found[known].argmax()]
            rows[i], values[i] = block.start + best, found[best]
    return rows, values


def _first_extreme(a: _Extremes, b: _Extremes) -> _Extremes:
    """The better of two; of equals that of the earlier row."""
    later = (b[1] > a[1]) | ((b[1] == a[1]) & (b[0] < a[0])) | np.isnan(a[0])
    return np.where(later, b[0], a[0]), np.where(later, b[1], a[1])
