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
    STEP_ALL,
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
def stepping(other: Any, all_step: Any) -> Any:
    """Not 0 for the weights of a block that step: those whose other end is not 0, or all."""
    return where_nonzero(all_step, all_step, other)


@inline()
def adadelta_block(
    w: Any, g: Any, d: Any, o: Any, factor: Any, rho: Any, epsilon: Any, l1: Any, l2: Any, all_step: Any
) -> None:
    """ADADELTA on sixteen weights, whose other end is `o`."""
    moves = stepping(o, all_step)
    weight, squares, steps = load(w), load(g), load(d)
    gradient = penalised(factor, o, weight, l1, l2)
    new_squares = rho * squares + gradient * gradient
    step = gradient * root_of_ratio(steps + epsilon, new_squares + epsilon)
    store(w, where_nonzero(moves, weight - step, weight))
    store(g, where_nonzero(moves, new_squares, squares))
    store(d, where_nonzero(moves, rho * steps + step * step, steps))


@inline()
def adadelta_row(
    w: Any, g: Any, d: Any, other: Any, length: Any, factor: Any, rule: Any, all_step: Any
) -> None:
    """ADADELTA on a row."""
    s, rho, epsilon = splat(factor), splat(rule[RHO]), splat(rule[EPSILON])
    l1, l2 = splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        adadelta_block(w + at, g + at, d + at, load(other + at), s, rho, epsilon, l1, l2, all_step)


@inline()
def sgd_row(w: Any, other: Any, length: Any, factor: Any, rate: Any, rule: Any, all_step: Any) -> None:
    """Plain gradient descent."""
    s, r, l1, l2 = splat(factor), splat(rate), splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        o, weight = load(other + at), load(w + at)
        moved = weight - r * penalised(s, o, weight, l1, l2)
        store(w + at, where_nonzero(stepping(o, all_step), moved, weight))


@inline()
def momentum_row(
    w: Any,
    v: Any,
    other: Any,
    length: Any,
    factor: Any,
    rate: Any,
    momentum: Any,
    heavy: Any,
    rule: Any,
    all_step: Any,
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
        moves = stepping(o, all_step)
        store(w + at, where_nonzero(moves, moved, weight))
        store(v + at, where_nonzero(moves, memory_now, memory))


@inline()
def step_row(
    kind: Any,
    w: Any,
    first: Any,
    second: Any,
    other: Any,
    length: Any,
    factor: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
    all_step: Any,
) -> None:
    """The rule on a row of weights, whose gradient is factor · other end.

    `first` and `second` are the distances in bytes from a weight to what the step rule remembers of it.
    """
    if kind == ADADELTA:
        adadelta_row(w, w + first, w + second, other, length, factor, rule, all_step)
    elif kind == SGD:
        sgd_row(w, other, length, factor, rate, rule, all_step)
    else:
        momentum_row(w, w + first, other, length, factor, rate, momentum, kind == NESTEROV, rule, all_step)


@jit()
def bias_step(
    kind: Any,
    b: Any,
    first: Any,
    second: Any,
    gradients: Any,
    mean_squares: Any,
    length: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """The biases' step. Their ADADELTA rate is that of the mean squared gradient of the incoming weights.

    What the penalties add to that mean is left out.
    """
    if kind != ADADELTA:
        all_step = splat(rule[STEP_ALL])
        step_row(kind, b, first, second, gradients, length, ONE, rate, momentum, rule, all_step)
        return
    rho, epsilon, l1, l2 = splat(rule[RHO]), splat(rule[EPSILON]), splat(rule[L1]), splat(rule[L2])
    for at in range(b, b + length, BLOCK):
        o, fed = load(gradients + at - b), load(mean_squares + at - b)
        bias, squares, steps = load(at), load(at + first), load(at + second)
        new_squares = rho * squares + fed
        rate_of_unit = root_of_ratio(steps + epsilon, new_squares + epsilon)
        moved = bias - rate_of_unit * penalised(splat(ONE), o, bias, l1, l2)
        moves = stepping(o, splat(rule[STEP_ALL]))
        store(at, where_nonzero(moves, moved, bias))
        store(at + first, where_nonzero(moves, new_squares, squares))
        store(at + second, where_nonzero(moves, rho * steps + rate_of_unit * rate_of_unit * fed, steps))


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
        step_row(kind, row, first, second, other, length, value, rate, momentum, rule, splat(ZERO))


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
    all_step = splat(ZERO)
    for k in range(count):
        unit = get_int(indices + SIZE * k)
        value = get_float(listed + SIZE * k)
        row = w + unit * pitch
        if passing == AS_SENDER:
            put_float(error + SIZE * unit, total(o0 * load(row) + o1 * load(row + BLOCK)))
        if value != ZERO:
            s = splat(value)
            adadelta_block(row, row + first, row + second, o0, s, rho, epsilon, l1, l2, all_step)
            row += BLOCK
            adadelta_block(row, row + first, row + second, o1, s, rho, epsilon, l1, l2, all_step)
