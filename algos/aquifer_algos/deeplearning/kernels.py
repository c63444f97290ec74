"""The training kernel: stochastic gradient descent row by row, on memory shared between threads.

One call of `train_rows` walks a stretch of a random order of a node's rows. For each row it draws dropout,
goes forward, and then backward from the output, updating each layer's weights right after the error went
through them. It takes time proportional to (non-zero senders) × (receivers): with `fast_mode` semantics a
zero sender and a receiver without gradient leave their weights and their step-rule memory alone.

How it is written, because it decides the speed:
- All data is reached by address, in blocks of sixteen (see `vector.py`); offsets and pitches are in bytes.
- Switches (activation, loss, step rule, storage of a matrix) are integers tested per row of a matrix or per
  layer, never per weight.
- Numbers that meet weights are of the type `REAL`, float32; one float64 or int64 among them would halve the
  speed.
- Functions that call each other live in this file, for numba's cache to notice a change.

Formulas: Zeiler 2012 (ADADELTA); gradients of softmax with cross-entropy as usual. `iteration.py` is the
only caller and explains the arguments; it loads this module through its `KERNELS`.
"""

from typing import Any

import numba
import numpy as np
from numba import types

from aquifer_algos.deeplearning.precision import REAL
from aquifer_algos.deeplearning.vector import (
    BLOCK,
    SIZE,
    clamped,
    dropout,
    get_flag,
    get_float,
    get_int,
    index,
    keep_positive,
    largest,
    load,
    load_unaligned,
    maximum,
    nearest,
    power_of_two,
    put_float,
    put_int,
    real,
    rectified,
    root_of_ratio,
    splat,
    store,
    total,
    where_nonzero,
    with_sign,
)

# Columns of the layer table: one row per weight matrix; offsets, pitches and lengths in bytes.
WEIGHTS, BIAS, INPUTS, OUTPUTS, PITCH, BY_SENDER, ACTIVATION, SENDERS, RECEIVERS, DROP_BELOW = range(10)
LAYER_COLUMNS = 10
# Regions of a thread's scratch memory, each as long as all units together.
VALUES, GRADIENTS, KEPT, ACTIVE, ACTIVE_VALUES, KEPT_LIST, REGIONS = range(7)
# What an output or hidden layer does with its sums.
SOFTMAX, LINEAR, RECTIFIER, TANH, EXP_RECTIFIER, MAXOUT = range(6)
CROSS_ENTROPY, QUADRATIC, ABSOLUTE, HUBER, QUANTILE, POISSON, GAMMA, TWEEDIE = range(8)
ADADELTA, SGD, MOMENTUM, NESTEROV = range(4)
# Numbers of the step rule. ADADELTA keeps sums Σ rho^k x² in place of means (1 - rho) Σ rho^k x², which saves
# two products per weight, so its epsilon here is epsilon / (1 - rho).
RHO, EPSILON, L1, L2, RATE, ANNEALING, DECAY, MOMENTUM_START, MOMENTUM_RAMP, MOMENTUM_STABLE = range(10)
# The loss's own number (where Huber's turns, the quantile, Tweedie's power); the limit of max_w2, 0 if none.
LOSS_NUMBER, MAX_W2, RULE_NUMBERS = range(10, 13)
# How a row of a matrix passes the error on to the senders.
NOT, AS_SENDER, AS_RECEIVER = range(3)

_jit = numba.njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"})
_inline = numba.njit(
    nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"}, forceinline=True
)

ZERO = REAL(0.0)
ONE = REAL(1.0)
TWO = REAL(2.0)
LOWEST = REAL(-3e38)
HALF = REAL(0.5)
# The logarithm of 1e19, the largest mean of a distribution with a log link.
LARGEST_LOG_MEAN = REAL(43.749)
EXP_LOWEST, EXP_HIGHEST = REAL(-87.0), REAL(88.0)
LOG2_E = REAL(1.4426950408889634)
# ln 2 in two parts: the first has so few bits that its product with a whole number is exact.
LN_2_HIGH, LN_2_LOW = REAL(0.693359375), REAL(-2.12194440e-4)


# --- elementary functions -------------------------------------------------------------------------------


@_inline
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


@_inline
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


@_inline
def capped_exponential(x: Any) -> Any:
    """e^x of one number, at most 1e19."""
    return largest(exponential(splat(LARGEST_LOG_MEAN if x > LARGEST_LOG_MEAN else x)))


# --- activations: forward and backward side by side -----------------------------------------------------


@_jit
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


@_jit
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


# --- losses: output and its error -----------------------------------------------------------------------


@_jit
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


@_jit
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


@_inline
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


@_jit
def linear_error(
    loss: Any, values: Any, error: Any, length: Any, actual: Any, weight: Any, number: Any
) -> None:
    """The single output's dLoss/df; padding has none."""
    fill(error, length, ZERO)
    put_float(error, linear_slope(loss, get_float(values), actual, number) * weight)


# --- step rules: one row of a matrix, gradient = factor · other + penalty ---------------------------------


@_inline
def penalised(factor: Any, other: Any, w: Any, l1: Any, l2: Any) -> Any:
    """The gradient of a block of weights."""
    return factor * other + with_sign(l1, w) + l2 * w


@_inline
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


@_inline
def adadelta_row(w: Any, g: Any, d: Any, other: Any, length: Any, factor: Any, rule: Any) -> None:
    """ADADELTA on a row."""
    s, rho, epsilon = splat(factor), splat(rule[RHO]), splat(rule[EPSILON])
    l1, l2 = splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        adadelta_block(w + at, g + at, d + at, load(other + at), s, rho, epsilon, l1, l2)


@_inline
def sgd_row(w: Any, other: Any, length: Any, factor: Any, rate: Any, rule: Any) -> None:
    """Plain gradient descent."""
    s, r, l1, l2 = splat(factor), splat(rate), splat(rule[L1]), splat(rule[L2])
    for at in range(0, length, BLOCK):
        o, weight = load(other + at), load(w + at)
        store(w + at, where_nonzero(o, weight - r * penalised(s, o, weight, l1, l2), weight))


@_inline
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


@_jit
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


# --- whole layers ---------------------------------------------------------------------------------------


@_jit
def fill(address: Any, length: Any, value: Any) -> None:
    """The same number everywhere."""
    for at in range(0, length, BLOCK):
        store(address + at, splat(value))


@_jit
def list_nonzero(test: Any, values: Any, units: Any, indices: Any, listed: Any) -> Any:
    """List the units whose `test` is not 0, with their values; return how many."""
    count = 0
    for unit in range(units):
        # Written unconditionally and overwritten by the next if not wanted: no branch to mispredict.
        put_int(indices + SIZE * count, unit)
        put_float(listed + SIZE * count, get_float(values + SIZE * unit))
        count += get_float(test + SIZE * unit) != ZERO
    return count


@_jit
def sum_over_senders(
    w: Any, pitch: Any, indices: Any, listed: Any, count: Any, bias: Any, sums: Any, length: Any
) -> None:
    """sums = bias + Σ value · row over the listed senders, of a matrix stored by sender."""
    for at in range(0, length, BLOCK):
        store(sums + at, load(bias + at))
    whole = count - count % 4
    for k in range(0, whole, 4):
        w0, v0 = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        w1, v1 = w + get_int(indices + SIZE * k + SIZE) * pitch, splat(get_float(listed + SIZE * k + SIZE))
        w2, v2 = (
            w + get_int(indices + SIZE * k + 2 * SIZE) * pitch,
            splat(get_float(listed + SIZE * k + 2 * SIZE)),
        )
        w3, v3 = (
            w + get_int(indices + SIZE * k + 3 * SIZE) * pitch,
            splat(get_float(listed + SIZE * k + 3 * SIZE)),
        )
        for at in range(0, length, BLOCK):
            pair = v0 * load(w0 + at) + v1 * load(w1 + at)
            other = v2 * load(w2 + at) + v3 * load(w3 + at)
            store(sums + at, load(sums + at) + (pair + other))
    for k in range(whole, count):
        w0, v0 = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        for at in range(0, length, BLOCK):
            store(sums + at, load(sums + at) + v0 * load(w0 + at))


@_jit
def sum_pairs_over_senders(
    w: Any, pitch: Any, indices: Any, listed: Any, count: Any, bias: Any, sums: Any
) -> None:
    """`sum_over_senders` for rows of two blocks, whose sums stay in registers."""
    even0, even1 = load(bias), load(bias + BLOCK)
    odd0, odd1 = splat(ZERO), splat(ZERO)
    for k in range(0, count - 1, 2):
        row, value = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        even0, even1 = even0 + value * load(row), even1 + value * load(row + BLOCK)
        row, value = (
            w + get_int(indices + SIZE * k + SIZE) * pitch,
            splat(get_float(listed + SIZE * k + SIZE)),
        )
        odd0, odd1 = odd0 + value * load(row), odd1 + value * load(row + BLOCK)
    if count % 2 == 1:
        k = count - 1
        row, value = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        even0, even1 = even0 + value * load(row), even1 + value * load(row + BLOCK)
    store(sums, even0 + odd0)
    store(sums + BLOCK, even1 + odd1)


@_jit
def sum_per_receiver(
    w: Any, pitch: Any, indices: Any, count: Any, bias: Any, senders: Any, length: Any, sums: Any
) -> None:
    """sums[i] = bias[i] + row i · senders for the listed receivers, of a matrix stored by receiver."""
    whole = count - count % 4
    for k in range(0, whole, 4):
        i0, i1 = get_int(indices + SIZE * k), get_int(indices + SIZE * k + SIZE)
        i2, i3 = get_int(indices + SIZE * k + 2 * SIZE), get_int(indices + SIZE * k + 3 * SIZE)
        w0, w1, w2, w3 = w + i0 * pitch, w + i1 * pitch, w + i2 * pitch, w + i3 * pitch
        s0, s1, s2, s3 = splat(ZERO), splat(ZERO), splat(ZERO), splat(ZERO)
        for at in range(0, length, BLOCK):
            a = load(senders + at)
            s0 = s0 + a * load(w0 + at)
            s1 = s1 + a * load(w1 + at)
            s2 = s2 + a * load(w2 + at)
            s3 = s3 + a * load(w3 + at)
        put_float(sums + SIZE * i0, get_float(bias + SIZE * i0) + total(s0))
        put_float(sums + SIZE * i1, get_float(bias + SIZE * i1) + total(s1))
        put_float(sums + SIZE * i2, get_float(bias + SIZE * i2) + total(s2))
        put_float(sums + SIZE * i3, get_float(bias + SIZE * i3) + total(s3))
    for k in range(whole, count):
        i0 = get_int(indices + SIZE * k)
        put_float(sums + SIZE * i0, get_float(bias + SIZE * i0) + dot(w + i0 * pitch, senders, length))


@_inline
def dot(a: Any, b: Any, length: Any) -> Any:
    """The inner product of two padded rows."""
    sums = splat(ZERO)
    for at in range(0, length, BLOCK):
        sums = sums + load(a + at) * load(b + at)
    return total(sums)


@_jit
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


@_jit
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


@_jit
def limit_rows(w: Any, pitch: Any, indices: Any, count: Any, limit: Any) -> None:
    """Shrink the listed rows, one for each receiver, whose sum of squares is above the limit, to it."""
    for k in range(count):
        row = w + get_int(indices + SIZE * k) * pitch
        square = dot(row, row, pitch)
        if square > limit:
            factor = splat(np.sqrt(limit / square))
            for at in range(0, pitch, BLOCK):
                store(row + at, load(row + at) * factor)


@_jit
def limit_columns(w: Any, pitch: Any, rows: Any, limit: Any) -> None:
    """The same of a matrix stored by sender, where a receiver's weights are a column; goes through all."""
    for at in range(0, pitch, BLOCK):
        squares = splat(ZERO)
        for row in range(w + at, w + at + rows * pitch, pitch):
            squares = squares + load(row) * load(row)
        if largest(squares) > limit:
            bounded = maximum(squares, splat(limit))
            factor = splat(limit) / bounded
            factor = factor * root_of_ratio(bounded, splat(limit))
            for row in range(w + at, w + at + rows * pitch, pitch):
                store(row, load(row) * factor)


# --- one row through the network ------------------------------------------------------------------------
#
# `units` is the address of the scratch memory of the sending or receiving units of a layer; its regions
# are `region` bytes apart. `counts` holds, for each layer, how many senders and kept receivers are listed.


@_inline
def padded_bytes(units: Any) -> Any:
    """The bytes of so many numbers in whole blocks."""
    return (SIZE * units + BLOCK - 1) // BLOCK * BLOCK


@_jit
def draw_dropout(table: Any, scratch: Any, region: Any, counts: Any, key: Any) -> None:
    """For every hidden layer with dropout, which units this row keeps (1 or 0), and their list if needed.

    The layers share their draws, as H2O seems to have it: a unit is dropped in all layers at once, so that
    what a narrow network has left for a row is a whole narrower network. Draws of its own for every layer
    halve the speed at which [32, 32, 32] learns digits.
    """
    for layer in range(len(table) - 1):
        if table[layer, DROP_BELOW] == 0:
            continue
        units = scratch + table[layer, RECEIVERS]
        kept = units + KEPT * region
        below = np.uint64(table[layer, DROP_BELOW])
        length = padded_bytes(table[layer, OUTPUTS])
        channels = 2 if table[layer, ACTIVATION] == MAXOUT else 1
        units_length = length // channels
        for at in range(0, units_length, BLOCK):
            drawn = dropout(splat(ONE), key, table[0, RECEIVERS] + at, below)
            store(kept + at, drawn)
            store(kept + length - units_length + at, drawn)
        if not table[layer, BY_SENDER]:
            listed = units + ACTIVE_VALUES * region
            counts[layer, 1] = list_nonzero(
                kept, kept, table[layer, OUTPUTS], units + KEPT_LIST * region, listed
            )


@_jit
def take_dense_input(row: Any, units: Any, region: Any, length: Any, key: Any, below: Any) -> Any:
    """Copy a row to the input units, dropping some; return its sum of squares."""
    squares = splat(ZERO)
    for at in range(0, length, BLOCK):
        x = load_unaligned(row + at)
        if below != 0:
            x = dropout(x, key, at, below)
        store(units + at, x)
        squares = squares + x * x
    return total(squares)


@_jit
def take_sparse_input(
    indices: Any, values: Any, entries: Any, units: Any, region: Any, key: Any, below: Any
) -> Any:
    """List a row's entries as the input's active units, dropping some; return how many."""
    kept = units + KEPT * region
    if below != 0:
        for at in range(0, SIZE * entries, BLOCK):
            store(kept + at, dropout(splat(ONE), key, at, below))
    active, listed = units + ACTIVE * region, units + ACTIVE_VALUES * region
    count = 0
    for entry in range(0, SIZE * entries, SIZE):
        value = get_float(values + entry) * get_float(kept + entry)
        put_int(active + SIZE * count, get_int(indices + entry))
        put_float(listed + SIZE * count, value)
        count += value != ZERO
    return count


@_jit
def listed_square(listed: Any, count: Any) -> Any:
    """The sum of squares of so many listed values."""
    square = ZERO
    for at in range(0, SIZE * count, SIZE):
        value = get_float(listed + at)
        square += value * value
    return square


@_jit
def list_senders(table: Any, layer: Any, scratch: Any, region: Any) -> Any:
    """List the hidden units that a matrix stored by sender has to visit; return how many."""
    units = scratch + table[layer, SENDERS]
    # At exactly 0 all but Rectifier units send nothing but still have a slope, unless they are dropped.
    slope_at_zero = table[layer - 1, ACTIVATION] != RECTIFIER
    test = units + (KEPT if slope_at_zero else VALUES) * region
    return list_nonzero(
        test, units, table[layer, INPUTS], units + ACTIVE * region, units + ACTIVE_VALUES * region
    )


@_jit
def forward(table: Any, weights: Any, scratch: Any, region: Any, counts: Any) -> None:
    """From the input units to the output's values."""
    for layer in range(len(table)):
        senders, receivers = scratch + table[layer, SENDERS], scratch + table[layer, RECEIVERS]
        w, bias, pitch = weights + table[layer, WEIGHTS], weights + table[layer, BIAS], table[layer, PITCH]
        length = padded_bytes(table[layer, OUTPUTS])
        if table[layer, BY_SENDER]:
            if layer > 0:
                counts[layer, 0] = list_senders(table, layer, scratch, region)
            active, listed = senders + ACTIVE * region, senders + ACTIVE_VALUES * region
            count = counts[layer, 0]
            if length == 2 * BLOCK:
                sum_pairs_over_senders(w, pitch, active, listed, count, bias, receivers)
            else:
                sum_over_senders(w, pitch, active, listed, count, bias, receivers, length)
        else:
            kept = receivers + KEPT_LIST * region
            sum_per_receiver(w, pitch, kept, counts[layer, 1], bias, senders, pitch, receivers)
        activation = table[layer, ACTIVATION]
        if activation == SOFTMAX:
            softmax(receivers, table[layer, OUTPUTS], length)
        else:
            activate(activation, receivers, receivers + KEPT * region, length)


@_jit
def backward(
    table: Any,
    weights: Any,
    first: Any,
    second: Any,
    scratch: Any,
    region: Any,
    counts: Any,
    input_square: Any,
    kind: Any,
    reverse: Any,
    rates: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """From the output's gradients to the first matrix, updating every weight on the way."""
    for layer in range(len(table) - 1, -1, -1):
        senders, receivers = scratch + table[layer, SENDERS], scratch + table[layer, RECEIVERS]
        w, bias, pitch = weights + table[layer, WEIGHTS], weights + table[layer, BIAS], table[layer, PITCH]
        gradients, errors = receivers + GRADIENTS * region, senders + GRADIENTS * region
        length, senders_length = padded_bytes(table[layer, OUTPUTS]), padded_bytes(table[layer, INPUTS])
        square = input_square
        if layer > 0:
            fill(errors, senders_length, ZERO)
            square = dot(senders, senders, senders_length)
        if table[layer, BY_SENDER]:
            active, listed = senders + ACTIVE * region, senders + ACTIVE_VALUES * region
            count, other, passing = counts[layer, 0], gradients, AS_SENDER
        else:
            active, listed = receivers + ACTIVE * region, receivers + ACTIVE_VALUES * region
            count = list_nonzero(gradients, gradients, table[layer, OUTPUTS], active, listed)
            other, passing = senders, AS_RECEIVER
        if layer == 0:
            passing = NOT
        rate = rates[layer]
        if kind == ADADELTA and pitch == 2 * BLOCK and passing != AS_RECEIVER:
            adadelta_pairs(w, first, second, pitch, active, listed, count, other, passing, errors, rule)
        else:
            step_rows(
                kind, w, first, second, pitch, active, listed, count, other, pitch, passing, errors, reverse,
                rate, momentum, rule,
            )  # fmt: skip
        if rule[MAX_W2] > ZERO:
            if table[layer, BY_SENDER]:
                limit_columns(w, pitch, table[layer, INPUTS], rule[MAX_W2])
            else:
                limit_rows(w, pitch, active, count, rule[MAX_W2])
        mean_square = square / REAL(table[layer, INPUTS])
        bias_step(
            kind, bias, bias + first, bias + second, gradients, length, mean_square, rate, momentum, rule
        )
        if layer > 0:
            kept = senders + KEPT * region
            through_activation(table[layer - 1, ACTIVATION], senders, kept, errors, senders_length)


# --- random order and exchange --------------------------------------------------------------------------


@_inline
def mixed(x: Any) -> Any:
    """A 64-bit hash (the finaliser of SplitMix64)."""
    x = np.uint64(x) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@_jit
def shuffled(position: Any, rows: Any, seed: Any) -> Any:
    """The row at a position of an endless sequence of passes, each in a fresh random order.

    A pass is a keyed permutation of the next power of two, repeated until it lands on a row. It needs no
    memory and can start anywhere.
    """
    key = mixed(seed ^ mixed(np.uint64(position // rows)))
    bits = np.uint64(1)
    while (np.uint64(1) << bits) < np.uint64(rows):
        bits += np.uint64(1)
    mask, half = (np.uint64(1) << bits) - np.uint64(1), (bits + np.uint64(1)) >> np.uint64(1)
    x = np.uint64(position % rows)
    while True:
        for turn in range(4):
            x = (x * np.uint64(0x9E3779B1) + (key >> np.uint64(8 * turn))) & mask
            x ^= x >> half
        if x < np.uint64(rows):
            return np.int64(x)


@_jit
def exchange(own: Any, base: Any, shared: Any, length: Any) -> None:
    """Add the steps made since the last exchange to the shared weights, and take up the others' steps."""
    for at in range(0, length, BLOCK):
        now = load(shared + at) + (load(own + at) - load(base + at))
        store(shared + at, now)
        store(own + at, now)
        store(base + at, now)


@_jit
def schedule(table: Any, rule: Any, kind: Any, samples: Any, rates: Any) -> Any:
    """Set each layer's learning rate after so many samples; return the momentum."""
    momentum = np.float64(rule[MOMENTUM_START])
    if kind != SGD and rule[MOMENTUM_RAMP] > 0:
        share = min(np.float64(samples) / np.float64(rule[MOMENTUM_RAMP]), 1.0)
        momentum += (np.float64(rule[MOMENTUM_STABLE]) - momentum) * share
    rate = np.float64(rule[RATE]) / (1.0 + np.float64(rule[ANNEALING]) * samples) * (1.0 - momentum)
    for layer in range(len(table)):
        rates[layer] = REAL(rate)
        rate *= np.float64(rule[DECAY])
    return REAL(momentum)


def _read_only(dtype: Any, dimensions: int = 1) -> Any:
    return types.Array(dtype, dimensions, "C", readonly=True)


@numba.njit(
    types.int64(
        real[::1],
        real[:, ::1],
        real[::1],
        real[::1],
        types.int64,
        _read_only(types.int64, 2),
        types.int64,
        types.int64,
        _read_only(real),
        _read_only(real, 2),
        _read_only(types.int64),
        _read_only(index),
        _read_only(real),
        _read_only(types.int32),
        _read_only(real),
        _read_only(real),
        _read_only(real),
        types.uint64,
        types.uint64,
        types.int64,
        types.int64,
        types.int64,
        types.int64,
        real[::1],
        types.int64[:, ::1],
        real[::1],
        types.int64,
        types.uint8[::1],
    ),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def train_rows(
    weights: Any,
    state: Any,
    shared: Any,
    base: Any,
    window: Any,
    table: Any,
    kind: Any,
    loss: Any,
    rule: Any,
    dense: Any,
    indptr: Any,
    indices: Any,
    values: Any,
    codes: Any,
    targets: Any,
    offsets: Any,
    row_weights: Any,
    seed: Any,
    input_drop_below: Any,
    position: Any,
    count: Any,
    samples_seen: Any,
    samples_per_row: Any,
    scratch_memory: Any,
    counts: Any,
    rates: Any,
    reverse: Any,
    stop: Any,
) -> Any:
    """Train on `count` rows from `position` of the random order; return how many were done before `stop`.

    With window > 0 the weights are private to this thread and are exchanged with the shared ones every so
    many rows and at the end. `samples_per_row` is how far the learning-rate schedule moves with each row.
    """
    w, scratch, stop_flag = weights.ctypes.data, scratch_memory.ctypes.data, stop.ctypes.data
    region = np.int64(len(scratch_memory) // REGIONS * SIZE)
    slot = np.int64(len(weights) * SIZE)
    first = state.ctypes.data - w
    second = first + slot
    rows = np.int64(len(codes) + len(targets))
    is_dense = dense.shape[0] > 0
    last = len(table) - 1
    output = scratch + table[last, RECEIVERS]
    output_length = padded_bytes(table[last, OUTPUTS])
    momentum = REAL(0.0)
    input_square = REAL(0.0)
    done = np.int64(0)
    while done < count and get_flag(stop_flag) == 0:
        row = shuffled(position + done, rows, seed)
        key = mixed(seed + mixed(np.uint64(position + done)))
        if is_dense:
            address = dense.ctypes.data + row * table[0, PITCH]
            input_square = take_dense_input(address, scratch, region, table[0, PITCH], key, input_drop_below)
        else:
            start = indptr[row]
            counts[0, 0] = take_sparse_input(
                indices.ctypes.data + SIZE * start, values.ctypes.data + SIZE * start,
                indptr[row + 1] - start, scratch, region, key, input_drop_below,
            )  # fmt: skip
            input_square = listed_square(scratch + ACTIVE_VALUES * region, counts[0, 0])
        draw_dropout(table, scratch, region, counts, key)
        forward(table, w, scratch, region, counts)
        weight = row_weights[row] if len(row_weights) > 0 else ONE
        if table[last, ACTIVATION] == SOFTMAX:
            actual = np.int64(codes[row])
            softmax_error(loss, output, output + GRADIENTS * region, output_length, actual, weight)
        else:
            if len(offsets) > 0:
                put_float(output, get_float(output) + offsets[row])
            gradients, number = output + GRADIENTS * region, rule[LOSS_NUMBER]
            linear_error(loss, output, gradients, output_length, targets[row], weight, number)
        if kind != ADADELTA:
            momentum = schedule(table, rule, kind, samples_seen + done * samples_per_row, rates)
        backward(
            table,
            w,
            first,
            second,
            scratch,
            region,
            counts,
            input_square,
            kind,
            reverse,
            rates,
            momentum,
            rule,
        )
        done += 1
        if window > 0 and done % window == 0:
            exchange(w, base.ctypes.data, shared.ctypes.data, slot)
    if window > 0:
        exchange(w, base.ctypes.data, shared.ctypes.data, slot)
    return done
