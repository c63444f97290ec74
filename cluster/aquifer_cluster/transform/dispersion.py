"""Second and higher moments: covariance, correlation, skewness and kurtosis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import side_by_side
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.rows import omit_missing

MISSING_RULES = ("everything", "all.obs", "complete.obs")


def covariance(cloud: Cloud, left: Frame, right: Frame, missing: str) -> Floats:
    """Sample covariances of the columns of `left` (rows of the result) with those of `right`.

    `missing`: with "everything" a missing value makes what it enters NaN; "all.obs" refuses it;
    "complete.obs" leaves out rows that have one. Raises InvalidArgument.
    """
    if missing not in MISSING_RULES:
        raise InvalidArgument("use", f"it is one of {', '.join(MISSING_RULES)}, found {missing}")
    if not left.columns or not right.columns:
        raise InvalidArgument("frame", "it has no columns")
    joined = side_by_side(cloud, [left, right])
    if missing == "all.obs" and any(column.rollups.missing for column in joined.columns):
        raise InvalidArgument("use", "the frame has missing values, but all.obs allows none")
    centre = np.nan_to_num([column.rollups.mean for column in joined.columns])
    split, complete = len(left.columns), missing == "complete.obs"
    moments = cloud.map_reduce(joined, _moments_block, split, centre, complete, combine=_add_moments)
    count, left_sums, right_sums, products = moments
    if count < 2:
        return np.full(products.shape, np.nan)
    found: Floats = (products - np.outer(left_sums, right_sums) / count) / (count - 1)
    return found


def correlation(cloud: Cloud, left: Frame, right: Frame, missing: str) -> Floats:
    """Pearson's correlations of the columns of `left` with those of `right`; rules as for `covariance`.

    NaN for a column that is not numeric or does not vary.
    """
    joined = side_by_side(cloud, [left, right])
    covariances = covariance(cloud, joined, joined, missing)
    text = [column.type is not ColumnType.NUMERIC for column in joined.columns]
    spread = np.sqrt(np.where(text, np.nan, np.diag(covariances)))
    split = len(left.columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(covariances[:split, split:] / np.outer(spread[:split], spread[split:]))


def complete_together(cloud: Cloud, left: Frame, right: Frame, missing: str) -> tuple[Frame, Frame]:
    """Both frames with "complete.obs" less the rows where either has a missing value; else as they are."""
    if missing != "complete.obs":
        return left, right
    joined = omit_missing(cloud, side_by_side(cloud, [left, right]))
    places, split = range(len(joined.columns)), len(left.columns)
    sides = joined.select(places[:split]), joined.select(places[split:])
    return sides[0].rename(left.names), sides[1].rename(right.names)


def skewness(cloud: Cloud, frame: Frame, skip_missing: bool) -> Floats:
    """The third standardised moment of each column's known values, over their number (not one less)."""
    return _standardised(cloud, frame, 3, skip_missing)


def kurtosis(cloud: Cloud, frame: Frame, skip_missing: bool) -> Floats:
    """The fourth standardised moment (3 for a normal distribution)."""
    return _standardised(cloud, frame, 4, skip_missing)


def _standardised(cloud: Cloud, frame: Frame, power: int, skip_missing: bool) -> Floats:
    """The mean of ((x - mean) / deviation)^power of each column."""
    centre = np.array([column.rollups.mean for column in frame.columns], np.float64)
    spread = np.array([_deviation(column, skip_missing) for column in frame.columns], np.float64)
    counts = np.array([max(1, column.rollups.count) for column in frame.columns])
    sums = cloud.map_reduce(frame, _powers_block, centre, spread, power, combine=np.add)
    return np.where(np.isnan(spread), np.nan, sums / counts)


def _deviation(column: Column, skip_missing: bool) -> float:
    """The square root of the mean squared deviation; NaN where the moments by it are not known."""
    known = column.rollups
    if column.type is not ColumnType.NUMERIC or not known.count or (known.missing and not skip_missing):
        return math.nan
    found = math.sqrt(known.m2 / known.count)
    return found if 0 < found < math.inf else math.nan


def _powers_block(block: Block, centre: Floats, spread: Floats, power: int) -> Floats:
    with np.errstate(all="ignore"):
        terms = zip(centre, spread, strict=True)
        return np.array([np.nansum(((numbers(block, i) - c) / s) ** power) for i, (c, s) in enumerate(terms)])


_Moments = tuple[int, Floats, Floats, Floats]


def _moments_block(block: Block, split: int, centre: NDArray[Any], complete: bool) -> _Moments:
    found = np.stack([numbers(block, i) for i in range(len(block.chunks))], axis=1) - centre
    if complete:
        found = found[~np.isnan(found).any(1)]
    left, right = found[:, :split], found[:, split:]
    with np.errstate(all="ignore"):
        return len(found), left.sum(0), right.sum(0), left.T @ right


def _add_moments(a: _Moments, b: _Moments) -> _Moments:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]
