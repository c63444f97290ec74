"""One row through the network, forward and backward."""

from typing import Any

from aquifer_algos.deeplearning.kernels.activations import activate, through_activation
from aquifer_algos.deeplearning.kernels.codes import (
    ACTIVATION,
    ACTIVE,
    ACTIVE_VALUES,
    ADADELTA,
    AS_RECEIVER,
    AS_SENDER,
    BIAS,
    BY_SENDER,
    GRADIENTS,
    INPUTS,
    KEPT,
    KEPT_LIST,
    MAX_W2,
    NOT,
    OUTPUTS,
    PITCH,
    RECEIVERS,
    RECTIFIER,
    SENDERS,
    SOFTMAX,
    SPARSITY_BETA,
    SQUARES,
    VALUES,
    WEIGHTS,
)
from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.limits import limit_columns, limit_rows
from aquifer_algos.deeplearning.kernels.losses import softmax
from aquifer_algos.deeplearning.kernels.products import (
    dot,
    fill,
    list_nonzero,
    padded_bytes,
    sum_over_senders,
    sum_pairs_over_senders,
    sum_per_receiver,
)
from aquifer_algos.deeplearning.kernels.reconstruction import sparsity_step
from aquifer_algos.deeplearning.kernels.steps import adadelta_pairs, bias_step, step_rows
from aquifer_algos.deeplearning.kernels.vector import BLOCK, ZERO, load, splat, store
from aquifer_algos.deeplearning.precision import REAL


@jit()
def list_senders(table: Any, layer: Any, scratch: Any, region: Any) -> Any:
    """List the hidden units that a matrix stored by sender has to visit; return how many."""
    units = scratch + table[layer, SENDERS]
    # At exactly 0 all but Rectifier units send nothing but still have a slope, unless they are dropped.
    slope_at_zero = table[layer - 1, ACTIVATION] != RECTIFIER
    test = units + (KEPT if slope_at_zero else VALUES) * region
    return list_nonzero(
        test, units, table[layer, INPUTS], units + ACTIVE * region, units + ACTIVE_VALUES * region
    )


@jit()
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


@jit()
def backward(
    table: Any,
    weights: Any,
    first: Any,
    second: Any,
    means: Any,
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
    """From the output's gradients to the first matrix, updating every weight on the way.

    `first`, `second` and `means` are the distances in bytes from a weight to what the step rule remembers of
    it, and from a bias to the rolling mean of its unit's activation.
    """
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
        squares = receivers + SQUARES * region
        if kind == ADADELTA:
            # The mean over a unit's senders of gradient² · sender².
            mean_square = splat(square / REAL(table[layer, INPUTS]))
            for at in range(0, length, BLOCK):
                store(squares + at, load(gradients + at) * load(gradients + at) * mean_square)
        bias_step(kind, bias, first, second, gradients, squares, length, rate, momentum, rule)
        if rule[SPARSITY_BETA] > ZERO and layer < len(table) - 1:
            units = table[layer, OUTPUTS]
            sparsity_step(kind, bias, bias + first, bias + second, bias + means, receivers, units, rate, rule)
        if layer > 0:
            kept = senders + KEPT * region
            through_activation(table[layer - 1, ACTIVATION], senders, kept, errors, senders_length)
