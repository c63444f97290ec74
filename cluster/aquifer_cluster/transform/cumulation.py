"""Running values: cumulative sums and extremes, differences to the row before, gaps filled from neighbours.

Down the rows this takes two passes: the blocks say what they hand on, then each is given what those before it
have handed on.
"""

from __future__ import annotations

from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers

CUMULATIVE: dict[str, tuple[np.ufunc, float]] = {
    "cumsum": (np.add, 0.0),
    "cumprod": (np.multiply, 1.0),
    "cummin": (np.minimum, np.inf),
    "cummax": (np.maximum, -np.inf),
}
"""Each operation with the value that it begins with."""

_NUMBERS = (ColumnType.NUMERIC, ColumnType.TIME)


def cumulate(cloud: Cloud, frame: Frame, operation: str, along_rows: bool) -> Frame:
    """The running value of each column down the rows, or of each row along its columns.

    From a missing value on, all are missing. Raises InvalidArgument for columns that are not numbers.
    """
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type not in _NUMBERS:
            raise InvalidArgument(operation, f"column '{name}' is {column.type}; it runs over numbers")
    types = [ColumnType.NUMERIC] * len(frame.columns)
    if along_rows:
        columns = cloud.map_columns(frame, _along_rows_block, operation, types=types)
        return Frame(frame.names, tuple(columns), frame.layout)
    totals = cloud.map_reduce(frame, _totals_block, operation, combine=add)
    before = _before(totals, operation, len(frame.columns))
    columns = cloud.map_columns(frame, _down_block, operation, before, types=types)
    return Frame(frame.names, tuple(columns), frame.layout)


def difference(cloud: Cloud, frame: Frame) -> Frame:
    """What each row of one numeric column has more than the row before; the first has no value.

    Raises InvalidArgument for another type.
    """
    if frame.columns[0].type is not ColumnType.NUMERIC:
        raise InvalidArgument(
            "difflag1", f"column '{frame.names[0]}' is {frame.columns[0].type}, not numeric"
        )
    lasts = dict(cloud.map_reduce(frame, _last_block, combine=add))
    before, previous = {}, np.nan
    for block in sorted(lasts):
        before[block] = previous
        previous = previous if lasts[block] is None else lasts[block]
    columns = cloud.map_columns(frame, _difference_block, before, types=[ColumnType.NUMERIC])
    return Frame(frame.names, tuple(columns), frame.layout)


def fill_down(cloud: Cloud, frame: Frame, backward: bool, limit: int) -> Frame:
    """Fill missing values with the last known one above (`backward`: below), at most `limit` in a row.

    Raises InvalidArgument for text.
    """
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type.dtype is None:
            raise InvalidArgument("frame", f"column '{name}' is {column.type}; gaps in text are not filled")
    ends = dict(cloud.map_reduce(frame, _end_block, backward, combine=add))
    carried = _carried(ends, len(frame.columns), backward)
    columns = cloud.map_columns(
        frame,
        _fill_down_block,
        backward,
        limit,
        carried,
        types=[column.type for column in frame.columns],
        domains=[column.domain for column in frame.columns],
    )
    return Frame(frame.names, tuple(columns), frame.layout)


def fill_along(cloud: Cloud, frame: Frame, backward: bool, limit: int) -> Frame:
    """Fill missing values of each row from the column before (`backward`: after), at most `limit` in a row.

    Raises InvalidArgument unless all columns are numeric.
    """
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type is not ColumnType.NUMERIC:
            raise InvalidArgument("axis", f"column '{name}' is {column.type}; rows are filled among numbers")
    types = [ColumnType.NUMERIC] * len(frame.columns)
    columns = cloud.map_columns(frame, _fill_along_block, backward, limit, types=types)
    return Frame(frame.names, tuple(columns), frame.layout)


def _matrix(block: Block) -> Floats:
    """The columns of a block as rows of a matrix."""
    return np.stack([numbers(block, i) for i in range(len(block.chunks))])


def _along_rows_block(block: Block, operation: str) -> list[Values]:
    with np.errstate(all="ignore"):
        return list(CUMULATIVE[operation][0].accumulate(_matrix(block), axis=0))


def _totals_block(block: Block, operation: str) -> list[tuple[int, Floats]]:
    ufunc, start = CUMULATIVE[operation]
    with np.errstate(all="ignore"):
        return [(block.index, ufunc.reduce(_matrix(block), axis=1, initial=start))]


def _before(totals: list[tuple[int, Floats]] | None, operation: str, columns: int) -> dict[int, Floats]:
    """For each block the running value of all blocks before it."""
    ufunc, start = CUMULATIVE[operation]
    running, before = np.full(columns, start), {}
    with np.errstate(all="ignore"):
        for block, total in sorted(totals or [], key=lambda pair: pair[0]):
            before[block] = running
            running = ufunc(running, total)
    return before


def _down_block(block: Block, operation: str, before: dict[int, Floats]) -> list[Values]:
    ufunc, _ = CUMULATIVE[operation]
    with np.errstate(all="ignore"):
        return list(ufunc(ufunc.accumulate(_matrix(block), axis=1), before[block.index][:, None]))


def _last_block(block: Block) -> list[tuple[int, float | None]]:
    values = numbers(block, 0)
    return [(block.index, float(values[-1]) if len(values) else None)]


def _difference_block(block: Block, before: dict[int, float]) -> list[Values]:
    with np.errstate(invalid="ignore"):
        return [np.diff(numbers(block, 0), prepend=before[block.index])]


_End = tuple[Any, int]
"""The last known value of a block (None if all are missing), and how many missing ones follow it."""


def _oriented(values: Values, backward: bool) -> Values:
    return values[::-1] if backward else values


def _end_block(block: Block, backward: bool) -> list[tuple[int, list[_End]]]:
    return [(block.index, [_end(block, i, backward) for i in range(len(block.chunks))])]


def _end(block: Block, column: int, backward: bool) -> _End:
    values = _oriented(block.decode(column), backward)
    known = np.flatnonzero(~is_missing(values, block.chunks[column].type))
    return (values[known[-1]], len(values) - 1 - int(known[-1])) if len(known) else (None, len(values))


def _carried(ends: dict[int, list[_End]], columns: int, backward: bool) -> dict[int, list[_End]]:
    """For each block what comes in from the blocks before it (in the direction of filling)."""
    carried: dict[int, list[_End]] = {}
    coming: list[_End] = [(None, 0)] * columns
    for block in sorted(ends, reverse=backward):
        carried[block] = coming
        coming = [
            (old, gap + more) if last is None else (last, more)
            for (old, gap), (last, more) in zip(coming, ends[block], strict=True)
        ]
    return carried


def _fill_down_block(
    block: Block, backward: bool, limit: int, carried: dict[int, list[_End]]
) -> list[Values]:
    filled = []
    for i, (last, gap) in enumerate(carried[block.index]):
        values = _oriented(block.decode(i).copy(), backward)
        missing = is_missing(values, block.chunks[i].type)
        source, distance = _nearest(missing)
        near = missing & (source >= 0) & (distance <= limit)
        values[near] = values[source[near]]
        if last is not None:
            values[missing & (source < 0) & (distance + gap <= limit)] = last
        filled.append(np.ascontiguousarray(_oriented(values, backward)))
    return filled


def _fill_along_block(block: Block, backward: bool, limit: int) -> list[Values]:
    rows = _oriented(_matrix(block), backward).T.copy()
    missing = np.isnan(rows)
    source, distance = _nearest(missing)
    near = missing & (source >= 0) & (distance <= limit)
    rows[near] = rows[np.nonzero(near)[0], source[near]]
    return list(np.ascontiguousarray(_oriented(rows.T, backward)))


def _nearest(missing: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each place (along the last axis) that of the last known value, −1 if none; and how far it is."""
    places = np.broadcast_to(np.arange(missing.shape[-1]), missing.shape)
    source = np.maximum.accumulate(np.where(missing, -1, places), axis=-1)
    return source, places - source
