"""Elastic averaging against numpy that goes row by row."""

from __future__ import annotations

import numpy as np
import pytest
from aquifer_algos.deeplearning.elastic import Elastic, step_rates
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.topology import Topology

TOPOLOGY = Topology(3, (4,), 2, ("Tanh",), "softmax")
SGD = LearningRule(adaptive_rate=False, rate=0.01, rate_annealing=1e-3, rate_decay=0.5)


@pytest.mark.parametrize("regularization", [0.0, 0.01, 1.0, 10.0])
def test_the_pull_of_many_rows_is_that_of_each_row_in_turn(regularization: float) -> None:
    random, rows, seen = np.random.default_rng(0), 200, 1000
    network = Network.start(TOPOLOGY, 1, SGD.state_slots)
    consensus, gradient = random.normal(size=(2, TOPOLOGY.size)).astype(np.float32)
    rates = np.zeros(TOPOLOGY.size)
    for number, layer in enumerate(TOPOLOGY.layers):
        rates[layer.offset : layer.end] = 0.01 * 0.5**number / (1 + 1e-3 * seen)
    began = network.weights.copy()
    expected = began.astype(float)
    for _ in range(rows):
        expected -= rates * (gradient + regularization * (expected - consensus))
    network.weights[...] = began - rows * rates * gradient
    Elastic(0.9, regularization).pull(network, began, consensus, SGD, seen, rows)
    np.testing.assert_allclose(network.weights, expected, rtol=0.03, atol=0.003)


def test_steps_of_adadelta_are_as_long_as_its_memory_says() -> None:
    rule = LearningRule(rho=0.9, epsilon=1e-6)
    network = Network.start(TOPOLOGY, 1, rule.state_slots)
    gradients, steps = np.random.default_rng(0).random((2, TOPOLOGY.size))
    network.state[...] = gradients / 0.1, steps / 0.1  # sums, where ADADELTA has means
    expected = np.sqrt((steps + 1e-6) / (gradients + 1e-6))
    np.testing.assert_allclose(step_rates(network, rule, 0), expected, rtol=1e-5)


def test_the_consensus_moves_towards_the_mean() -> None:
    before, mean = (Network.start(TOPOLOGY, seed, 2) for seed in (1, 2))
    mean.state[...] = 3
    elastic = Elastic(moving_rate=0.3, regularization=1.0)
    moved = elastic.consensus(before, mean)
    np.testing.assert_allclose(moved.weights, 0.3 * mean.weights + 0.7 * before.weights, atol=1e-6)
    np.testing.assert_array_equal(moved.state, mean.state)
    assert elastic.consensus(None, mean) is mean
