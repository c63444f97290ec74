"""Frames as matrices: transpose, product, distances between rows. One side is small and sent to all nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_cluster.transform.numbers import Floats, as_numbers, numbers

MAX_COLUMNS = 100_000
"""A matrix of more columns than this is not made of rows."""

_NUMBERS = (ColumnType.NUMERIC, ColumnType.TIME)
_CELL_BYTES = 8


def transpose(cloud: Cloud, frame: Frame) -> Frame:
    """Rows become columns C1, C2 …. Raises InvalidArgument for columns of no numbers or too many rows."""
    with _gathered(cloud, frame, "frame", frame.rows) as found:
        columns = [NewColumn(f"C{i + 1}", ColumnType.NUMERIC, row) for i, row in enumerate(found)]
        return make_frame(cloud, columns)


def product(cloud: Cloud, left: Frame, right: Frame) -> Frame:
    """The matrix product, columns C1, C2 …; a missing value makes what it enters missing.

    Raises InvalidArgument if the shapes do not fit or `right` has too many columns.
    """
    if len(left.columns) != right.rows:
        raise InvalidArgument(
            "right", f"the left frame has {len(left.columns)} columns, the right one {right.rows} rows"
        )
    with _gathered(cloud, right, "right", len(right.columns)) as found:
        return _against(cloud, left, found, _product_block)


def _l1(rows: Floats, others: Floats) -> Floats:
    return np.stack([np.abs(rows - other).sum(1) for other in others], axis=1)


def _l2(rows: Floats, others: Floats) -> Floats:
    return np.stack([np.sqrt(np.square(rows - other).sum(1)) for other in others], axis=1)


def _cosine_squared(rows: Floats, others: Floats) -> Floats:
    lengths = np.outer(np.square(rows).sum(1), np.square(others).sum(1))
    return np.asarray(np.square(rows @ others.T) / lengths)


def _cosine(rows: Floats, others: Floats) -> Floats:
    lengths = np.outer(np.sqrt(np.square(rows).sum(1)), np.sqrt(np.square(others).sum(1)))
    return np.asarray((rows @ others.T) / lengths)


MEASURES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "l1": _l1,
    "l2": _l2,
    "cosine": _cosine,
    "cosine_sq": _cosine_squared,
}
"""Distances (l1, l2) or similarities (the cosine and its square) of rows with other rows."""


def distances(cloud: Cloud, frame: Frame, others: Frame, measure: str) -> Frame:
    """How far each row of `frame` is from each row of `others`: a column C1, C2 … for each of the latter.

    Raises InvalidArgument for an unknown measure, frames of other columns, missing values, or too many rows.
    """
    if measure not in MEASURES:
        raise InvalidArgument("measure", f"'{measure}' is not one of {', '.join(MEASURES)}")
    if len(frame.columns) != len(others.columns):
        raise InvalidArgument(
            "references", f"the frames have {len(frame.columns)} and {len(others.columns)} columns"
        )
    for side in (frame, others):
        for name, column in zip(side.names, side.columns, strict=True):
            if column.rollups.missing:
                raise InvalidArgument("references", f"column '{name}' has missing values; impute them first")
    with _gathered(cloud, others, "references", others.rows) as found:
        return _against(cloud, frame, np.ascontiguousarray(found.T), _distance_block, measure)


@contextmanager
def _gathered(cloud: Cloud, frame: Frame, argument: str, columns: int) -> Iterator[Floats]:
    """All values, a row for each row of `frame`, if the `columns` of the result are not too many.

    Their memory is kept from others as long as the block lasts.
    """
    _require_numbers(frame, argument)
    if not frame.rows:
        raise InvalidArgument(argument, "the frame has no rows")
    if columns > MAX_COLUMNS:
        raise InvalidArgument(
            argument, f"the result would have {columns:,} columns; at most {MAX_COLUMNS:,} are made"
        )
    with cloud.reserve("A matrix", frame.rows * len(frame.columns) * _CELL_BYTES):
        values = zip(cloud.read(frame), frame.columns, strict=True)
        yield np.stack([as_numbers(found, column.type) for found, column in values], axis=1)


def _require_numbers(frame: Frame, argument: str) -> None:
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type not in _NUMBERS:
            raise InvalidArgument(argument, f"column '{name}' is {column.type}; a matrix is of numbers")


def _against(
    cloud: Cloud, frame: Frame, matrix: Floats, function: Callable[..., list[Values]], *arguments: str
) -> Frame:
    """A column for each column of `matrix`, from each block of `frame` and all of `matrix`."""
    _require_numbers(frame, "left")
    width = matrix.shape[1]
    columns = cloud.map_columns(
        frame,
        function,
        matrix,
        *arguments,
        types=[ColumnType.NUMERIC] * width,
        what="A matrix",
        needed=frame.rows * width * _CELL_BYTES,
    )
    return Frame(tuple(f"C{i + 1}" for i in range(width)), tuple(columns), frame.layout)


def _rows(block: Block) -> Floats:
    return np.stack([numbers(block, i) for i in range(len(block.chunks))], axis=1)


def _product_block(block: Block, matrix: Floats) -> list[Values]:
    with np.errstate(all="ignore"):
        return list(np.ascontiguousarray((_rows(block) @ matrix).T))


def _distance_block(block: Block, matrix: Floats, measure: str) -> list[Values]:
    with np.errstate(all="ignore"):
        return list(np.ascontiguousarray(MEASURES[measure](_rows(block), matrix.T).T))
