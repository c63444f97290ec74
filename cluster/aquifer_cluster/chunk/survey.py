"""What one look at the values of a chunk-to-be finds, and the bits a row would take in each encoding."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from aquifer_cluster.chunk.base import KERNELS, Array, missing_value
from aquifer_cluster.chunk.packed import MAX_BITS

_TOO_LARGE = 2.0**62


@dataclass(frozen=True, slots=True)
class Survey:
    """Counts and bounds of an array of float64, or of int32 or int64.

    common, common_at: how often the value at a position occurs, which is the commonest one if any is common.
    exponent: the fewest decimals that all values have; None if they are no decimal numbers.
    step: the common divisor of the differences of the values other than zero, 0 if there is but one; first:
        one of them.
    low, high: the bounds of the known values other than zero, times 10^exponent; None if there are none.
    single: whether float32 holds all.
    """

    rows: int
    missing: int
    zeros: int
    common: int
    common_at: int
    exponent: int | None
    step: int
    first: int
    low: int | None
    high: int | None
    single: bool

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The bounds of all known values, times 10^exponent; None if they cannot be packed."""
        if self.exponent is None:
            return None
        if self.low is None or self.high is None:
            return 0, 0
        return (min(self.low, 0), max(self.high, 0)) if self.zeros else (self.low, self.high)

    @property
    def spacing(self) -> int:
        """The common divisor of the differences of all known values, at least 1."""
        return max(1, gcd(self.step, self.first) if self.zeros else self.step)

    @property
    def bits(self) -> int | None:
        """How wide packed codes of all values are; None if too wide."""
        return _width(self.bounds, self.spacing, self.missing > 0)

    @property
    def missing_prevail(self) -> bool:
        """Whether the commonest value is none."""
        return self.missing >= max(self.zeros, self.common)

    @property
    def zeros_prevail(self) -> bool:
        """Whether zero is the commonest value."""
        return not self.missing_prevail and self.zeros >= self.common

    @property
    def density(self) -> float:
        """The part of the rows that do not hold the commonest value."""
        return 1 - max(self.zeros, self.missing, self.common) / self.rows

    @property
    def others_bits(self) -> int | None:
        """How wide packed codes of the values other than the commonest are, at most; None if too wide."""
        if self.zeros_prevail and self.low is not None and self.high is not None:
            return _width((self.low, self.high), max(1, self.step), self.missing > 0)
        return _width(self.bounds, self.spacing, self.missing > 0 and not self.missing_prevail)


def _width(bounds: tuple[int, int] | None, spacing: int, missing: bool) -> int | None:
    if bounds is None:
        return None
    bits = ((bounds[1] - bounds[0]) // spacing + missing).bit_length()
    return bits if bits <= MAX_BITS else None


def survey(values: Array) -> Survey:
    """Look at an array of at least one float64, int32 or int64."""
    kernels = KERNELS.load()
    found = np.zeros(kernels.FOUND, np.int64)
    if values.dtype.kind == "f":
        bounds = np.empty(2)
        kernels.survey_floats(values, values.view(np.int64), found, bounds)
        decimals = int(found[kernels.EXPONENT])
        exponent = None if decimals < 0 else decimals
        ends = np.rint(bounds * float(10**decimals)) if exponent is not None else bounds
        some = exponent is not None and bool(np.isfinite(ends[0]))
        if some and np.abs(ends).max() >= _TOO_LARGE:
            exponent, some = None, False
    else:
        kernels.survey_integers(values.astype(np.int64, copy=False), missing_value(values.dtype), found)
        exponent = 0
        ends = found[[kernels.LOW, kernels.HIGH]]
        some = ends[0] <= ends[1]
    return Survey(
        rows=len(values),
        missing=int(found[kernels.MISSING]),
        zeros=int(found[kernels.ZEROS]),
        common=int(found[kernels.COMMON]),
        common_at=int(found[kernels.COMMON_AT]),
        exponent=exponent,
        step=int(found[kernels.STEP]),
        first=int(found[kernels.FIRST]),
        low=int(ends[0]) if some else None,
        high=int(ends[1]) if some else None,
        single=bool(found[kernels.SINGLE]) and values.dtype.kind == "f",
    )
