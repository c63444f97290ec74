"""Frames of different layouts meet here, and frames whose rows crowd on few nodes are spread again."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout, even_layout


def align(cloud: Cloud, frames: Sequence[Frame]) -> list[Frame]:
    """The frames in one layout: that of the largest (in bytes), to which the others move.

    Raises InvalidArgument if they differ in rows.
    """
    for frame in frames[1:]:
        if frame.rows != frames[0].rows:
            raise InvalidArgument(
                "frame",
                f"frames must have the same number of rows, found {frames[0].rows} and {frame.rows} rows",
            )
    anchor = max(frames, key=lambda frame: frame.nbytes).layout
    return [cloud.redistribute(frame, anchor) for frame in frames]


def side_by_side(cloud: Cloud, frames: Sequence[Frame]) -> Frame:
    """All columns of the frames in one frame, aligned and named by position: what a block function sees."""
    aligned = align(cloud, frames)
    columns = tuple(column for frame in aligned for column in frame.columns)
    return Frame(tuple(str(i) for i in range(len(columns))), columns, aligned[0].layout)


def rebalance(cloud: Cloud, frame: Frame) -> Frame:
    """The frame, spread evenly if a node owns over twice the rows of another or blocks are tiny."""
    even = even_layout(frame.rows, cloud.size, cloud.threads)
    crowded = _largest_shard(frame.layout, cloud.size) > max(
        2 * _smallest_shard(frame.layout, cloud.size), _largest_shard(even, cloud.size)
    )
    if crowded or frame.layout.blocks > 4 * even.blocks:
        return cloud.redistribute(frame, even)
    return frame


def _largest_shard(layout: Layout, nodes: int) -> int:
    return max(layout.rows_of(node) for node in range(nodes))


def _smallest_shard(layout: Layout, nodes: int) -> int:
    return min(layout.rows_of(node) for node in range(nodes))
