"""Autoencoders: the error of a reconstruction, and the sparsity of hidden units."""

from typing import Any

from aquifer_algos.deeplearning.kernels.codes import (
    ABSOLUTE,
    ADADELTA,
    AVERAGE_ACTIVATION,
    EPSILON,
    HUBER,
    QUADRATIC,
    SPARSITY_BETA,
)
from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.products import padded_bytes
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    ONE,
    SIZE,
    TWO,
    ZERO,
    clamped,
    get_float,
    get_int,
    load,
    load_unaligned,
    put_float,
    root_of_ratio,
    splat,
    store,
    where_nonzero,
    with_sign,
)
from aquifer_algos.deeplearning.precision import REAL

HALF = REAL(0.5)
REMEMBERED = REAL(0.999)
"""What each row leaves of the rolling mean of an activation."""


@jit()
def less_dense_row(values: Any, row: Any, differences: Any, length: Any) -> None:
    """How far the outputs are from the inputs of a dense row, which dropout has not touched."""
    for at in range(0, length, BLOCK):
        store(differences + at, load(values + at) - load_unaligned(row + at))


@jit()
def less_sparse_row(
    values: Any, indices: Any, entries: Any, count: Any, differences: Any, length: Any
) -> None:
    """The same of a sparse row of so many entries; its other inputs are 0."""
    for at in range(0, length, BLOCK):
        store(differences + at, load(values + at))
    for entry in range(0, SIZE * count, SIZE):
        place = differences + SIZE * get_int(indices + entry)
        put_float(place, get_float(place) - get_float(entries + entry))


@jit()
def reconstruction_error(loss: Any, differences: Any, length: Any, weight: Any, number: Any) -> None:
    """Turn differences into dLoss/doutput of a loss that is summed over outputs; 0 has no slope."""
    for at in range(0, length, BLOCK):
        r = load(differences + at)
        if loss == QUADRATIC:
            slope = splat(TWO) * r
        elif loss == ABSOLUTE:
            slope = with_sign(splat(ONE), r)
        elif loss == HUBER:
            slope = splat(TWO) * clamped(r, splat(-number), splat(number))
        else:
            slope = with_sign(splat(HALF), r) + where_nonzero(r, splat(HALF - number), splat(ZERO))
        store(differences + at, splat(weight) * slope)


@jit()
def sparsity_step(
    kind: Any, b: Any, g: Any, d: Any, means: Any, values: Any, units: Any, rate: Any, rule: Any
) -> None:
    """Take a row into the rolling means of the units' activations, and move their biases against the excess.

    The step is the bias's own rate times sparsity_beta times (mean - average_activation).
    """
    aim, strength, epsilon = splat(rule[AVERAGE_ACTIVATION]), splat(rule[SPARSITY_BETA]), splat(rule[EPSILON])
    length = padded_bytes(units)
    for at in range(0, length, BLOCK):
        mean = splat(REMEMBERED) * load(means + at) + splat(ONE - REMEMBERED) * load(values + at)
        store(means + at, mean)
        step = splat(rate)
        if kind == ADADELTA:
            step = root_of_ratio(load(d + at) + epsilon, load(g + at) + epsilon)
        store(b + at, load(b + at) - step * strength * (mean - aim))
    for at in range(SIZE * units, length, SIZE):
        put_float(b + at, ZERO)  # padding is no unit
