"""Rows that belong together meet on one node: key ranges, and the rows' way from node to node.

Keys are cut into ranges at splitters found in a sample; range r belongs to node r modulo the number of nodes,
so that each node has a fair share of an ordered result, too. Every node sends each other one the rows of its
ranges, still encoded; a cloud of one node keeps all where it is. What a node then holds under a name are
blocks in the order of the rows, from which ordering, joining and grouping go on without leaving the node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, concatenate
from aquifer_cluster.chunk.base import Array, NumberChunk, missing_value
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import BLOCKS_PER_NODE, MAX_BLOCK_ROWS, Frame, Layout, even_layout
from aquifer_cluster.node import Block, Target, Workspace
from aquifer_cluster.transform.keys import KeyCoding
from aquifer_cluster.transform.ordering import Rows, Words, share

_SAMPLED_PER_RANGE = 64
_WORK_BYTES = 24
"""What ordering a row takes besides its key: its place, as it moves; and a value of the column at hand."""

Keep = Callable[[int, Target, Values], None]
"""What `cloud.produce` gives a task to keep a block of an output."""


@dataclass(frozen=True)
class Ranges:
    """Ranges of keys by their first word: `splitters` (ascending) are the first keys of all but the first."""

    splitters: Words

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.splitters) + 1

    def of(self, words: Words) -> NDArray[np.int64]:
        """The range of each key."""
        return np.searchsorted(self.splitters, words, side="right")

    def sizes(self, words: Words, weights: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """How many of the keys, or what sum of their weights, fall into each range."""
        if self.count == 1:
            return np.array([len(words) if weights is None else weights.sum()], np.int64)
        return np.bincount(self.of(words), weights, minlength=self.count).astype(np.int64)


def exchange(cloud: Cloud, job: str, what: str, sides: Mapping[str, tuple[Frame, KeyCoding]]) -> Ranges:
    """Bring rows with the same key to one node, for all frames by the same ranges.

    Every node then holds its rows of each frame under the frame's name in the mapping; see `held_blocks`.
    What that takes, and ordering the rows by their keys, is kept from others until the job is released.
    Raises MemoryExceeded if it does not fit; `what` is done.
    """
    cloud.hold(job, what, sum(_needed(cloud, frame, coding) for frame, coding in sides.values()))
    if cloud.size == 1:
        for name, (frame, _) in sides.items():
            cloud.run(job, _hold, name, frame=frame)
        return Ranges(np.empty(0, np.uint64))
    ranges = _find_ranges(cloud, job, list(sides.values()))
    for name, (frame, coding) in sides.items():
        cloud.run(job, _sort_out, name, coding, ranges, cloud.size, frame=frame)
        _send(cloud, job, name)
    return ranges


def range_layout(cloud: Cloud, sizes: Sequence[NDArray[np.int64]]) -> Layout:
    """The layout of rows in the order of their keys; `sizes` are the rows of each range on each node."""
    totals = [int(size) for size in np.sum(sizes, axis=0)]
    if cloud.size == 1:
        return even_layout(totals[0], 1, cloud.threads)
    cut = [
        (rows, number % cloud.size)
        for number, total in enumerate(totals)
        if total
        for rows in even_layout(total, 1, -(-total // MAX_BLOCK_ROWS)).block_rows
    ]
    return Layout(*(tuple(part) for part in zip(*(cut or [(0, 0)]), strict=True)))


def held_blocks(workspace: Workspace, name: str) -> list[Block]:
    """The node's rows of a frame that was exchanged."""
    found: list[Block] = workspace.held[name]
    return found


def held_words(workspace: Workspace, name: str, coding: KeyCoding) -> list[Words]:
    """The keys of the node's rows of a frame that was exchanged."""
    blocks = held_blocks(workspace, name)
    pieces = share(workspace, lambda i: coding.words(blocks[i]), len(blocks))
    nothing = np.empty(0, np.uint64)
    return [np.concatenate([nothing, *(piece[i] for piece in pieces)]) for i in range(coding.width)]


def flat_column(workspace: Workspace, blocks: Sequence[Block], column: int, type: ColumnType) -> Values:
    """All rows of a column that a node holds, and a missing value behind them.

    Numbers keep their digits, as the chunks' exact form does.
    """
    chunks = [block.chunks[column] for block in blocks]
    dtypes = {chunk.dtype for chunk in chunks if isinstance(chunk, NumberChunk)}
    if type.dtype is None or len(dtypes) > 1:
        found = concatenate([chunk.exact() for chunk in chunks], type)
        return (
            found
            if type.dtype is None
            else np.append(found, np.array(missing_value(found.dtype), found.dtype))
        )
    dtype = next(iter(dtypes), type.dtype)
    starts = np.concatenate([[0], np.cumsum([chunk.rows for chunk in chunks])]).astype(np.int64)
    flat: Array = np.empty(int(starts[-1]) + 1, dtype)
    flat[-1] = missing_value(dtype)

    def fill(i: int) -> None:
        chunk = chunks[i]
        assert isinstance(chunk, NumberChunk)
        chunk.fill(flat[starts[i] : starts[i + 1]])

    share(workspace, fill, len(chunks))
    return flat


def taken(flat: Values, rows: Rows, type: ColumnType) -> Values:
    """The `rows` of a flat column; the number behind the last row is a missing value."""
    if type.dtype is not None:
        return flat.take(rows)
    return flat.take(pa.array(rows.astype(np.int64), mask=rows == len(flat)))


def _needed(cloud: Cloud, frame: Frame, coding: KeyCoding) -> int:
    """Bytes of the keys, their order, and of the rows themselves if they move."""
    moved = frame.nbytes if cloud.size > 1 else 0
    return moved + frame.rows * (8 * coding.width + _WORK_BYTES)


def _hold(workspace: Workspace, blocks: list[Block], name: str) -> None:
    workspace.held[name] = blocks


def _find_ranges(cloud: Cloud, job: str, sides: Sequence[tuple[Frame, KeyCoding]]) -> Ranges:
    """Splitters between ranges of about the same number of rows; none between rows with the same key."""
    count = cloud.size * BLOCKS_PER_NODE
    rows = sum(frame.rows for frame, _ in sides)
    step = max(1, rows // (count * _SAMPLED_PER_RANGE))
    found = [
        sample for frame, coding in sides for sample in cloud.run(job, _sample, coding, step, frame=frame)
    ]
    sample = np.sort(np.concatenate(found))
    picked = sample[(np.arange(1, count) * len(sample)) // count] if len(sample) else sample
    return Ranges(np.unique(picked))


def _sample(workspace: Workspace, blocks: list[Block], coding: KeyCoding, step: int) -> Words:
    return np.concatenate([np.empty(0, np.uint64), *(coding.words(block)[0][::step] for block in blocks)])


def _sort_out(
    workspace: Workspace, blocks: list[Block], name: str, coding: KeyCoding, ranges: Ranges, nodes: int
) -> None:
    """Put aside what goes to each node."""
    parts = share(workspace, lambda i: _split(blocks[i], coding, ranges, nodes), len(blocks))
    workspace.held[_outgoing(name)] = [[part[node] for part in parts] for node in range(nodes)]


def _split(block: Block, coding: KeyCoding, ranges: Ranges, nodes: int) -> list[Block]:
    owners = ranges.of(coding.words(block)[0]) % nodes
    found = []
    for node in range(nodes):
        rows = np.flatnonzero(owners == node)
        found.append(
            Block(block.index, block.start, tuple(chunk.take(rows) for chunk in block.chunks), len(rows))
        )
    return found


def _send(cloud: Cloud, job: str, name: str) -> None:
    """Let every node have what the others have put aside for it."""
    nodes = range(cloud.size)
    parts = {(i, j): cloud.call(i, job, _give, name, j) for i in nodes for j in nodes if i != j}
    pending = [cloud.call(j, job, _receive, name, *(parts[i, j] for i in nodes if i != j)) for j in nodes]
    for call in pending:
        call.result()
    cloud.run(job, _forget, _outgoing(name))


def _give(workspace: Workspace, blocks: list[Block], name: str, node: int) -> list[Block]:
    found: list[Block] = workspace.held[_outgoing(name)][node]
    return found


def _receive(workspace: Workspace, blocks: list[Block], name: str, *parts: list[Block]) -> None:
    """Keep the rows of this node's ranges, in the order that they have in the frame."""
    mine = [*workspace.held[_outgoing(name)][workspace.node], *(block for part in parts for block in part)]
    workspace.held[name] = sorted(mine, key=lambda block: block.index)


def _forget(workspace: Workspace, blocks: list[Block], name: str) -> None:
    del workspace.held[name]


def _outgoing(name: str) -> str:
    return f"{name}, outgoing"
