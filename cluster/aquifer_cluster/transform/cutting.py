"""Numbers cut into intervals, which become categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.text_form import number_texts

_MOST_DIGITS = 12
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

    A single break is the number of equal intervals. Raises InvalidArgument for other columns, for breaks that
    are not different, and for labels that are not one for each interval.
    """
    if len(frame.columns) != 1:
        raise InvalidArgument("cut", f"it takes a single column, found {len(frame.columns)}")
    column = frame.columns[0]
    if column.type not in (ColumnType.NUMERIC, ColumnType.TIME):
        raise InvalidArgument("cut", f"works on numbers, found a column of type {column.wire_type}")
    breaks = _rounded(_breaks(column, intervals.breaks), intervals.digits)
    domain = intervals.labels or _labels(breaks, intervals)
    if len(domain) != len(breaks) - 1 or len(set(domain)) != len(domain):
        raise InvalidArgument(
            "labels", f"there must be {len(breaks) - 1} different labels, one for each interval"
        )
    made = cloud.map_columns(frame, _cut_block, breaks, intervals, types=[ColumnType.ENUM], domains=[domain])
    return Frame(frame.names, tuple(made), frame.layout)


def _breaks(column: Column, breaks: Sequence[float]) -> Floats:
    if len(breaks) != 1:
        return np.sort(np.array(breaks, np.float64))
    if not breaks[0] >= 2:
        raise InvalidArgument("breaks", f"give at least 2 intervals or breaks, found {breaks[0]:g}")
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


def _cut_block(block: Block, breaks: Floats, intervals: Intervals) -> list[Values]:
    values = numbers(block, 0)
    codes = np.searchsorted(breaks, values, "left" if intervals.right else "right") - 1
    lowest = values == breaks[0]
    codes[lowest] = 0 if intervals.lowest else -1
    codes[(codes >= len(breaks) - 1) | np.isnan(values)] = -1
    return [codes.astype(np.int32)]
