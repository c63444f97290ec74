"""How the levels of a categorical column become input units: the table of encodings.

Codes count levels from 0. What an encoding makes is looked up by code, with two entries after the last level:
one for levels that training did not see, and the last (code -1) for missing values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.scaling import Moments
from aquifer_algos.tally import Tally

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]

MISSING_LEVEL = "missing(NA)"
OTHER_LEVEL = "other"
MOST_LEVELS = 10
"""How many levels EnumLimited keeps."""


@dataclass(frozen=True, slots=True)
class Categories:
    """A categorical column of the training frame.

    all_levels: whether the first level has a unit of its own.
    tally: how often each level occurs; only encodings that need it are given one.
    """

    name: str
    domain: tuple[str, ...]
    all_levels: bool
    tally: Tally | None = None

    @property
    def counted(self) -> Tally:
        """The tally of an encoding that declares that it needs one."""
        assert self.tally is not None
        return self.tally


@dataclass(frozen=True, eq=False)
class OneHot:
    """A unit for each level, 1 where a row has it.

    name: of the encoded column; levels: of the units, in their order, the first of all left out or not.
    units: int32 (levels + 2,), the unit of each code counted from the column's first; -1 for none. That of
        unseen levels is that of missing ones, unless there is one for all others.
    has_other: whether the last level stands for all that have no unit of their own.
    """

    name: str
    levels: tuple[str, ...]
    units: Codes
    has_other: bool = False

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The names of the units; the last is for missing values."""
        return tuple(f"{self.name}.{level}" for level in (*self.levels, MISSING_LEVEL))

    @property
    def width(self) -> int:
        """The number of units."""
        return len(self.levels) + 1


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers for each level, which are treated like columns of numbers.

    coefficients: the names of these columns; values: (levels + 2, width).
    neutral: (width,), what says nothing: the means of these columns.
    moments: of each of these columns over the rows that were tallied.
    """

    coefficients: tuple[str, ...]
    values: Floats
    neutral: Floats
    moments: tuple[Moments, ...]

    @property
    def width(self) -> int:
        """The number of units."""
        return len(self.coefficients)


Encoded: TypeAlias = OneHot | Numbers


class Place(IntEnum):
    """Where the inputs of encoded columns stand among those of numeric columns."""

    FIRST = 0
    AMONG = 1
    LAST = 2


@dataclass(frozen=True, slots=True)
class Encoding:
    """One row of the table.

    summary: what it does, in the user's words.
    width: the number of units of a column of so many levels, where the first has its own unit.
    encode: makes them; uses_tally: whether from the levels' frequencies and mean responses.
    """

    summary: str
    width: Callable[[int], int]
    encode: Callable[[Categories], Encoded]
    one_hot: bool = True
    place: Place = Place.FIRST
    uses_tally: bool = False


def _one_hot(column: Categories) -> OneHot:
    return _ordered(column, np.arange(len(column.domain)))


def _sorted_by_response(column: Categories) -> OneHot:
    return _ordered(column, np.argsort(column.counted.response, kind="stable"))


def _limited(column: Categories) -> OneHot:
    levels = len(column.domain)
    if levels <= MOST_LEVELS:
        return _one_hot(column)
    top = np.argsort(-column.counted.weight[:levels], kind="stable")[:MOST_LEVELS]
    rank = np.full(levels + 1, MOST_LEVELS)  # the last: levels unseen in training
    rank[top] = np.arange(MOST_LEVELS)
    labels = (*(column.domain[code] for code in top), OTHER_LEVEL)
    return _indicators(column, f"{column.name}.top_{MOST_LEVELS}_levels", labels, rank)


def _ordered(column: Categories, order: NDArray[np.int64]) -> OneHot:
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return _indicators(column, column.name, tuple(column.domain[code] for code in order), rank)


def _indicators(column: Categories, name: str, labels: tuple[str, ...], rank: NDArray[np.int64]) -> OneHot:
    """Units of labels; `rank` has the label of each code, and maybe of unseen levels."""
    first = 0 if column.all_levels else 1
    units = np.full(len(column.domain) + 2, len(labels) - first, np.int32)
    units[: len(rank)] = rank - first
    return OneHot(name, labels[first:], units, has_other=len(rank) > len(column.domain))


def _labelled(column: Categories) -> Numbers:
    return _numbers(column, (column.name,), np.arange(len(column.domain), dtype=np.float64)[:, None])


def _binary(column: Categories) -> Numbers:
    bits = np.arange(_binary_width(len(column.domain)))
    numbered = np.arange(1, len(column.domain) + 1)[:, None]
    values = (numbered >> bits & 1).astype(np.float64)
    names = tuple(f"{column.name}:{bit}" for bit in bits)
    return _numbers(column, names, values, np.zeros(len(bits)))


def _binary_width(levels: int) -> int:
    return levels.bit_length()  # 0 is kept for missing values


def _eigen(column: Categories) -> Numbers:
    values = leading_eigenvector(column.counted.shares)
    return _numbers(column, (f"{column.name}.Eigen",), values[:, None])


def _numbers(
    column: Categories, names: tuple[str, ...], values: Floats, missing: Floats | None = None
) -> Numbers:
    """With a row for missing values; if there is none they are the mean, and do not count in it."""
    rows = column.counted.weight.copy()
    if missing is None:
        rows[-1] = 0.0
    every = np.vstack([values, np.zeros(len(names)) if missing is None else missing])
    share = rows / max(rows.sum(), np.finfo(float).tiny)
    mean = share @ every
    counted = column.counted.rows[rows > 0].sum()
    deviation = np.sqrt(share @ (every - mean) ** 2 * counted / max(counted - 1, 1))
    absent = mean if missing is None else missing
    extent = np.ptp(every if missing is not None else values, axis=0)
    moments = tuple(
        Moments(float(m), float(d), float(r)) for m, d, r in zip(mean, deviation, extent, strict=True)
    )
    return Numbers(names, np.vstack([values, absent, absent]), mean, moments)


def leading_eigenvector(shares: Floats) -> Floats:
    """The first principal axis of a one-hot column whose levels have these shares of the rows.

    The covariance is C = diag(p) - p pᵀ. An eigenvalue λ other than one of p solves Σ pᵢ² / (pᵢ - λ) = 1 with
    the eigenvector pᵢ / (pᵢ - λ), and the largest lies between the two largest shares (Golub 1973). If those
    are equal, so is λ; its eigenvectors then have any numbers for the commonest levels that sum to 0: evenly
    spaced ones are taken. The sign makes the commonest level's number positive.
    """
    order = np.sort(shares)[::-1]
    if len(order) < 2 or order[1] <= 0:
        return np.zeros_like(shares)
    tied = shares >= order[0] * (1 - 1e-12)
    if tied.sum() > 1:
        vector = np.zeros_like(shares)
        vector[tied] = np.linspace(1.0, -1.0, int(tied.sum()))
    else:
        vector = shares / (shares - _largest_root(shares, order[1], order[0]))
    return np.asarray(vector / np.linalg.norm(vector))


def _largest_root(shares: Floats, low: float, high: float) -> float:
    """Where Σ pᵢ² / (pᵢ - λ), which rises with λ there, passes 1."""
    for _ in range(100):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if np.sum(shares * shares / (shares - middle)) < 1.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


_ONE_HOT = Encoding(
    "one input for each level and one for missing values", lambda levels: levels + 1, _one_hot
)

ENCODINGS: Mapping[str, Encoding] = {
    "AUTO": _ONE_HOT,
    "OneHotInternal": _ONE_HOT,
    "Binary": Encoding(
        "the level's number, from 1, in binary digits, an input for each; 0 is missing",
        _binary_width,
        _binary,
        one_hot=False,
        place=Place.LAST,
        uses_tally=True,
    ),
    "Eigen": Encoding(
        "one number: the place of the level on the first principal axis of the one-hot inputs",
        lambda levels: 1,
        _eigen,
        one_hot=False,
        place=Place.AMONG,
        uses_tally=True,
    ),
    "LabelEncoder": Encoding(
        "one number: the place of the level in the domain",
        lambda levels: 1,
        _labelled,
        one_hot=False,
        place=Place.AMONG,
        uses_tally=True,
    ),
    "SortByResponse": Encoding(
        "as one-hot, the levels sorted by their mean response",
        lambda levels: levels + 1,
        _sorted_by_response,
        uses_tally=True,
    ),
    "EnumLimited": Encoding(
        f"as one-hot, for the {MOST_LEVELS} commonest levels and `{OTHER_LEVEL}`, also for unseen levels",
        lambda levels: min(levels, MOST_LEVELS + 1) + 1,
        _limited,
        uses_tally=True,
    ),
}
"""The encodings by the values of `categorical_encoding`."""

REFUSED: Mapping[str, str] = {
    "Enum": "Cannot use Enum encoding for categoricals - need numbers! Use AUTO.",
    "OneHotExplicit": "Won't use explicit Enum encoding for categoricals - it's much faster with "
    "OneHotInternal! Use AUTO or OneHotInternal.",
}
"""Values of `categorical_encoding` that are for other algorithms, and what is said of them."""


def hashed(units: NDArray[np.int64], buckets: int) -> Codes:
    """Units spread over so many buckets by the finaliser of MurmurHash3."""
    mixed = units.astype(np.uint64)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(33)
    return (mixed % np.uint64(buckets)).astype(np.int32)
