"""Taking rows: by position, by mask, and by having no missing value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import Chunk, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import rebalance, side_by_side
from aquifer_cluster.transform.numbers import numbers

Positions = NDArray[np.int64]

_FEW_ROWS = 2048
"""What is taken of a block is encoded anew if it is no more."""


@dataclass(frozen=True)
class RowRanges:
    """Rows by number, as ascending runs that do not overlap; `runs` has (start, stop, step) in its rows."""

    runs: Positions

    @classmethod
    def of(cls, ranges: Sequence[range]) -> RowRanges:
        """Make them from ranges. Raises InvalidArgument unless they ascend and do not overlap."""
        runs = np.array([(r.start, r[-1] + 1, r.step) for r in ranges if len(r)], np.int64).reshape(-1, 3)
        if (runs[:, 2] < 1).any() or (runs[1:, 0] < runs[:-1, 1]).any():
            raise InvalidArgument(
                "rows", "rows are not reordered or repeated here; please sort the row selection first"
            )
        return cls(runs)

    def within(self, start: int, rows: int) -> Positions:
        """The positions, relative to `start`, of those that fall into the `rows` rows from `start` on."""
        first = int(np.searchsorted(self.runs[:, 1], start, "right"))
        last = int(np.searchsorted(self.runs[:, 0], start + rows, "left"))
        runs = self.runs[first:last]
        if len(runs) and (runs[:, 1] - runs[:, 0] == 1).all():
            return runs[:, 0] - start
        pieces = [np.arange(begin, stop, step) for begin, stop, step in runs]
        found = np.concatenate([np.empty(0, np.int64), *pieces])
        return found[(found >= start) & (found < start + rows)] - start

    def blocks(self, layout: Layout) -> list[int]:
        """The blocks that hold some of the rows; the first one if none does."""
        runs = self.runs[self.runs[:, 0] < layout.rows]
        first, last = (
            np.searchsorted(layout.starts[1:], rows, "right") for rows in (runs[:, 0], runs[:, 1] - 1)
        )
        open_runs = np.zeros(layout.blocks + 1, np.int64)
        np.add.at(open_runs, first, 1)
        np.add.at(open_runs, np.minimum(last, layout.blocks - 1) + 1, -1)
        return np.flatnonzero(np.cumsum(open_runs)).tolist() or [0]


def take_rows(cloud: Cloud, frame: Frame, rows: RowRanges) -> Frame:
    """The given rows, in order. Rows beyond the end are not there, so they are not taken."""
    return _keep(cloud, frame, frame, _positions_of_ranges, rows, blocks=rows.blocks(frame.layout))


def drop_rows(cloud: Cloud, frame: Frame, rows: RowRanges) -> Frame:
    """All rows but the given ones."""
    return _keep(cloud, frame, frame, _positions_outside_ranges, rows)


def filter_rows(cloud: Cloud, frame: Frame, mask: Frame) -> Frame:
    """The rows where the one column of `mask` is true: known and not zero.

    Raises InvalidArgument if the mask has several columns or another number of rows.
    """
    if len(mask.columns) != 1:
        raise InvalidArgument("rows", f"a row mask is one column, found {len(mask.columns)} columns")
    joined = side_by_side(cloud, [frame, mask])
    return _keep(cloud, frame, joined, _positions_of_mask)


def take_marked(cloud: Cloud, frame: Frame, marks: NDArray[np.uint8]) -> Frame:
    """The rows whose bit is set in `marks`: a bit for each row, as `numpy.packbits` packs them."""
    return _keep(cloud, frame, frame, _positions_of_marks, marks)


def omit_missing(cloud: Cloud, frame: Frame) -> Frame:
    """The rows without any missing value."""
    if not any(column.rollups.missing for column in frame.columns):
        return frame
    return _keep(cloud, frame, frame, _positions_complete)


def mask_of(block: Block, column: int) -> NDArray[np.bool_]:
    """Where a column of a block is true: known and not zero."""
    found = numbers(block, column)
    return np.asarray((found != 0) & ~np.isnan(found))


def _keep(
    cloud: Cloud,
    frame: Frame,
    source: Frame,
    choose: Any,
    *arguments: Any,
    blocks: Sequence[int] | None = None,
) -> Frame:
    """The rows of `frame` (the first columns of `source`) at the positions that `choose` gives per block.

    No other than the given `blocks` hold any.
    """
    if not frame.columns:
        return frame
    columns = cloud.map_columns(
        source,
        _take_block,
        len(frame.columns),
        choose,
        arguments,
        types=[column.type for column in frame.columns],
        domains=[column.domain for column in frame.columns],
        blocks=blocks,
    )
    return rebalance(cloud, Frame(frame.names, tuple(columns), columns[0].layout))


def _take_block(block: Block, count: int, choose: Any, arguments: tuple[Any, ...]) -> list[Chunk | Values]:
    """Chunks, or values to be encoded anew if they are few: a chunk keeps what is shared by all its rows."""
    positions = choose(block, *arguments)
    taken = [chunk.take(positions) for chunk in block.chunks[:count]]
    return [chunk.exact() for chunk in taken] if len(positions) <= _FEW_ROWS else taken


def _positions_of_ranges(block: Block, rows: RowRanges) -> Positions:
    return rows.within(block.start, block.rows)


def _positions_outside_ranges(block: Block, rows: RowRanges) -> Positions:
    kept = np.ones(block.rows, np.bool_)
    kept[rows.within(block.start, block.rows)] = False
    return np.flatnonzero(kept)


def _positions_of_mask(block: Block) -> Positions:
    return np.flatnonzero(mask_of(block, len(block.chunks) - 1))


def _positions_of_marks(block: Block, marks: NDArray[np.uint8]) -> Positions:
    first = block.start // 8
    bits = np.unpackbits(marks[first : -(-(block.start + block.rows) // 8)])
    return np.flatnonzero(bits[block.start - 8 * first :][: block.rows])


def _positions_complete(block: Block) -> Positions:
    complete = np.ones(block.rows, np.bool_)
    for chunk in block.chunks:
        complete &= ~is_missing(chunk.decode(), chunk.type)
    return np.flatnonzero(complete)
