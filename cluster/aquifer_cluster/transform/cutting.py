"""Numbers cut into intervals, which become categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.text_form import number_texts

_MOST_DIGITS = 12
MAX_INTERVALS = 1_000_000
"""As many categories are made at most."""

_MARGIN = 0.001
"""By how much of its range a column's intervals reach beyond its extremes when only their number is given."""


@dataclass(frozen=True)
class Intervals:
    """How to cut: `(low, high]`, or `[low, high)` unless `right`; `lowest` puts the lowest break in, too.

    Breaks are rounded to `digits` decimals, in labels and for the cut, as H2O does.
    """

    breaks: tuple[float, ...]
    labels: tuple[str, ...] = ()
    lowest: bool = False
    right: bool = True
    digits: int = 3


def cut(cloud: Cloud, frame: Frame, intervals: Intervals) -> Frame:
    """The one column of numbers or times as categories, one for each interval; missing outside of all.

    Intervals with the same label are one category. A single break is the number of equal intervals. Raises
    InvalidArgument for other columns, for breaks that are not different, and for other than a label each.
    """
    if len(frame.columns) != 1:
        raise InvalidArgument("cut", f"it takes a single column, found {len(frame.columns)}")
    column = frame.columns[0]
    if column.type not in (ColumnType.NUMERIC, ColumnType.TIME):
        raise InvalidArgument("cut", f"works on numbers, found a column of type {column.wire_type}")
    breaks = _rounded(_breaks(column, intervals.breaks), intervals.digits)
    labels = intervals.labels or _labels(breaks, intervals)
    if len(labels) != len(breaks) - 1:
        raise InvalidArgument("labels", f"there must be {len(breaks) - 1} labels, one for each interval")
    domain = tuple(dict.fromkeys(labels))
    codes = np.array([*map(domain.index, labels), -1], np.int32)
    made = cloud.map_columns(
        frame, _cut_block, breaks, intervals, codes, types=[ColumnType.ENUM], domains=[domain]
    )
    return Frame(frame.names, tuple(made), frame.layout)


def _breaks(column: Column, breaks: Sequence[float]) -> Floats:
    if len(breaks) > MAX_INTERVALS + 1:
        raise InvalidArgument(
            "breaks", f"{len(breaks):,} are too many; at most {MAX_INTERVALS + 1:,} are taken"
        )
    if len(breaks) != 1:
        return np.sort(np.array(breaks, np.float64))
    if not 2 <= breaks[0] <= MAX_INTERVALS:
        raise InvalidArgument(
            "breaks", f"give 2 to {MAX_INTERVALS:,} intervals, or the breaks, found {breaks[0]:g}"
        )
    low, high = column.rollups.minimum, column.rollups.maximum
    edges = np.linspace(low, high, int(breaks[0]) + 1)
    edges[[0, -1]] += np.array([-_MARGIN, _MARGIN]) * (high - low)
    return edges


def _rounded(breaks: Floats, digits: int) -> Floats:
    scale = 10.0 ** min(digits, _MOST_DIGITS)
    rounded = np.floor(breaks * scale + 0.5) / scale
    if len(rounded) < 2 or not (np.diff(rounded) > 0).all():
        raise InvalidArgument(
            "breaks", f"there must be two or more, different when rounded to {digits} digits"
        )
    return rounded


def _labels(breaks: Floats, intervals: Intervals) -> tuple[str, ...]:
    texts = number_texts(breaks, whole=False).to_pylist()
    left, right = ("(", "]") if intervals.right else ("[", ")")
    labels = [f"{left}{low},{high}{right}" for low, high in pairwise(texts)]
    if intervals.lowest:
        labels[0] = f"[{labels[0][1:]}"
    return tuple(labels)


def _cut_block(block: Block, breaks: Floats, intervals: Intervals, codes: NDArray[np.int32]) -> list[Values]:
    """The code of each value's interval; the last of `codes` is for what is in none."""
    values = numbers(block, 0)
    found = np.searchsorted(breaks, values, "left" if intervals.right else "right") - 1
    lowest = values == breaks[0]
    found[lowest] = 0 if intervals.lowest else -1
    found[(found >= len(breaks) - 1) | np.isnan(values)] = -1
    return [codes[found]]
