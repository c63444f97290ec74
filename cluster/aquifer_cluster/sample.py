"""A look at a frame whose cost does not depend on its size: a few thousand rows from everywhere in it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from aquifer_cluster.chunk import Values, concatenate
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block

SAMPLE_ROWS = 4096
_RUNS = 64

Pieces: TypeAlias = list[list[Values]]
"""For each column, runs of its decoded rows."""


def sample(cloud: Cloud, frame: Frame) -> list[Values]:
    """Decoded rows of each column: all if they are few, otherwise `SAMPLE_ROWS` in evenly spread runs.

    A node decodes only what is asked of it, in one call for all columns. Not random: the same rows each time.
    """
    pieces = cloud.map_reduce(frame, sample_block, sample_runs(frame.rows), combine=join_pieces)
    if pieces is None:
        return cloud.read(frame)
    return [concatenate(runs, column.type) for runs, column in zip(pieces, frame.columns, strict=True)]


def sample_runs(rows: int) -> tuple[tuple[int, int], ...]:
    """The runs of rows to look at, as (first, last + 1), ascending and without overlap."""
    if rows <= SAMPLE_ROWS:
        return ((0, rows),)
    length = SAMPLE_ROWS // _RUNS
    firsts = np.linspace(0, rows - length, _RUNS).astype(int)
    return tuple((int(first), int(first) + length) for first in firsts)


def sample_block(block: Block, runs: tuple[tuple[int, int], ...]) -> Pieces:
    """What a block holds of the `runs`."""
    within = [(max(first - block.start, 0), min(last - block.start, block.rows)) for first, last in runs]
    return [[chunk.decode(first, last) for first, last in within if first < last] for chunk in block.chunks]


def join_pieces(a: Pieces, b: Pieces) -> Pieces:
    """The runs of both."""
    return [left + right for left, right in zip(a, b, strict=True)]
