"""Sorting the rows of a frame by the values of some columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block, Target, Workspace
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.exchange import (
    Keep,
    Ranges,
    exchange,
    flat_column,
    held_blocks,
    held_words,
    range_layout,
    taken,
)
from aquifer_cluster.transform.keys import KeyCoding, coding_of
from aquifer_cluster.transform.ordering import order_of, share

HELD_ROWS, HELD_ORDER = "rows", "order"
"""Under which names a node holds what it sorts, and the order of it."""


def sort_rows(cloud: Cloud, frame: Frame, columns: Sequence[int], ascending: Sequence[bool] = ()) -> Frame:
    """The rows in the order of the columns' values, the first column being the most significant.

    Missing values come first, whatever the direction; rows with the same values stay in order. Categories
    ascend in the order of their levels whatever the direction, as in H2O. `ascending` has a flag for each
    column; without any, all ascend. Raises InvalidArgument otherwise, and MemoryExceeded if the rows do not
    fit a second time.
    """
    descending = directions("sort", frame, columns, ascending)
    if not columns or not frame.rows:
        return frame
    coding = coding_of(cloud, frame, columns, descending)
    with cloud.workspace() as job:
        ranges = exchange(cloud, job, "sort", {HELD_ROWS: (frame, coding)})
        sizes = cloud.run(job, _order_here, coding, ranges)
        types = [column.type for column in frame.columns]
        layout = range_layout(cloud, sizes)
        domains = [column.domain for column in frame.columns]
        made = cloud.produce(
            job,
            rows_in_order,
            types,
            layout=layout,
            types=types,
            domains=domains,
            what="sort",
            needed=frame.nbytes,
        )
    return rebalance(cloud, Frame(frame.names, tuple(made), layout))


def directions(operation: str, frame: Frame, columns: Sequence[int], ascending: Sequence[bool]) -> list[bool]:
    """Whether each column descends. Raises InvalidArgument if there is not a direction for each."""
    if ascending and len(ascending) != len(columns):
        raise InvalidArgument(
            operation, f"{len(columns)} columns need as many directions, found {len(ascending)}"
        )
    up = ascending or [True] * len(columns)
    return [
        not rises and frame.columns[column].type is not ColumnType.ENUM
        for column, rises in zip(columns, up, strict=True)
    ]


def _order_here(
    workspace: Workspace, blocks: list[Block], coding: KeyCoding, ranges: Ranges
) -> NDArray[np.int64]:
    """Find the order of the node's rows; how many there are of each range."""
    words = held_words(workspace, HELD_ROWS, coding)
    workspace.held[HELD_ORDER] = order_of(workspace, words)
    return ranges.sizes(words[0])


def rows_in_order(
    workspace: Workspace, targets: Sequence[Target], keep: Keep, types: Sequence[ColumnType]
) -> None:
    """Keep the columns of what the node holds in its order; a task for `cloud.produce`."""
    blocks, order = held_blocks(workspace, HELD_ROWS), workspace.held[HELD_ORDER]
    for column, type in enumerate(types):
        flat = flat_column(workspace, blocks, column, type)

        def gather(i: int, column: int = column, type: ColumnType = type, flat: Values = flat) -> None:
            target = targets[i]
            keep(column, target, taken(flat, order[target.start : target.stop], type))

        share(workspace, gather, len(targets))
