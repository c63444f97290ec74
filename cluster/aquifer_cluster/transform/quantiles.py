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
from aquifer_cluster.transform.cumulation import cumulate
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.tally import Aggregation

_DIGIT_BITS = 16
_DIGITS = 64 // _DIGIT_BITS
_NUMBER = [ColumnType.NUMERIC]
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
    _check(probabilities, method)
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


def weighted_quantiles(
    cloud: Cloud, column: Column, weights: Column, probabilities: Sequence[float], method: str
) -> list[float]:
    """Quantiles as if each row were there as many times as its weight says, which may be a fraction.

    The rank of p is p · (W − 1), W being the weight of the rows whose value is known. Raises InvalidArgument
    as `quantiles`, and for weights that are missing, negative, infinite or all zero.
    """
    _check(probabilities, method)
    _check_weights(weights)
    if column.type is not ColumnType.NUMERIC:
        return [math.nan] * len(probabilities)
    frame = Frame(("value", "weight"), (column, weights), column.layout)
    known = Frame(
        frame.names, (column, *cloud.map_columns(frame, _weights_block, types=_NUMBER)), column.layout
    )
    found = group_by(cloud, known, [0], [Aggregation("sum", 1)])
    running = cumulate(cloud, found.select([1]), "cumsum", along_rows=False)
    total = running.columns[0].rollups.maximum
    if not total > 0:  # no value is known, or none weighs anything
        return [math.nan] * len(probabilities)
    ranks = np.maximum(np.array(probabilities) * (total - 1), 0)
    pairs = Frame(frame.names, (found.columns[0], running.columns[0]), found.layout)
    low, high = cloud.map_reduce(pairs, _reached_block, ranks, np.minimum(ranks + 1, total), combine=np.fmin)
    return [
        METHODS[method](float(a), float(b), rank - math.floor(rank))
        for a, b, rank in zip(low, high, ranks.tolist(), strict=True)
    ]


def quantile_frame(
    cloud: Cloud, frame: Frame, probabilities: Sequence[float], method: str, weights: int | None = None
) -> Frame:
    """The quantiles of every column, one row for each probability.

    `weights` is the column, itself left out, that says how much each row weighs. Raises InvalidArgument as
    `quantiles` and `weighted_quantiles`, ColumnNotFound if there are no such weights.
    """
    made = [NewColumn("Probs", ColumnType.NUMERIC, np.array(probabilities, np.float64))]
    for i, (name, column) in enumerate(zip(frame.names, frame.columns, strict=True)):
        if i == weights:
            continue
        if weights is None:
            found = quantiles(cloud, column, probabilities, method)
        else:
            found = weighted_quantiles(cloud, column, frame.columns[weights], probabilities, method)
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


def _check(probabilities: Sequence[float], method: str) -> None:
    if method not in METHODS:
        raise InvalidArgument("method", f"it is one of {', '.join(METHODS)}, found {method}")
    for probability in probabilities:
        if not 0 <= probability <= 1:
            raise InvalidArgument("probability", f"it must be between 0 and 1, found {probability:g}")


def _check_weights(weights: Column) -> None:
    found = weights.rollups
    fitting = found.missing == 0 and found.minimum >= 0 and 0 < found.maximum < math.inf
    if weights.type is not ColumnType.NUMERIC or not fitting:
        raise InvalidArgument(
            "weights", "they are finite numbers, none missing or negative, and not all zero"
        )


def _weights_block(block: Block) -> list[Values]:
    """The weights, zero where the value is missing."""
    return [np.where(np.isnan(numbers(block, 0)), 0.0, numbers(block, 1))]


def _reached_block(block: Block, over: Floats, at_least: Floats) -> Floats:
    """The smallest values at which the running weight is over, and at least, the given ones; NaN for none."""
    values, running = np.append(numbers(block, 0), np.nan), numbers(block, 1)
    return np.stack(
        [values[np.searchsorted(running, over, "right")], values[np.searchsorted(running, at_least, "left")]]
    )


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
