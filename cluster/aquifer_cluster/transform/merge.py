"""Merging two frames: the pairs of their rows that have the same values in the key columns.

Rows with the same key meet on one node. There both frames' keys are sorted together, which leaves the left
rows of each key before the right ones; how many pairs they make is known before a single one is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
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
    flat_column,
    held_blocks,
    held_words,
    range_layout,
    taken,
)
from aquifer_cluster.transform.keys import KeyCoding, shared_coding
from aquifer_cluster.transform.ordering import KERNELS, Rows, order_of, run_starts, share, stretches

_LEFT, _RIGHT = "left", "right"
_MATCHES, _PAIRS = "matches", "pairs"
_PAIR_BYTES = 8


@dataclass(frozen=True)
class _Output:
    """A column of the result: the columns of the left and the right frame that it comes from, at least one.

    Where it comes from both, the left one is taken where there is a left row; `recoding` are the codes of the
    right one's levels.
    """

    name: str
    type: ColumnType
    domain: tuple[str, ...] | None
    left: int | None = None
    right: int | None = None
    recoding: NDArray[np.int32] | None = None


def merge(
    cloud: Cloud,
    left: Frame,
    right: Frame,
    by_left: Sequence[int] = (),
    by_right: Sequence[int] = (),
    all_left: bool = False,
    all_right: bool = False,
) -> Frame:
    """A row for each pair of rows with the same keys; all others of the left or right frame if asked for.

    Without keys they are the columns whose names both frames have. The columns are the keys, the left
    frame's others, the right frame's others; names that repeat get a number. Rows ascend by the keys, then by
    the left rows, then by the right rows (the other way round with `all_right` alone), as in H2O. Categories
    are the same if their labels are; a missing key is the same as another missing one.

    Raises InvalidArgument if the keys do not go together, and MemoryExceeded if the result would not fit.
    """
    by_left, by_right = _keys(left, right, by_left, by_right)
    right_major = all_right and not all_left
    sides = [(left, by_left), (right, by_right)]
    codings = shared_coding(cloud, sides[::-1])[::-1] if right_major else shared_coding(cloud, sides)
    outputs = _outputs(left, right, codings, all_left, all_right)
    with cloud.workspace() as job:
        ranges = exchange(cloud, job, "merge", {_LEFT: (left, codings[0]), _RIGHT: (right, codings[1])})
        sizes = cloud.run(job, _match_here, codings, ranges, all_left, all_right)
        rows = int(np.sum(sizes))
        layout = range_layout(cloud, sizes)
        made = cloud.produce(
            job,
            _join_here,
            outputs,
            right_major,
            layout=layout,
            types=[output.type for output in outputs],
            domains=[output.domain for output in outputs],
            what=f"merge: a result of {rows:,} rows",
            needed=rows * (_row_bytes(left) + _row_bytes(right) + _PAIR_BYTES),
        )
    names = tuple(output.name for output in outputs)
    return rebalance(cloud, Frame(names, tuple(made), layout))


def _keys(
    left: Frame, right: Frame, by_left: Sequence[int], by_right: Sequence[int]
) -> tuple[list[int], list[int]]:
    """The key columns of both frames. Raises InvalidArgument if they do not go together."""
    if not by_left and not by_right:
        common = [name for name in left.names if name in right.names]
        if not common:
            raise InvalidArgument("merge", "the frames have no column name in common; say by which columns")
        by_left, by_right = [left.index(n) for n in common], [right.index(n) for n in common]
    if len(by_left) != len(by_right):
        raise InvalidArgument(
            "merge", f"as many columns of both frames are needed, found {len(by_left)} and {len(by_right)}"
        )
    for side, columns in (("left", by_left), ("right", by_right)):
        if len(set(columns)) != len(columns):
            raise InvalidArgument("merge", f"a column of the {side} frame is given twice")
    for i, j in zip(by_left, by_right, strict=True):
        a, b = left.columns[i], right.columns[j]
        if a.type is not b.type:
            raise InvalidArgument(
                "merge",
                f"columns must be of the same type, '{left.names[i]}' is {a.wire_type} and "
                f"'{right.names[j]}' is {b.wire_type}; convert one of them",
            )
    return list(by_left), list(by_right)


def _outputs(
    left: Frame, right: Frame, codings: Sequence[KeyCoding], all_left: bool, all_right: bool
) -> list[_Output]:
    ours, theirs = codings
    found = []
    for i, j, part in zip(ours.columns, theirs.columns, theirs.parts, strict=True):
        a, b = left.columns[i], right.columns[j]
        if not all_right:
            found.append(_Output(left.names[i], a.type, a.domain, left=i))
        elif not all_left:
            found.append(_Output(left.names[i], b.type, b.domain, right=j))
        else:
            found.append(_Output(left.names[i], a.type, _united(a, b), i, j, part.levels))
    found += [_Output(*_of(left, i), left=i) for i in range(len(left.columns)) if i not in ours.columns]
    found += [_Output(*_of(right, j), right=j) for j in range(len(right.columns)) if j not in theirs.columns]
    names = unique_names(output.name for output in found)
    return [replace(output, name=name) for name, output in zip(names, found, strict=True)]


def _of(frame: Frame, index: int) -> tuple[str, ColumnType, tuple[str, ...] | None]:
    column = frame.columns[index]
    return frame.names[index], column.type, column.domain


def _united(a: Column, b: Column) -> tuple[str, ...] | None:
    return None if a.domain is None else tuple(dict.fromkeys((*a.domain, *(b.domain or ()))))


def _row_bytes(frame: Frame) -> int:
    return -(-frame.nbytes // max(frame.rows, 1))


@dataclass(frozen=True)
class _Matches:
    """Runs of rows with the same key: see `kernels.pair_rows`; `pairs` are how many each run makes."""

    order: Rows
    starts: NDArray[np.int64]
    lefts: NDArray[np.int64]
    pairs: NDArray[np.int64]
    left_rows: int
    right_rows: int


def _match_here(
    workspace: Workspace,
    blocks: list[Block],
    codings: Sequence[KeyCoding],
    ranges: Ranges,
    all_left: bool,
    all_right: bool,
) -> NDArray[np.int64]:
    """Find which of the node's rows match; how many pairs there are of each range."""
    ours, theirs = (
        held_words(workspace, name, coding) for name, coding in zip((_LEFT, _RIGHT), codings, strict=True)
    )
    words = [np.concatenate(pair) for pair in zip(ours, theirs, strict=True)]
    left_rows, right_rows = len(ours[0]), len(theirs[0])
    order = order_of(workspace, words)
    starts = run_starts(words, order)
    lengths = np.diff(starts)
    before = np.concatenate([[0], np.cumsum(order < left_rows)])
    lefts = np.diff(before[starts])
    rights = lengths - lefts
    pairs = lefts * rights
    if all_left:
        pairs[rights == 0] = lefts[rights == 0]
    if all_right:
        pairs[lefts == 0] = rights[lefts == 0]
    workspace.held[_MATCHES] = _Matches(order, starts, lefts, pairs, left_rows, right_rows)
    return ranges.sizes(words[0][order[starts[:-1]]], pairs)


def _join_here(
    workspace: Workspace,
    targets: Sequence[Target],
    keep: Keep,
    outputs: Sequence[_Output],
    right_major: bool,
) -> None:
    matches: _Matches = workspace.held.pop(_MATCHES)
    left, right = _pair(workspace, matches, right_major)
    for number, output in enumerate(outputs):
        ours = None if output.left is None else _flat(workspace, _LEFT, output.left, output.type)
        theirs = None if output.right is None else _flat(workspace, _RIGHT, output.right, output.type)

        def gather(
            i: int, number: int = number, output: _Output = output, a: Values = ours, b: Values = theirs
        ) -> None:
            span = slice(targets[i].start, targets[i].stop)
            keep(number, targets[i], _gathered(output, a, b, left[span], right[span], matches.left_rows))

        share(workspace, gather, len(targets))


def _gathered(
    output: _Output, ours: Values, theirs: Values, left: Rows, right: Rows, left_rows: int
) -> Values:
    """Rows of an output: of one side, or of the right side where there is no left row."""
    if ours is None:
        return taken(theirs, right, output.type)
    found = taken(ours, left, output.type)
    if theirs is None:
        return found
    other = taken(theirs, right, output.type)
    if output.recoding is not None:
        other = output.recoding[other]
    there = left < left_rows
    return (
        pc.if_else(pa.array(there), found, other)
        if output.type.dtype is None
        else np.where(there, found, other)
    )


def _flat(workspace: Workspace, side: str, column: int, type: ColumnType) -> Any:
    return flat_column(workspace, held_blocks(workspace, side), column, type)


def _pair(workspace: Workspace, matches: _Matches, right_major: bool) -> tuple[Rows, Rows]:
    """The left and the right row of each pair; one behind the last stands for none."""
    offsets = np.concatenate([[0], np.cumsum(matches.pairs)])
    left, right = np.empty(int(offsets[-1]), np.uint32), np.empty(int(offsets[-1]), np.uint32)
    begins = [span.start for span in stretches(len(left), workspace.threads)]
    bounds = [0, *np.searchsorted(offsets, begins[1:]).tolist(), len(matches.lefts)]

    def write(i: int) -> None:
        first, last = bounds[i], bounds[i + 1]
        KERNELS.load().pair_rows(
            matches.order,
            matches.starts[first : last + 1],
            matches.lefts[first:last],
            offsets[first : last + 1],
            matches.left_rows,
            matches.right_rows,
            right_major,
            left,
            right,
        )

    share(workspace, write, workspace.threads)
    return left, right
