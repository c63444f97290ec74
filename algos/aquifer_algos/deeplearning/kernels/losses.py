"""Losses: what the output layer makes of its sums, and the slope of the loss along them."""

from typing import Any

from aquifer_algos.deeplearning.kernels.codes import (
    ABSOLUTE,
    CROSS_ENTROPY,
    GAMMA,
    HUBER,
    POISSON,
    QUADRATIC,
    QUANTILE,
)
from aquifer_algos.deeplearning.kernels.elementary import capped_exponential, exponential
from aquifer_algos.deeplearning.kernels.jit import inline, jit
from aquifer_algos.deeplearning.kernels.products import fill
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    ONE,
    SIZE,
    TWO,
    ZERO,
    clamped,
    get_float,
    largest,
    load,
    maximum,
    put_float,
    splat,
    store,
    total,
    with_sign,
)
from aquifer_algos.deeplearning.precision import REAL

LOWEST = REAL(-3e38)


@jit()
def softmax(values: Any, classes: Any, length: Any) -> None:
    """Turn sums into probabilities, shifted by the largest; padding becomes 0."""
    for at in range(SIZE * classes, length, SIZE):
        put_float(values + at, LOWEST)
    top = load(values)
    for at in range(BLOCK, length, BLOCK):
        top = maximum(top, load(values + at))
    shift = splat(largest(top))
    sums = splat(ZERO)
    for at in range(0, length, BLOCK):
        e = exponential(load(values + at) - shift)
        store(values + at, e)
        sums = sums + e
    inverse = splat(ONE / total(sums))
    for at in range(0, length, BLOCK):
        store(values + at, load(values + at) * inverse)
    for at in range(SIZE * classes, length, SIZE):
        put_float(values + at, ZERO)


@jit()
def softmax_error(loss: Any, p: Any, error: Any, length: Any, actual: Any, weight: Any) -> None:
    """dLoss/dsum for the class `actual`, where t is 1 for it and 0 for the others.

    Cross-entropy: p - t. A loss of r = p - t, summed over the classes, goes through the whole Jacobian of the
    softmax; it is r²/2, |r|, or Huber's: 2r² up to 1/2, then 2|r| - 1/2.
    """
    for at in range(0, length, BLOCK):
        store(error + at, load(p + at))
    put_float(error + SIZE * actual, get_float(p + SIZE * actual) - ONE)
    if loss != CROSS_ENTROPY:
        common = splat(ZERO)
        for at in range(0, length, BLOCK):
            slope = load(error + at)
            if loss == ABSOLUTE:
                slope = with_sign(splat(ONE), slope)
            elif loss == HUBER:
                slope = clamped(splat(TWO + TWO) * slope, splat(-TWO), splat(TWO))
            store(error + at, slope)
            common = common + slope * load(p + at)
        mean = splat(total(common))
        for at in range(0, length, BLOCK):
            store(error + at, load(p + at) * (load(error + at) - mean))
    if weight != ONE:
        for at in range(0, length, BLOCK):
            store(error + at, load(error + at) * splat(weight))


@inline()
def linear_slope(loss: Any, f: Any, y: Any, number: Any) -> Any:
    """dLoss/df for the output f and the response y, of the losses that `distributions` writes down.

    Of poisson, gamma and tweedie f is the logarithm of the mean.
    """
    r = f - y
    if loss == QUADRATIC:
        return TWO * r
    if loss == ABSOLUTE:
        return ONE if r > ZERO else -ONE
    if loss == QUANTILE:
        return ONE - number if r > ZERO else -number
    if loss == HUBER:
        return TWO * min(max(r, -number), number)
    if loss == POISSON:
        return TWO * (capped_exponential(f) - y)
    if loss == GAMMA:
        return TWO * (ONE - y * capped_exponential(-f))
    return TWO * (capped_exponential(f * (TWO - number)) - y * capped_exponential(f * (ONE - number)))


@jit()
def linear_error(
    loss: Any, values: Any, error: Any, length: Any, actual: Any, weight: Any, number: Any
) -> None:
    """The single output's dLoss/df; padding has none."""
    fill(error, length, ZERO)
    put_float(error, linear_slope(loss, get_float(values), actual, number) * weight)
