"""Exact quantiles without a sort: the values of given ranks, found digit by digit over all nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.numbers import Floats, numbers

_DIGIT_BITS = 16
_DIGITS = 64 // _DIGIT_BITS
_FEW = 100_000
"""So many known values are gathered and sorted: cheaper than the passes of a selection."""

METHODS: dict[str, Callable[[float, float, float], float]] = {
    "interpolate": lambda low, high, share: low if low == high else low + share * (high - low),
    "average": lambda low, high, share: low if share == 0 or low == high else (low + high) / 2,
    "low": lambda low, high, share: low,
    "high": lambda low, high, share: low if share == 0 else high,
}
"""How the two values next to a fractional rank make the quantile; `share` is the fraction."""


def quantiles(cloud: Cloud, column: Column, probabilities: Sequence[float], method: str) -> list[float]:
    """Quantiles of the known values of a numeric column, NaN if there is none or it is not numeric.

    Type 7 of Hyndman and Fan (Sample quantiles in statistical packages, 1996): the rank of p among n
    values is p · (n − 1). Raises InvalidArgument for an unknown method or a p outside [0, 1].
    """
    if method not in METHODS:
        raise InvalidArgument("method", f"it is one of {', '.join(METHODS)}, found {method}")
    for probability in probabilities:
        if not 0 <= probability <= 1:
            raise InvalidArgument("probability", f"it must be between 0 and 1, found {probability:g}")
    known = column.rollups.rows - column.rollups.missing
    if known == 0 or column.type is not ColumnType.NUMERIC:
        return [math.nan] * len(probabilities)
    places = [probability * (known - 1) for probability in probabilities]
    ranks = sorted({rank for place in places for rank in (math.floor(place), math.ceil(place))})
    values = dict(zip(ranks, order_statistics(cloud, column, ranks), strict=True))
    return [
        METHODS[method](values[math.floor(place)], values[math.ceil(place)], place - math.floor(place))
        for place in places
    ]


def quantile_frame(cloud: Cloud, frame: Frame, probabilities: Sequence[float], method: str) -> Frame:
    """The quantiles of every column, one row for each probability."""
    made = [NewColumn("Probs", ColumnType.NUMERIC, np.array(probabilities, np.float64))]
    for name, column in zip(frame.names, frame.columns, strict=True):
        found = quantiles(cloud, column, probabilities, method)
        made.append(NewColumn(f"{name}Quantiles", ColumnType.NUMERIC, np.array(found, np.float64)))
    return make_small_frame(cloud, made)


def medians(cloud: Cloud, frame: Frame, skip_missing: bool) -> list[float]:
    """The median of each column; NaN for other than numbers, and for missing values not skipped."""
    return [
        math.nan
        if column.rollups.missing and not skip_missing
        else quantiles(cloud, column, [0.5], "interpolate")[0]
        for column in frame.columns
    ]


def deviation_from_median(cloud: Cloud, column: Column, method: str) -> float:
    """The median of the absolute deviations from the median of the known values."""
    middle = quantiles(cloud, column, [0.5], method)[0]
    frame = Frame(("x",), (column,), column.layout)
    deviations = cloud.map_columns(frame, _deviations_block, middle, types=[ColumnType.NUMERIC])
    return quantiles(cloud, deviations[0], [0.5], method)[0]


def order_statistics(cloud: Cloud, column: Column, ranks: Sequence[int]) -> list[float]:
    """The values that would stand at `ranks` (from 0) if the known values of the column were sorted.

    A radix selection: the bits of float64, put in order, are four digits of 16 bits; each pass counts the
    next digit among the values that share the digits found so far. Few values are sorted here instead.
    """
    frame = Frame(("x",), (column,), column.layout)
    if column.rollups.rows - column.rollups.missing <= _FEW:
        known = np.sort(cloud.map_reduce(frame, _known_block, combine=_join)) + 0.0
        return [float(value) for value in known[list(ranks)]]
    prefixes = [0] * len(ranks)
    left = list(ranks)
    for digit in range(_DIGITS):
        counts = cloud.map_reduce(
            frame, _count_block, tuple(sorted(set(prefixes))), digit, combine=_add_counts
        )
        for i, prefix in enumerate(prefixes):
            below = np.cumsum(counts[prefix])
            found = int(np.searchsorted(below, left[i], "right"))
            left[i] -= int(below[found - 1]) if found else 0
            prefixes[i] = (prefix << _DIGIT_BITS) | found
    return [_value_of(prefix) for prefix in prefixes]


def _deviations_block(block: Block, middle: float) -> list[Values]:
    return [np.abs(numbers(block, 0) - middle)]


def _known_block(block: Block) -> Floats:
    values = numbers(block, 0)
    return values[~np.isnan(values)]


def _join(a: Floats, b: Floats) -> Floats:
    return np.concatenate([a, b])


def _count_block(block: Block, prefixes: tuple[int, ...], digit: int) -> dict[int, NDArray[np.int64]]:
    values = numbers(block, 0)
    keys = _ordered_bits(values[~np.isnan(values)])
    shift = np.uint64(64 - _DIGIT_BITS * (digit + 1))
    digits = ((keys >> shift) & np.uint64((1 << _DIGIT_BITS) - 1)).astype(np.int64)
    found = {}
    for prefix in prefixes:
        chosen = digits if digit == 0 else digits[(keys >> (shift + np.uint64(_DIGIT_BITS))) == prefix]
        found[prefix] = np.bincount(chosen, minlength=1 << _DIGIT_BITS)
    return found


def _add_counts(
    a: dict[int, NDArray[np.int64]], b: dict[int, NDArray[np.int64]]
) -> dict[int, NDArray[np.int64]]:
    return {prefix: counts + b[prefix] for prefix, counts in a.items()}


def _ordered_bits(values: Floats) -> NDArray[np.uint64]:
    """Unsigned integers in the order of the values: flip the sign bit, and of negative ones all bits."""
    bits = (values + 0.0).view(np.uint64)
    negative = (bits >> np.uint64(63)).astype(np.bool_)
    return np.where(negative, ~bits, bits | np.uint64(1 << 63))


def _value_of(key: int) -> float:
    bits = key & ~(1 << 63) if key >> 63 else ~key & ((1 << 64) - 1)
    return float(np.array(bits, np.uint64).view(np.float64))
