"""Histograms of whole columns: how many values fall into each of up to a thousand equal bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block

MAX_BINS = 1000

Counts = list[NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Bins:
    """Bin i is from `base + i · stride` up to the next; the last includes its upper end."""

    base: float
    stride: float
    number: int
    exact: bool
    """Whether every bin holds one distinct value, its lower end."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """The finite known values of a column, counted in bins."""

    bins: Bins
    counts: NDArray[np.int64]

    def quantiles(self, probabilities: Sequence[float]) -> list[float]:
        """Type-7 quantiles from the counts; right only if the bins are exact."""
        below = np.cumsum(self.counts)
        places = np.asarray(probabilities) * (below[-1] - 1)
        low = np.searchsorted(below, np.floor(places), "right")
        high = np.searchsorted(below, np.ceil(places), "right")
        values = low + (high - low) * (places - np.floor(places))
        return [float(value) for value in self.bins.base + self.bins.stride * values]


def histograms(cloud: Cloud, frame: Frame) -> list[Histogram | None]:
    """One for each column; None for text and for columns without finite known values.

    Levels and whole numbers of a small range have a bin for each value, others a thousand bins.
    """
    bins = [_bins(column) for column in frame.columns]
    chosen = [i for i, found in enumerate(bins) if found is not None]
    histograms: list[Histogram | None] = [None] * len(bins)
    if chosen:
        wanted = tuple(found for found in bins if found is not None)
        counts = cloud.map_reduce(frame.select(chosen), count_block, wanted, combine=add_counts)
        for i, found, counted in zip(chosen, wanted, counts, strict=True):
            histograms[i] = Histogram(found, counted)
    return histograms


def count_block(block: Block, bins: tuple[Bins, ...]) -> Counts:
    """The counts of each of a block's columns."""
    return [_count(block, i, found) for i, found in enumerate(bins)]


def add_counts(a: Counts, b: Counts) -> Counts:
    """The counts of both sets of rows."""
    return [left + right for left, right in zip(a, b, strict=True)]


def _count(block: Block, i: int, bins: Bins) -> NDArray[np.int64]:
    values = block.decode(i)
    known = values[~is_missing(values, block.chunks[i].type)].astype(np.float64)
    places = (known[np.isfinite(known)] - bins.base) / bins.stride
    return np.bincount(np.minimum(places.astype(np.int64), bins.number - 1), minlength=bins.number)


def _bins(column: Column) -> Bins | None:
    if column.domain is not None:
        return Bins(0.0, 1.0, max(len(column.domain), 1), True)
    low, high = column.rollups.minimum, column.rollups.maximum
    if column.type.dtype is None or not (math.isfinite(low) and math.isfinite(high)):
        return None
    span = high - low
    if column.rollups.whole and span < MAX_BINS and column.type is ColumnType.NUMERIC:
        return Bins(low, 1.0, int(span) + 1, True)
    return Bins(low, span / MAX_BINS or 1.0, MAX_BINS if span else 1, span == 0)
