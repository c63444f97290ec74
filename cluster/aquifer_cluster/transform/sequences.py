"""Columns of numbers at equal steps, and columns repeated to a length."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import MAX_BLOCK_ROWS, Frame, even_layout
from aquifer_cluster.node import Block

MAX_REPEATED_COLUMNS = 100_000


def sequence(cloud: Cloud, start: float, step: float, count: int) -> Frame:
    """`count` numbers from `start` on in steps of `step`, in one column C1. Raises MemoryExceeded."""
    cloud.require("A sequence", count * 8)
    layout = even_layout(count, cloud.size, cloud.threads)
    columns = cloud.map_columns(
        Frame((), (), layout), _sequence_block, start, step, types=[ColumnType.NUMERIC]
    )
    return Frame(("C1",), tuple(columns), layout)


def repeat_rows(cloud: Cloud, frame: Frame, length: int) -> Frame:
    """The one column's rows, again and again until there are `length`, in a column C1.

    Raises InvalidArgument if there is no row to repeat, MemoryExceeded.
    """
    if length and not frame.rows:
        raise InvalidArgument("value", "the column has no row to repeat")
    times = -(-length // max(frame.rows, 1))
    cloud.require("A repetition", frame.nbytes * times)
    layout = even_layout(length, cloud.size, cloud.threads)
    if frame.rows > MAX_BLOCK_ROWS:
        return cloud.concatenate([frame] * times, layout).rename(["C1"])
    (column,) = frame.columns
    (values,) = cloud.read(frame)
    columns = cloud.map_columns(
        Frame((), (), layout), _repeated_block, values, types=[column.type], domains=[column.domain]
    )
    return Frame(("C1",), tuple(columns), layout)


def repeat_columns(cloud: Cloud, frame: Frame, length: int) -> Frame:
    """The columns, again and again until there are `length`, named C1, C2 …. Raises InvalidArgument."""
    if not 0 < length <= MAX_REPEATED_COLUMNS:
        raise InvalidArgument(
            "length", f"a frame of {length:,} columns; 1 to {MAX_REPEATED_COLUMNS:,} are made"
        )
    columns = tuple(frame.columns[i % len(frame.columns)] for i in range(length))
    return Frame(tuple(f"C{i + 1}" for i in range(length)), columns, frame.layout)


def _repeated_block(block: Block, values: Values) -> list[Values]:
    places = np.arange(block.start, block.start + block.rows) % max(len(values), 1)
    return [values[places] if isinstance(values, np.ndarray) else values.take(pa.array(places))]


def _sequence_block(block: Block, start: float, step: float) -> list[Values]:
    return [start + step * np.arange(block.start, block.start + block.rows)]
