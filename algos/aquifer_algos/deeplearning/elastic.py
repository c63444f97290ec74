"""Elastic averaging: every node keeps a network of its own, drawn to a consensus.

Zhang, Choromanska and LeCun, arXiv:1412.6651, section 2.

H2O adds regularization · (w - consensus) to the gradient of every row. Here the pull of all rows that a node
trains between two answers is applied at once, in the form that adding it row by row tends to. Let a weight w
take steps of rate r along a gradient that changes little: then its path with the pull follows from the path
without it, from w₀ to w₀ + s in n rows:

    x = n · r · regularization
    w = consensus + (w₀ - consensus) · e⁻ˣ + s · (1 - e⁻ˣ) / x
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.deeplearning.matrix import Float32s
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule


@dataclass(frozen=True)
class Elastic:
    """`elastic_averaging_moving_rate` and `elastic_averaging_regularization`."""

    moving_rate: float
    regularization: float

    def consensus(self, before: Network | None, mean: Network) -> Network:
        """moving_rate · mean + (1 - moving_rate) · before; the mean itself if there was none before."""
        if before is None:
            return mean
        rate = np.float32(self.moving_rate)
        return Network(mean.topology, before.weights + rate * (mean.weights - before.weights), mean.state)

    def pull(
        self,
        network: Network,
        began: Float32s,
        consensus: Float32s,
        rule: LearningRule,
        samples_seen: int,
        rows: int,
    ) -> None:
        """Draw `network` to the `consensus`, after it has trained `rows` from the weights `began`."""
        x = self.regularization * rows * step_rates(network, rule, samples_seen)
        remaining = np.exp(-x)
        kept = np.divide(-np.expm1(-x), x, out=np.ones_like(x), where=x > 0)
        steps = network.weights - began
        network.weights[...] = consensus + (began - consensus) * remaining + steps * kept


def step_rates(network: Network, rule: LearningRule, samples_seen: int) -> NDArray[Any]:
    """How far each weight moves for a gradient of 1, momentum apart: shape (topology.size,)."""
    if rule.adaptive_rate:
        squares, steps = network.state[:2]
        epsilon = np.float32(rule.epsilon_of_sums)
        rates: NDArray[Any] = np.sqrt((steps + epsilon) / (squares + epsilon))
        return rates
    rates = np.empty_like(network.weights)
    for number, layer in enumerate(network.topology.layers):
        rate = rule.rate * rule.rate_decay**number / (1 + rule.rate_annealing * samples_seen)
        rates[layer.offset : layer.end] = rate
    return rates
