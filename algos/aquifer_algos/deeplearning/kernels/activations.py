"""Activations of hidden layers: forward and backward side by side."""

from typing import Any

from aquifer_algos.deeplearning.kernels.codes import EXP_RECTIFIER, MAXOUT, RECTIFIER, TANH
from aquifer_algos.deeplearning.kernels.elementary import exponential, hyperbolic_tangent
from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    ONE,
    ZERO,
    keep_positive,
    load,
    maximum,
    rectified,
    splat,
    store,
    where_nonzero,
)


@jit()
def activate(activation: Any, values: Any, kept: Any, length: Any) -> None:
    """Turn sums into activations; a dropped unit (kept = 0) gives 0.

    Maxout's sums are those of all first channels, then of all second ones, which stay where they are.
    """
    if activation == RECTIFIER:
        for at in range(0, length, BLOCK):
            store(values + at, rectified(load(values + at)) * load(kept + at))
    elif activation == TANH:
        for at in range(0, length, BLOCK):
            store(values + at, hyperbolic_tangent(load(values + at)) * load(kept + at))
    elif activation == EXP_RECTIFIER:
        for at in range(0, length, BLOCK):
            z = load(values + at)
            bent = keep_positive(splat(ZERO) - z, exponential(z) - splat(ONE))
            store(values + at, (rectified(z) + bent) * load(kept + at))
    elif activation == MAXOUT:
        half = length // 2
        for at in range(0, half, BLOCK):
            store(values + at, maximum(load(values + at), load(values + half + at)) * load(kept + at))


@jit()
def through_activation(activation: Any, values: Any, kept: Any, gradients: Any, length: Any) -> None:
    """Turn the error of activations into the error of sums; a dropped unit has none."""
    if activation == RECTIFIER:
        for at in range(0, length, BLOCK):
            store(gradients + at, keep_positive(load(values + at), load(gradients + at)))
    elif activation == TANH:
        for at in range(0, length, BLOCK):
            a = load(values + at)
            store(gradients + at, load(gradients + at) * (splat(ONE) - a * a) * load(kept + at))
    elif activation == EXP_RECTIFIER:
        for at in range(0, length, BLOCK):
            a = load(values + at)
            # The slope is 1, or e^z = a + 1 below 0.
            slope = splat(ONE) + a - rectified(a)
            store(gradients + at, load(gradients + at) * slope * load(kept + at))
    elif activation == MAXOUT:
        for at in range(0, length, BLOCK):
            error = load(gradients + at) * load(kept + at)
            lead = load(values + at) - load(values + length + at)  # of the first channel, 0 if it lost
            store(gradients + at, where_nonzero(lead, error, splat(ZERO)))
            store(gradients + length + at, where_nonzero(lead, splat(ZERO), error))
