"""The rows of a batch through the network together, and one step of every matrix.

Each row has scratch memory of its own, `stride` bytes from the one before, laid out as for training row by
row; what concerns one unit only (activations, losses) is done by the same functions. Gradients are made a few
stored rows of a matrix at a time, in a strip of memory that stays in the cache, and stepped at once.
"""

from typing import Any

from aquifer_algos.deeplearning.kernels.activations import activate, through_activation
from aquifer_algos.deeplearning.kernels.batch_products import inner_products, weighted_sums
from aquifer_algos.deeplearning.kernels.codes import (
    ACTIVATION,
    ACTIVE,
    ACTIVE_VALUES,
    ADADELTA,
    BIAS,
    BY_SENDER,
    GRADIENTS,
    INPUTS,
    KEPT,
    MAX_W2,
    OUTER_ROWS,
    OUTPUTS,
    PITCH,
    RECEIVERS,
    SENDERS,
    SOFTMAX,
    SPARSITY_BETA,
    SQUARES,
    STEP_ALL,
    SUMS,
    WEIGHTS,
)
from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.limits import limit_columns, limit_row
from aquifer_algos.deeplearning.kernels.losses import softmax
from aquifer_algos.deeplearning.kernels.products import dot, fill, padded_bytes, sum_over_senders
from aquifer_algos.deeplearning.kernels.reconstruction import sparsity_step
from aquifer_algos.deeplearning.kernels.steps import bias_step, step_row
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    ONE,
    SIZE,
    ZERO,
    get_float,
    get_int,
    load,
    put_float,
    put_int,
    splat,
    store,
)
from aquifer_algos.deeplearning.precision import REAL


@jit()
def add(sums: Any, terms: Any, length: Any) -> None:
    """sums += terms."""
    for at in range(0, length, BLOCK):
        store(sums + at, load(sums + at) + load(terms + at))


@jit()
def forward_batch(
    table: Any, weights: Any, scratch: Any, region: Any, stride: Any, rows: Any, entries: Any
) -> None:
    """From the input units of so many rows to their outputs' values.

    entries: how many input units each row lists; empty if the input is dense.
    """
    for layer in range(len(table)):
        senders, receivers = scratch + table[layer, SENDERS], scratch + table[layer, RECEIVERS]
        w, bias, pitch = weights + table[layer, WEIGHTS], weights + table[layer, BIAS], table[layer, PITCH]
        length = padded_bytes(table[layer, OUTPUTS])
        listed = layer == 0 and len(entries) > 0
        if not table[layer, BY_SENDER]:
            inner_products(senders, stride, rows, w, pitch, table[layer, OUTPUTS], pitch, receivers, stride)
        elif not listed:
            inputs = table[layer, INPUTS]
            weighted_sums(senders, stride, SIZE, w, pitch, inputs, receivers, stride, rows, length)
        for row in range(rows):
            units, sums = senders + row * stride, receivers + row * stride
            if listed:
                active, values = units + ACTIVE * region, units + ACTIVE_VALUES * region
                sum_over_senders(w, pitch, active, values, entries[row], bias, sums, length)
            else:
                add(sums, bias, length)
            if table[layer, ACTIVATION] == SOFTMAX:
                softmax(sums, table[layer, OUTPUTS], length)
            else:
                activate(table[layer, ACTIVATION], sums, sums + KEPT * region, length)


@jit()
def backward_batch(
    table: Any,
    weights: Any,
    first: Any,
    second: Any,
    means: Any,
    scratch: Any,
    region: Any,
    stride: Any,
    rows: Any,
    entries: Any,
    slots: Any,
    strip: Any,
    kind: Any,
    rates: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """From the outputs' gradients to the first matrix; every matrix steps once."""
    for layer in range(len(table) - 1, -1, -1):
        senders, receivers = scratch + table[layer, SENDERS], scratch + table[layer, RECEIVERS]
        w, bias, pitch = weights + table[layer, WEIGHTS], weights + table[layer, BIAS], table[layer, PITCH]
        gradients, errors = receivers + GRADIENTS * region, senders + GRADIENTS * region
        length, inputs, outputs = (
            padded_bytes(table[layer, OUTPUTS]),
            table[layer, INPUTS],
            table[layer, OUTPUTS],
        )
        if layer > 0:
            # Through the weights as they are before their step.
            if table[layer, BY_SENDER]:
                inner_products(gradients, stride, rows, w, pitch, inputs, length, errors, stride)
            else:
                weighted_sums(gradients, stride, SIZE, w, pitch, outputs, errors, stride, rows, pitch)
        squares, sums = receivers + SQUARES * region, receivers + SUMS * region
        fill(squares, length, ZERO)
        rate, limit = rates[layer], rule[MAX_W2]
        if layer == 0 and len(entries) > 0:
            step_listed(
                w, first, second, pitch, inputs, senders, gradients, region, stride, rows, entries, slots,
                strip, squares, kind, rate, momentum, rule,
            )  # fmt: skip
        else:
            step_matrix(
                w, first, second, pitch, table[layer, BY_SENDER], inputs, outputs, senders, gradients, stride,
                rows, strip, squares, kind, rate, momentum, rule,
            )  # fmt: skip
        if limit > ZERO and table[layer, BY_SENDER]:
            limit_columns(w, pitch, inputs, limit)
        fill(sums, length, ZERO)
        for row in range(rows):
            add(sums, gradients + row * stride, length)
        share = splat(ONE / REAL(inputs))
        for at in range(squares, squares + length, BLOCK):
            store(at, load(at) * share)
        bias_step(kind, bias, first, second, sums, squares, length, rate, momentum, rule)
        if rule[SPARSITY_BETA] > ZERO and layer < len(table) - 1:
            for units in range(receivers, receivers + rows * stride, stride):
                sparsity_step(
                    kind, bias, bias + first, bias + second, bias + means, units, outputs, rate, rule
                )
        if layer > 0:
            for units in range(senders, senders + rows * stride, stride):
                kept, error = units + KEPT * region, units + GRADIENTS * region
                through_activation(table[layer - 1, ACTIVATION], units, kept, error, padded_bytes(inputs))


@jit()
def step_along(
    kind: Any,
    row: Any,
    first: Any,
    second: Any,
    gradient: Any,
    length: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """`step_row` along a gradient that is written out; compiled once for all who call it."""
    all_step = splat(rule[STEP_ALL])
    step_row(kind, row, first, second, gradient, length, ONE, rate, momentum, rule, all_step)


@jit()
def step_matrix(
    w: Any,
    first: Any,
    second: Any,
    pitch: Any,
    by_sender: Any,
    inputs: Any,
    outputs: Any,
    senders: Any,
    gradients: Any,
    stride: Any,
    rows: Any,
    strip: Any,
    squares: Any,
    kind: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """Step a matrix along Σ over the batch of gradient · sender; add its squares up for each receiver."""
    factors, others, stored = (senders, gradients, inputs) if by_sender else (gradients, senders, outputs)
    for start in range(0, stored, OUTER_ROWS):
        count = min(OUTER_ROWS, stored - start)
        weighted_sums(
            factors + start * SIZE, SIZE, stride, others, stride, rows, strip, pitch, count, pitch
        )  # fmt: skip
        for k in range(count):
            row, gradient = w + (start + k) * pitch, strip + k * pitch
            if kind == ADADELTA and by_sender:
                add_squares(squares, gradient, pitch)
            elif kind == ADADELTA:
                put_float(squares + (start + k) * SIZE, dot(gradient, gradient, pitch))
            step_along(kind, row, first, second, gradient, pitch, rate, momentum, rule)
            if rule[MAX_W2] > ZERO and not by_sender:
                limit_row(row, pitch, rule[MAX_W2])


@jit()
def add_squares(sums: Any, terms: Any, length: Any) -> None:
    """sums += terms²."""
    for at in range(0, length, BLOCK):
        store(sums + at, load(sums + at) + load(terms + at) * load(terms + at))


@jit()
def step_listed(
    w: Any,
    first: Any,
    second: Any,
    pitch: Any,
    inputs: Any,
    units: Any,
    gradients: Any,
    region: Any,
    stride: Any,
    rows: Any,
    entries: Any,
    slots: Any,
    strip: Any,
    squares: Any,
    kind: Any,
    rate: Any,
    momentum: Any,
    rule: Any,
) -> None:
    """Step the first matrix, stored by sender, along what the rows' listed input units add up to.

    slots: for each input unit the place of its gradient in `strip` + 1, or 0; all 0 before and after. Behind
        them is room to list the units that have one.
    """
    used, touched = 0, slots + inputs * SIZE
    for row in range(rows):
        listed = units + row * stride
        for k in range(0, entries[row] * SIZE, SIZE):
            unit = get_int(listed + ACTIVE * region + k)
            if get_int(slots + unit * SIZE) == 0:
                fill(strip + used * pitch, pitch, ZERO)
                put_int(touched + used * SIZE, unit)
                used += 1
                put_int(slots + unit * SIZE, used)
            gradient = strip + (get_int(slots + unit * SIZE) - 1) * pitch
            value = splat(get_float(listed + ACTIVE_VALUES * region + k))
            for at in range(0, pitch, BLOCK):
                store(gradient + at, load(gradient + at) + value * load(gradients + row * stride + at))
    for k in range(used):
        unit, gradient = get_int(touched + k * SIZE), strip + k * pitch
        if kind == ADADELTA:
            add_squares(squares, gradient, pitch)
        step_along(kind, w + unit * pitch, first, second, gradient, pitch, rate, momentum, rule)
    if rule[STEP_ALL] != ZERO:
        nothing = strip + used * pitch
        fill(nothing, pitch, ZERO)
        for unit in range(inputs):
            if get_int(slots + unit * SIZE) == 0:
                step_along(kind, w + unit * pitch, first, second, nothing, pitch, rate, momentum, rule)
    for k in range(used):
        put_int(slots + get_int(touched + k * SIZE) * SIZE, 0)
