"""The learning rates and the momentum after so many rows."""

from typing import Any

import numpy as np

from aquifer_algos.deeplearning.kernels.codes import (
    ANNEALING,
    DECAY,
    MOMENTUM_RAMP,
    MOMENTUM_STABLE,
    MOMENTUM_START,
    RATE,
    SGD,
)
from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.precision import REAL


@jit()
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
