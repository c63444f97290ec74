"""Small histograms of columns, from a sample whose size does not depend on the frame's."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from aquifer_cluster.chunk import ColumnType, Values, concatenate, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block

from aquifer_flow.page import ViewModel

SAMPLE_RUNS = 64
SAMPLE_ROWS = 4096
BINS = 24

Pieces: TypeAlias = list[list[Values]]
"""For each column, runs of its decoded rows."""


class Distribution(ViewModel):
    """How often values fall into equal intervals from `low` to `high`, or have each of the first levels.

    `sampled` is how many rows were looked at.
    """

    counts: tuple[int, ...]
    low: float | None
    high: float | None
    sampled: int


def distributions(cloud: Cloud, frame: Frame) -> list[Distribution | None]:
    """One for each column; None for text and for columns that are constant or without known values."""
    drawn = [i for i, column in enumerate(frame.columns) if column.type.dtype and not column.rollups.constant]
    found: list[Distribution | None] = [None] * len(frame.columns)
    if drawn:
        shown = frame.select(drawn)
        pieces = cloud.map_reduce(shown, sample_block, sample_starts(frame.rows), combine=join_pieces)
        for i, column, runs in zip(drawn, shown.columns, pieces, strict=True):
            found[i] = _distribution(column, concatenate(runs, column.type))
    return found


def sample_starts(rows: int) -> tuple[tuple[int, int], ...]:
    """Runs of rows (first, last + 1): all rows if they are few, otherwise runs spread evenly."""
    if rows <= SAMPLE_ROWS:
        return ((0, rows),)
    length = SAMPLE_ROWS // SAMPLE_RUNS
    firsts = np.linspace(0, rows - length, SAMPLE_RUNS).astype(int)
    return tuple((int(first), int(first) + length) for first in firsts)


def sample_block(block: Block, runs: tuple[tuple[int, int], ...]) -> Pieces:
    """What a block holds of the `runs`; decodes no other rows."""
    within = [(max(first - block.start, 0), min(last - block.start, block.rows)) for first, last in runs]
    return [[chunk.decode(first, last) for first, last in within if first < last] for chunk in block.chunks]


def join_pieces(a: Pieces, b: Pieces) -> Pieces:
    """The runs of both."""
    return [left + right for left, right in zip(a, b, strict=True)]


def _distribution(column: Column, values: Values) -> Distribution | None:
    known = values[~is_missing(values, column.type)]
    if column.domain is not None:
        counts = np.bincount(known, minlength=len(column.domain))[:BINS]
        return Distribution(counts=_plain(counts), low=None, high=None, sampled=len(values))
    finite = known[np.isfinite(known)].astype(np.float64)
    low, high = column.rollups.minimum, column.rollups.maximum
    if not len(finite) or not np.isfinite([low, high]).all():
        return None
    whole = column.type is ColumnType.NUMERIC and column.rollups.whole
    bins = int(min(BINS, high - low + 1)) if whole else BINS
    counts, _ = np.histogram(finite, bins=bins, range=(low, high))
    return Distribution(counts=_plain(counts), low=low, high=high, sampled=len(values))


def _plain(counts: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)
