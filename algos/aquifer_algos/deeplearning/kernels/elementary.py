"""Elementary functions of sixteen numbers at once."""

from typing import Any

from aquifer_algos.deeplearning.kernels.jit import inline
from aquifer_algos.deeplearning.kernels.vector import (
    ONE,
    TWO,
    clamped,
    keep_positive,
    largest,
    nearest,
    power_of_two,
    splat,
    where_nonzero,
)
from aquifer_algos.deeplearning.precision import REAL

# The logarithm of 1e19, the largest mean of a distribution with a log link.
LARGEST_LOG_MEAN = REAL(43.749)
EXP_LOWEST, EXP_HIGHEST = REAL(-87.0), REAL(88.0)
LOG2_E = REAL(1.4426950408889634)
# ln 2 in two parts: the first has so few bits that its product with a whole number is exact.
LN_2_HIGH, LN_2_LOW = REAL(0.693359375), REAL(-2.12194440e-4)


@inline()
def exponential(x: Any) -> Any:
    """e^x as 2^n · e^r with |r| ≤ ln 2 / 2 and the Taylor series of e^r; relative error 1e-7."""
    x = clamped(x, splat(EXP_LOWEST), splat(EXP_HIGHEST))
    n = nearest(x * splat(LOG2_E))
    r = x - n * splat(LN_2_HIGH) - n * splat(LN_2_LOW)
    series = splat(REAL(1 / 5040))
    series = series * r + splat(REAL(1 / 720))
    series = series * r + splat(REAL(1 / 120))
    series = series * r + splat(REAL(1 / 24))
    series = series * r + splat(REAL(1 / 6))
    series = series * r + splat(REAL(0.5))
    series = series * r + splat(ONE)
    series = series * r + splat(ONE)
    return series * power_of_two(n)


@inline()
def hyperbolic_tangent(z: Any) -> Any:
    """1 - 2 / (1 + e^2z); near 0, where that cancels, the Taylor series instead."""
    far = splat(ONE) - splat(TWO) / (splat(ONE) + exponential(z + z))
    square = z * z
    series = splat(REAL(62 / 2835))
    series = series * square - splat(REAL(17 / 315))
    series = series * square + splat(REAL(2 / 15))
    series = series * square - splat(REAL(1 / 3))
    near = z + z * square * series
    # Positive where |z| > 0.3.
    is_far = keep_positive(square - splat(REAL(0.09)), splat(ONE))
    return where_nonzero(is_far, far, near)


@inline()
def capped_exponential(x: Any) -> Any:
    """e^x of one number, at most 1e19."""
    return largest(exponential(splat(LARGEST_LOG_MEAN if x > LARGEST_LOG_MEAN else x)))
