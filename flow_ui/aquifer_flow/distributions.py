"""Small histograms of columns, from a sample of the frame's rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.sample import sample

from aquifer_flow.page import ViewModel

BINS = 24


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
        for i, column, values in zip(drawn, shown.columns, sample(cloud, shown), strict=True):
            found[i] = _distribution(column, values)
    return found


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
