"""Averaging networks of nodes."""

from __future__ import annotations

import numpy as np
from aquifer_algos.deeplearning.averaging import average
from aquifer_algos.deeplearning.network import Network, Topology

TOPOLOGY = Topology(3, (4,), 2, ("Rectifier",), "softmax")


def network(seed: int) -> Network:
    start = Network.start(TOPOLOGY, seed, state_slots=2)
    start.state[...] = seed
    return start


def test_equal_networks_average_to_themselves() -> None:
    mean = average([network(1), network(1), network(1)], [10, 10, 10])
    np.testing.assert_allclose(mean.weights, network(1).weights, rtol=1e-6)


def test_everything_learnt_is_weighted_by_the_rows_trained() -> None:
    mean = average([network(1), network(2)], [30, 10])
    expected = 0.75 * network(1).weights + 0.25 * network(2).weights
    np.testing.assert_allclose(mean.weights, expected, rtol=1e-6)
    np.testing.assert_allclose(mean.state, 1.25, rtol=1e-6)


def test_a_node_that_trained_nothing_does_not_count() -> None:
    broken = network(2)
    broken.weights[...] = np.nan
    np.testing.assert_array_equal(average([network(1), broken], [5, 0]).weights, network(1).weights)
