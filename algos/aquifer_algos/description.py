"""How the columns of a frame are laid out as the inputs of a network.

One-hot columns come first, the one with the most levels before the others, then the others in the order of
the frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Column, Frame

from aquifer_algos.datainfo import DataInfo, Predictor, Response
from aquifer_algos.encoding import ENCODINGS, Categories, Encoding, Numbers, OneHot, Place, hashed
from aquifer_algos.scaling import Moments, Scaling
from aquifer_algos.tally import Tally

PREDICTOR_TYPES = (ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.TIME)
"""Types of columns that can be predictors; text and identifiers cannot."""

NO_HASHING = 2**31 - 1
"""The protocol's default of `max_categorical_features`: as many one-hot inputs as there are."""


def usable_predictors(
    frame: Frame, excluded: Iterable[str], ignore_constant: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that can be predictors, and those dropped: constant ones, empty ones, text."""
    skipped = set(excluded)
    candidates = [name for name in frame.names if name not in skipped]
    kept = tuple(name for name in candidates if _usable(frame.column(name), ignore_constant))
    return kept, tuple(name for name in candidates if name not in kept)


def input_units(
    frame: Frame, predictors: Iterable[str], encoding: Encoding, all_levels: bool, most: int = NO_HASHING
) -> int:
    """How many input units `describe` would lay out."""
    domains = [frame.column(name).domain for name in predictors]
    left_out = encoding.one_hot and not all_levels
    encoded = sum(encoding.width(len(domain)) - left_out for domain in domains if domain is not None)
    return domains.count(None) + (min(encoded, most) if encoding.one_hot else encoded)


def describe(
    frame: Frame,
    predictors: Sequence[str],
    response: Response,
    moments: Mapping[str, Moments],
    scaling: Scaling,
    *,
    encoding: Encoding = ENCODINGS["AUTO"],
    tallies: Mapping[str, Tally] | None = None,
    all_levels: bool = True,
    most_one_hot: int = NO_HASHING,
    weights: str | None = None,
    skip_missing: bool = False,
    sparse: bool = False,
    offset: str | None = None,
) -> DataInfo:
    """Lay out the named columns of `frame`.

    moments: of every numeric column; tallies: of every categorical one, if the encoding uses them.
    most_one_hot: if there are more one-hot inputs, they are hashed to so many.
    """
    tallies = tallies or {}
    blank = [
        _number(frame.column(name), name, moments[name], scaling)
        if frame.column(name).domain is None
        else _category(frame.column(name), name, encoding, tallies.get(name), scaling, all_levels)
        for name in predictors
    ]
    placed = _placed(sorted(blank, key=lambda predictor: _position(predictor, encoding)))
    one_hot = sum(predictor.width for predictor in placed if isinstance(predictor.encoded, OneHot))
    if one_hot <= most_one_hot:
        return DataInfo(placed, response, weights, skip_missing, sparse, offset)
    shared = tuple(_hashed(predictor, one_hot, most_one_hot) for predictor in placed)
    return DataInfo(shared, response, weights, skip_missing, sparse, offset, most_one_hot)


def most_entries(data: DataInfo, frame: Frame) -> int:
    """The most inputs that are not 0, in all rows of `frame` together."""
    return sum(_most_entries(predictor, frame.column(predictor.name)) for predictor in data.predictors)


def _most_entries(predictor: Predictor, column: Column) -> int:
    if predictor.encoded is None and not predictor.shift:
        return column.rollups.rows - column.rollups.zeros
    return column.rollups.rows * (1 if isinstance(predictor.encoded, OneHot) else predictor.width)


def _usable(column: Column, ignore_constant: bool) -> bool:
    if column.type not in PREDICTOR_TYPES or column.rollups.count == 0:
        return False
    return not (ignore_constant and column.rollups.constant)


def _number(column: Column, name: str, moments: Moments, scaling: Scaling) -> Predictor:
    mostly_zeros = 2 * column.rollups.zeros > column.rollups.rows
    shift, scale = scaling.shift_and_scale(moments, mostly_zeros)
    missing = column.rollups.missing > 0
    return Predictor(name, 0, None, None, moments.mean, shift, scale, missing)


def _category(
    column: Column, name: str, encoding: Encoding, tally: Tally | None, scaling: Scaling, all_levels: bool
) -> Predictor:
    encoded = encoding.encode(Categories(name, column.domain or (), all_levels, tally))
    if isinstance(encoded, Numbers):
        encoded = _standardized(encoded, scaling)
    return Predictor(name, 0, column.domain, encoded, missing_seen=column.rollups.missing > 0)


def _standardized(numbers: Numbers, scaling: Scaling) -> Numbers:
    transforms = [scaling.shift_and_scale(moments) for moments in numbers.moments]
    shift, scale = np.array(transforms).T
    values, neutral = ((given - shift) * scale for given in (numbers.values, numbers.neutral))
    return replace(numbers, values=values, neutral=neutral)


def _position(predictor: Predictor, encoding: Encoding) -> tuple[int, int]:
    """What predictors are sorted by; equal ones stay in the order of the frame."""
    if predictor.encoded is None:
        return Place.AMONG, 0
    return encoding.place, -predictor.width if encoding.one_hot else 0


def _placed(predictors: Sequence[Predictor]) -> tuple[Predictor, ...]:
    offsets = accumulate((predictor.width for predictor in predictors), initial=0)
    return tuple(
        replace(predictor, offset=offset) for predictor, offset in zip(predictors, offsets, strict=False)
    )


def _hashed(predictor: Predictor, one_hot: int, buckets: int) -> Predictor:
    """One-hot units that share `buckets` units with those of all columns; what follows moves up."""
    if not isinstance(predictor.encoded, OneHot):
        return replace(predictor, offset=predictor.offset - one_hot + buckets)
    units = predictor.encoded.units
    shared = np.where(units < 0, -1, hashed(units.astype(np.int64) + predictor.offset, buckets))
    encoded = replace(predictor.encoded, units=shared.astype(np.int32))
    return replace(predictor, offset=0, encoded=encoded, hashed=True)
