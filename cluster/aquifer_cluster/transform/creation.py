"""New columns out of nothing: constants, and small frames from values at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame, Layout, even_layout
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import as_numbers


@dataclass(frozen=True)
class NewColumn:
    """A column that is about to be made: its decoded values are here."""

    name: str
    type: ColumnType
    values: Values
    domain: tuple[str, ...] | None = None


def make_frame(cloud: Cloud, columns: Sequence[NewColumn], layout: Layout | None = None) -> Frame:
    """Send values that are at hand to the nodes; without a layout they are spread evenly.

    Raises MemoryExceeded if they do not fit.
    """
    rows = len(columns[0].values)
    layout = layout or even_layout(rows, cloud.size)
    written = cloud.new_columns(column.type for column in columns)
    pending = []
    with cloud.reserve("A frame of values at hand", sum(column.values.nbytes for column in columns)):
        for block, owner in enumerate(layout.owners):
            start, stop = int(layout.starts[block]), int(layout.starts[block + 1])
            pieces = [column.values[start:stop] for column in columns]
            pending.append(cloud.write(written, block, owner, _given, pieces))
        try:
            statistics = [call.result()[0] for call in pending]
        except BaseException:
            cloud.discard(written, pending)
            raise
    made = cloud.make_columns(written, statistics, layout, [column.domain for column in columns])
    return Frame(tuple(column.name for column in columns), tuple(made), layout)


def make_small_frame(cloud: Cloud, columns: Sequence[NewColumn]) -> Frame:
    """Make a frame that is one block on the first node: a result of a few rows.

    Raises InvalidArgument without columns.
    """
    if not columns:
        raise InvalidArgument("frame", "it has no columns")
    return make_frame(cloud, columns, Layout((len(columns[0].values),), (0,)))


def constant_column(
    cloud: Cloud, layout: Layout, value: float | str, type: ColumnType | None = None
) -> Column:
    """A column of the given layout with one value in all rows; NaN makes a column of missing values.

    A number makes a numeric column, or one of times (milliseconds) if that is the type. Raises MemoryExceeded
    for a long text in many rows.
    """
    if isinstance(value, str):
        cloud.require("A column of one text", layout.rows * len(value))
    type = type or (ColumnType.STRING if isinstance(value, str) else ColumnType.NUMERIC)
    return cloud.map_columns(Frame((), (), layout), _constant_block, value, type, types=[type])[0]


def is_single_time(frame: Frame) -> bool:
    """Whether the frame is a single time, as `moment` makes it."""
    return frame.rows == 1 and [column.type for column in frame.columns] == [ColumnType.TIME]


def single_number(cloud: Cloud, frame: Frame) -> float:
    """The first value of a frame of numbers or times; NaN if it is missing."""
    return float(as_numbers(cloud.read(frame, 0, 1)[0], frame.columns[0].type)[0])


def missing_column(cloud: Cloud, layout: Layout, like: Column) -> Column:
    """A column of the type and domain of `like` in which every row is missing."""
    empty = Frame((), (), layout)
    return cloud.map_columns(empty, _missing_block, like.type, types=[like.type], domains=[like.domain])[0]


def missing_row(cloud: Cloud, like: Frame) -> Frame:
    """A frame of one row in which every value is missing; names, types and domains are those of `like`."""
    layout = Layout((1,), (0,))
    return Frame(like.names, tuple(missing_column(cloud, layout, column) for column in like.columns), layout)


def missing_values(rows: int, type: ColumnType) -> Values:
    """`rows` missing values in the decoded form of `type`."""
    if type.dtype is None:
        return pa.nulls(rows, pa.string())
    if type is ColumnType.NUMERIC:
        return np.full(rows, np.nan)
    return np.full(rows, -1 if type is ColumnType.ENUM else np.iinfo(np.int64).min, type.dtype)


def _given(values: Sequence[Values]) -> tuple[Sequence[Values], None]:
    return values, None


def _constant_block(block: Block, value: float | str, type: ColumnType) -> list[Values]:
    if isinstance(value, str):
        return [pa.repeat(pa.scalar(value, pa.string()), block.rows)]
    if value != value:
        return [missing_values(block.rows, type)]
    if type is ColumnType.TIME:
        return [np.full(block.rows, int(value), np.int64)]
    return [np.full(block.rows, value, np.float64)]


def _missing_block(block: Block, type: ColumnType) -> list[Values]:
    return [missing_values(block.rows, type)]
