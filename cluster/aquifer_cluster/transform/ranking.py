"""Ranks of rows within groups, the first or last row of each key, and the rows with the largest values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block, Target, Workspace
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.binding import unique_names
from aquifer_cluster.transform.exchange import (
    Keep,
    Ranges,
    exchange,
    held_blocks,
    held_words,
    range_layout,
)
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.keys import KeyCoding, coding_of
from aquifer_cluster.transform.ordering import order_of, run_starts
from aquifer_cluster.transform.rows import RowRanges, omit_missing, take_marked, take_rows
from aquifer_cluster.transform.sort import HELD_ORDER, HELD_ROWS, directions, rows_in_order, sort_rows
from aquifer_cluster.transform.tally import Aggregation

_RANKING = "rank_within_groupby"
_RANKS = "ranks"
_RANK_BYTES = 8
KEEP = {"first": "min", "last": "max"}
"""Which row of several alike is kept: the one with the smallest or the largest number."""


def rank_within_groups(
    cloud: Cloud,
    frame: Frame,
    groups: Sequence[int],
    columns: Sequence[int],
    ascending: Sequence[bool],
    name: str,
    sorted_by_columns: bool = False,
) -> Frame:
    """The rows sorted by `groups` and then by `columns`, with their rank (from 1) within their group.

    The rank is missing where a value of `columns` is, and such rows do not count. Directions are as for
    `sort_rows`, those of `groups` ascend. With `sorted_by_columns` the result is sorted by `columns` alone.
    """
    descending = directions(_RANKING, frame, columns, ascending)
    by_group = coding_of(cloud, frame, groups)
    by_all = coding_of(cloud, frame, [*groups, *columns], [False] * len(groups) + descending)
    with cloud.workspace() as job:
        ranges = exchange(cloud, job, _RANKING, {HELD_ROWS: (frame, by_group)})
        cloud.hold(job, _RANKING, (8 * by_all.width + _RANK_BYTES) * frame.rows)
        sizes = cloud.run(job, _rank_here, by_group, by_all, ranges, tuple(columns))
        types = [column.type for column in frame.columns]
        layout = range_layout(cloud, sizes)
        made = cloud.produce(
            job,
            _ranked_rows,
            types,
            layout=layout,
            types=[*types, ColumnType.NUMERIC],
            domains=[*(column.domain for column in frame.columns), None],
            what=_RANKING,
            needed=frame.nbytes + _RANK_BYTES * frame.rows,
        )
    ranked = rebalance(cloud, Frame(unique_names([*frame.names, name]), tuple(made), layout))
    return sort_rows(cloud, ranked, columns, ascending) if sorted_by_columns else ranked


def _rank_here(
    workspace: Workspace,
    blocks: list[Block],
    by_group: KeyCoding,
    by_all: KeyCoding,
    ranges: Ranges,
    columns: tuple[int, ...],
) -> NDArray[np.int64]:
    """Order the node's rows and rank them; how many there are of each range."""
    groups = held_words(workspace, HELD_ROWS, by_group)
    order = order_of(workspace, held_words(workspace, HELD_ROWS, by_all))
    mine = held_blocks(workspace, HELD_ROWS)
    known = np.concatenate([np.empty(0, np.bool_), *(_complete(block, columns) for block in mine)])[order]
    starts = run_starts(groups, order)
    counted = np.concatenate([[0], np.cumsum(known)])
    ranks = counted[1:] - np.repeat(counted[starts[:-1]], np.diff(starts))
    workspace.held[HELD_ORDER] = order
    workspace.held[_RANKS] = np.where(known, ranks, np.nan)
    return ranges.sizes(groups[0])


def _complete(block: Block, columns: Sequence[int]) -> NDArray[np.bool_]:
    """Which rows have a value in all of the columns."""
    found = np.ones(block.rows, np.bool_)
    for column in columns:
        chunk = block.chunks[column]
        found &= ~is_missing(chunk.decode(), chunk.type)
    return found


def _ranked_rows(
    workspace: Workspace, targets: Sequence[Target], keep: Keep, types: Sequence[ColumnType]
) -> None:
    rows_in_order(workspace, targets, keep, types)
    for target in targets:
        keep(len(types), target, workspace.held[_RANKS][target.start : target.stop])


def drop_duplicates(cloud: Cloud, frame: Frame, columns: Sequence[int], keep: str = "first") -> Frame:
    """The first or last of the rows that have the same values in `columns`, in their order.

    Missing values are the same as each other. Raises InvalidArgument without columns, or for another `keep`.
    """
    if keep not in KEEP:
        raise InvalidArgument("keep", f"'{keep}' is none of {', '.join(KEEP)}")
    if not columns:
        raise InvalidArgument("columns", "by no column all rows are the same; name at least one")
    if not frame.rows:
        return frame
    chosen = list(dict.fromkeys(columns))
    slim = Frame(
        tuple(str(i) for i in range(len(chosen) + 1)),
        (*(frame.columns[i] for i in chosen), _row_numbers(cloud, frame)),
        frame.layout,
    )
    number = len(chosen)
    kept = group_by(cloud, slim, range(number), [Aggregation(KEEP[keep], number)])
    marks = cloud.map_reduce(kept.select([number]), _marks, frame.rows, combine=np.bitwise_or)
    return take_marked(cloud, frame, marks)


def _row_numbers(cloud: Cloud, frame: Frame) -> Column:
    empty = Frame((), (), frame.layout)
    return cloud.map_columns(empty, _number_block, types=[ColumnType.NUMERIC])[0]


def _number_block(block: Block) -> list[Values]:
    return [np.arange(block.start, block.start + block.rows, dtype=np.float64)]


def _marks(block: Block, rows: int) -> NDArray[np.uint8]:
    """A bit for each of `rows` rows, set for those whose numbers are in the block."""
    marked = np.zeros(rows, np.bool_)
    marked[block.decode(0).astype(np.int64)] = True
    return np.packbits(marked)


def extreme_rows(cloud: Cloud, frame: Frame, index: int, percent: float, largest: bool) -> Frame:
    """The numbers and values of the `percent` of the rows with the largest or smallest values of a column.

    They are ordered by value, and by row where values are the same; missing values have no place. Raises
    InvalidArgument for a column of other than numbers or times, and unless 0 ≤ percent ≤ 100.
    """
    name, column = frame.names[index], frame.columns[index]
    if column.type not in (ColumnType.NUMERIC, ColumnType.TIME):
        raise InvalidArgument("column", f"it must be of numbers or times, and '{name}' is {column.wire_type}")
    if not 0 <= percent <= 100:
        raise InvalidArgument("percent", f"{percent:g} is not between 0 and 100")
    count = int(np.floor(frame.rows * percent / 100 + 0.5))
    names = unique_names(["Original_Row_Indices", name])
    both = omit_missing(cloud, Frame(names, (_row_numbers(cloud, frame), column), frame.layout))
    ordered = sort_rows(cloud, both, [1], [not largest])
    return take_rows(cloud, ordered, RowRanges.of([range(min(count, ordered.rows))]))
