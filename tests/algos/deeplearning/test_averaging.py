"""Averaging networks of nodes."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from aquifer_algos.deeplearning.averaging import average, lengthening
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.topology import Activation, Output, Topology

TOPOLOGY = Topology(3, (4,), 2, ("Rectifier",), "softmax")


def network(seed: int) -> Network:
    start = Network.start(TOPOLOGY, seed, state_slots=2)
    start.state[...] = seed
    return start


def moved(base: Network, by: float) -> Network:
    return Network(base.topology, base.weights + np.float32(by), base.state + np.float32(by))


MANY = 1_000_000_000


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("slots", [0, 1, 2, 3], ids=["sgd", "momentum", "adadelta", "adadelta and sparsity"])
def test_equal_networks_average_to_themselves(activation: Activation, slots: int) -> None:
    """All that is learnt: both channels of Maxout, what the step rule remembers, mean activations."""
    one = Network.start(Topology(3, (4, 5), 2, (activation,) * 2, "softmax"), 1, slots)
    one.state[...] = np.random.default_rng(0).random(one.state.shape)
    found = average(one, [one.copy() for _ in range(3)], [10, 0, 30])
    np.testing.assert_allclose(found.weights, one.weights, rtol=1e-6)
    np.testing.assert_allclose(found.state, one.state, rtol=1e-6)


def test_everything_learnt_is_weighted_by_the_rows_trained() -> None:
    mean = average(network(3), [network(1), network(2)], [3 * MANY, MANY])
    expected = 0.75 * network(1).weights + 0.25 * network(2).weights
    np.testing.assert_allclose(mean.weights, expected, atol=5e-3)
    np.testing.assert_allclose(mean.state, 1.25, rtol=1e-6)


def test_moves_of_few_rows_add_up() -> None:
    base = network(1)
    mean = average(base, [moved(base, 0.1), moved(base, 0.2), moved(base, 0.3)], [50, 50, 50])
    np.testing.assert_allclose(mean.weights, base.weights + 0.6, rtol=1e-5)
    np.testing.assert_allclose(mean.state, base.state + 0.2, rtol=1e-5)


@pytest.mark.parametrize("output", ["Tanh", "linear"], ids=["autoencoder", "numbers"])
def test_moves_of_what_does_not_tell_classes_do_not_add_up(output: Output) -> None:
    base = Network.start(Topology(3, (4,), 3, ("Tanh",), output), 1, state_slots=0)
    mean = average(base, [moved(base, 0.1), moved(base, 0.2), moved(base, 0.3)], [50, 50, 50])
    np.testing.assert_allclose(mean.weights, base.weights + 0.2, rtol=1e-5)


def test_a_node_that_trained_nothing_does_not_count() -> None:
    broken = network(2)
    broken.weights[...] = np.nan
    alone = average(network(3), [network(1), broken], [5, 0])
    np.testing.assert_array_equal(alone.weights, network(1).weights)


def test_nothing_trained_leaves_the_base() -> None:
    assert average(network(1), [network(2), network(3)], [0, 0]).weights is not network(2).weights
    np.testing.assert_array_equal(
        average(network(1), [network(2), network(3)], [0, 0]).weights, network(1).weights
    )


@pytest.mark.parametrize(
    ("rows", "factor"),
    [((10, 10, 10), 3), ((80, 80), 2), ((320, 320, 320), 2), ((8000, 8000), 1.1), ((77,), 1)],
)
def test_the_move_of_the_mean_is_lengthened(rows: tuple[int, ...], factor: float) -> None:
    assert lengthening(rows) == pytest.approx(factor)
