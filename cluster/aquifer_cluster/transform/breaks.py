"""Histograms at breaks that are given, or found by a rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.dispersion import skewness
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.quantiles import quantiles

MAX_BINS = 1_000_000


def _width_of_scott(cloud: Cloud, column: Column) -> float:
    return 3.49 * column.rollups.sigma / math.cbrt(column.rollups.count)


def _width_of_freedman(cloud: Cloud, column: Column) -> float:
    low, high = quantiles(cloud, column, [0.25, 0.75], "interpolate")
    return 2 * (high - low) / math.cbrt(column.rollups.count)


def _bins_of_doane(cloud: Cloud, column: Column) -> float:
    count = column.rollups.count
    spread = math.sqrt(6 * (count - 2) / ((count + 1) * (count + 3))) if count > 2 else 1.0
    skew = float(skewness(cloud, Frame(("x",), (column,), column.layout), True)[0])
    return 1 + math.log2(count) + math.log2(1 + abs(skew) / spread)


def _by_width(width: Callable[[Cloud, Column], float]) -> Callable[[Cloud, Column], float]:
    def bins(cloud: Cloud, column: Column) -> float:
        wide = width(cloud, column)
        return (column.rollups.maximum - column.rollups.minimum) / wide if wide > 0 else 1

    return bins


RULES: dict[str, Callable[[Cloud, Column], float]] = {
    "sturges": lambda cloud, column: 1 + math.log2(column.rollups.count),
    "rice": lambda cloud, column: 2 * math.cbrt(column.rollups.count),
    "sqrt": lambda cloud, column: math.sqrt(column.rollups.count),
    "doane": _bins_of_doane,
    "scott": _by_width(_width_of_scott),
    "fd": _by_width(_width_of_freedman),
}
"""How many bins: Sturges 1926, Rice, the square root, Doane 1976, Scott 1979, Freedman and Diaconis 1981."""


def histogram(cloud: Cloud, frame: Frame, breaks: str | Sequence[float]) -> Frame:
    """How many values of one numeric column lie between breaks: a row for each, bins closed on the right.

    `breaks` is a rule of RULES, a number of equal bins from the smallest to the largest value, or the breaks
    themselves. Columns: `breaks`, and of the bin that ends there (none at the first) `counts`, `mids_true`
    (the mean of its values) and `mids`. The first bin has its left end, too. Raises InvalidArgument.
    """
    column = frame.columns[0]
    if column.type is not ColumnType.NUMERIC:
        raise InvalidArgument("hist", f"column '{frame.names[0]}' is {column.type}, not numeric")
    edges = _edges(cloud, column, breaks)
    counts, sums = cloud.map_reduce(frame, _count_block, edges, combine=_add_both)
    with np.errstate(invalid="ignore"):
        found = {"breaks": edges, "counts": counts, "mids_true": sums / counts}
    found["mids"] = (edges[1:] + edges[:-1]) / 2
    made = [
        NewColumn(name, ColumnType.NUMERIC, np.concatenate([[np.nan] * (len(edges) - len(values)), values]))
        for name, values in found.items()
    ]
    return make_small_frame(cloud, made)


def _edges(cloud: Cloud, column: Column, breaks: str | Sequence[float]) -> Floats:
    if not isinstance(breaks, str) and len(breaks) > 1:
        edges = np.sort(np.array(breaks, np.float64))
        if np.isnan(edges).any():
            raise InvalidArgument("breaks", "a break is no number")
        return edges
    return _equal_edges(column, _bin_count(cloud, column, breaks))


def _bin_count(cloud: Cloud, column: Column, breaks: str | Sequence[float]) -> float:
    if isinstance(breaks, str):
        rule = RULES.get(breaks.lower())
        if rule is None:
            raise InvalidArgument("breaks", f"'{breaks}' is not one of {', '.join(RULES)}")
        return rule(cloud, column) if column.rollups.count else 1
    return breaks[0] if breaks else 1


def _equal_edges(column: Column, bins: float) -> Floats:
    if not 0 < bins <= MAX_BINS:
        raise InvalidArgument("breaks", f"the number of bins is from 1 to {MAX_BINS:,}, found {bins:g}")
    low, high = column.rollups.minimum, column.rollups.maximum
    if column.rollups.count and not math.isfinite(high - low):
        raise InvalidArgument("breaks", "the column has no finite range; give the breaks themselves")
    return np.linspace(low, high, math.ceil(bins) + 1)


def _count_block(block: Block, edges: Floats) -> tuple[Floats, Floats]:
    values = numbers(block, 0)
    values = values[(values >= edges[0]) & (values <= edges[-1])]
    bins = np.maximum(np.searchsorted(edges, values, "left") - 1, 0)
    size = len(edges) - 1
    return np.bincount(bins, minlength=size).astype(np.float64), np.bincount(bins, values, size).astype(
        np.float64
    )


def _add_both(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return a[0] + b[0], a[1] + b[1]
