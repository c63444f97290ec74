"""Step rules: how weights move along their gradient, which is factor · other end + penalty."""

from typing import Any

from aquifer_algos.deeplearning.kernels.codes import (
    ADADELTA,
    AS_RECEIVER,
    AS_SENDER,
    EPSILON,
    L1,
    L2,
    NESTEROV,
    RHO,
    SGD,
)
from aquifer_algos.deeplearning.kernels.jit import inline, jit
from aquifer_algos.deeplearning.kernels.products import dot
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    ONE,
    SIZE,
    ZERO,
    get_float,
    get_int,
    load,
    put_float,
    root_of_ratio,
    splat,
    store,
    total,
    where_nonzero,
    with_sign,
)


@inline()
def penalised(factor: Any, other: Any, w: Any, l1: Any, l2: Any) -> Any:
    """The gradient of a block of weights."""
    return factor * other + with_sign(l1, w) + l2 * w


@inline()
def adadelta_block(
    w: Any, g: Any, d: Any, o: Any, factor: Any, rho: Any, epsilon: Any, l1: Any, l2: Any
) -> None:
    """ADADELTA on sixteen weights, those whose other end `o` is not zero."""
    weight, squares, steps = load(w), load(g), load(d)
    gradient = penalised(factor, o, weight, l1, l2)
    new_squares = rho * squares + gradient * gradient
    step = gradient * root_of_ratio(steps + epsilon, new_squares + epsilon)
    store(w, where_nonzero(o, weight - step, weight))
    store(g, where_nonzero(o, new_squares, squares))
    store(d, where_nonzero(o, rho * steps + step * step, steps))


@inline()
def adadelta_row(w: Any, g: Any, d: Any, other: Any, length: Any, factor: Any, rule: Any) -> None:
    """ADADELTA on a row."""
    s, rho, epsilon = splat(factor), splat(rule[RHO]), splat(rule[EPSILON])
    l1, l2 = splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        adadelta_block(w + at, g + at, d + at, load(other + at), s, rho, epsilon, l1, l2)


@inline()
def sgd_row(w: Any, other: Any, length: Any, factor: Any, rate: Any, rule: Any) -> None:
    """Plain gradient descent."""
    s, r, l1, l2 = splat(factor), splat(rate), splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        o, weight = load(other + at), load(w + at)
        store(w + at, where_nonzero(o, weight - r * penalised(s, o, weight, l1, l2), weight))


@inline()
def momentum_row(
    w: Any, v: Any, other: Any, length: Any, factor: Any, rate: Any, momentum: Any, heavy: Any, rule: Any
) -> None:
    """Momentum with a memory `v`: of velocity (heavy ball, rate outside), or of the last plain step."""
    s, r, m, l1, l2 = splat(factor), splat(rate), splat(momentum), splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        o, weight, memory = load(other + at), load(w + at), load(v + at)
        gradient = penalised(s, o, weight, l1, l2)
        if heavy:
            memory_now = m * memory - gradient
            moved = weight + r * memory_now
        else:
            memory_now = splat(ZERO) - r * gradient
            moved = weight + memory_now + m * memory
        store(w + at, where_nonzero(o, moved, weight))
        store(v + at, where_nonzero(o, memory_now, memory))


@jit()
def bias_step(
    kind: Any,
    b: Any,
    g: Any,
    d: Any,
    gradients: Any,
    length: Any,
    mean_square: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """The biases' step. Their ADADELTA rate is that of the mean squared gradient of the incoming weights.

    That mean is gradient² · mean(sender²): what the penalties add to it is left out.
    """
    if kind == ADADELTA:
        rho, epsilon, l1, l2 = splat(rule[RHO]), splat(rule[EPSILON]), splat(rule[L1]), splat(rule[L2])
        for at in range(0, length, BLOCK):
            o, bias, squares, steps = load(gradients + at), load(b + at), load(g + at), load(d + at)
            fed = o * o * splat(mean_square)
            new_squares = rho * squares + fed
            rate_of_unit = root_of_ratio(steps + epsilon, new_squares + epsilon)
            moved = bias - rate_of_unit * penalised(splat(ONE), o, bias, l1, l2)
            store(b + at, where_nonzero(o, moved, bias))
            store(g + at, where_nonzero(o, new_squares, squares))
            store(d + at, where_nonzero(o, rho * steps + rate_of_unit * rate_of_unit * fed, steps))
    elif kind == SGD:
        sgd_row(b, gradients, length, ONE, rate, rule)
    else:
        momentum_row(b, g, gradients, length, ONE, rate, momentum, kind == NESTEROV, rule)


@jit()
def step_rows(
    kind: Any,
    w: Any,
    first: Any,
    second: Any,
    pitch: Any,
    indices: Any,
    listed: Any,
    count: Any,
    other: Any,
    length: Any,
    passing: Any,
    error: Any,
    reverse: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """Pass the error through the listed rows of a matrix and update each right after.

    A row's gradient is its listed value times the `other` end: stored by sender, the value is the sender's
    activation and the other end the receivers' gradients; stored by receiver, the other way round.
    `first` and `second` are the distances in bytes from a weight to what the step rule remembers of it.
    Odd threads walk in reverse, lest two threads pull the same memory from each other.
    """
    for at in range(count):
        k = count - 1 - at if reverse else at
        unit = get_int(indices + SIZE * k)
        value = get_float(listed + SIZE * k)
        row = w + unit * pitch
        if passing == AS_SENDER:
            put_float(error + SIZE * unit, dot(row, other, length))
        elif passing == AS_RECEIVER:
            s = splat(value)
            for b in range(0, length, BLOCK):
                store(error + b, load(error + b) + s * load(row + b))
        if value == ZERO:
            continue
        if kind == ADADELTA:
            adadelta_row(row, row + first, row + second, other, length, value, rule)
        elif kind == SGD:
            sgd_row(row, other, length, value, rate, rule)
        else:
            momentum_row(row, row + first, other, length, value, rate, momentum, kind == NESTEROV, rule)


@jit()
def adadelta_pairs(
    w: Any,
    first: Any,
    second: Any,
    pitch: Any,
    indices: Any,
    listed: Any,
    count: Any,
    other: Any,
    passing: Any,
    error: Any,
    rule: Any,
) -> None:
    """`step_rows` for ADADELTA on rows of two blocks, whose other end and constants stay in registers."""
    o0, o1 = load(other), load(other + BLOCK)
    rho, epsilon, l1, l2 = splat(rule[RHO]), splat(rule[EPSILON]), splat(rule[L1]), splat(rule[L2])
    for k in range(count):
        unit = get_int(indices + SIZE * k)
        value = get_float(listed + SIZE * k)
        row = w + unit * pitch
        if passing == AS_SENDER:
            put_float(error + SIZE * unit, total(o0 * load(row) + o1 * load(row + BLOCK)))
        if value != ZERO:
            s = splat(value)
            adadelta_block(row, row + first, row + second, o0, s, rho, epsilon, l1, l2)
            row += BLOCK
            adadelta_block(row, row + first, row + second, o1, s, rho, epsilon, l1, l2)
