"""Averaging networks of nodes."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from aquifer_algos.deeplearning.averaging import average, gain, mean
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.topology import Activation, Topology
from hypothesis import given
from hypothesis import strategies as st

TOPOLOGY = Topology(3, (4,), 2, ("Rectifier",), "softmax")


def network(seed: int) -> Network:
    start = Network.start(TOPOLOGY, seed, state_slots=2)
    start.state[...] = seed
    return start


def moved(base: Network, by: float) -> Network:
    return Network(base.topology, base.weights + np.float32(by), base.state + np.float32(by))


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
    found = mean([network(1), network(2)], [30, 10])
    np.testing.assert_allclose(
        found.weights, 0.75 * network(1).weights + 0.25 * network(2).weights, rtol=1e-5
    )
    np.testing.assert_allclose(found.state, 1.25, rtol=1e-6)


def test_equal_moves_are_averaged() -> None:
    base = network(1)
    found = average(base, [moved(base, 0.2) for _ in range(3)], [50, 50, 50])
    np.testing.assert_allclose(found.weights, base.weights + 0.2, rtol=1e-5)
    np.testing.assert_allclose(found.state, base.state + 0.2, rtol=1e-5)


def test_orthogonal_moves_add_up() -> None:
    base = network(1)
    networks = [base.copy() for _ in range(3)]
    for place, one in enumerate(networks):
        one.weights[place] += 0.3
    found = average(base, networks, [50, 50, 50])
    expected = base.weights + np.float32([0.3] * 3 + [0] * (base.weights.size - 3))
    np.testing.assert_allclose(found.weights, expected, rtol=1e-5)


def test_what_all_moved_counts_once_and_what_each_moved_is_added_up() -> None:
    """Three moves of 1 along one weight that all share, and of 3 along one of their own: a gain of 2.5."""
    base = network(1)
    networks = [base.copy() for _ in range(3)]
    for place, one in enumerate(networks):
        one.weights[0] += 1
        one.weights[1 + place] += 3
    found = average(base, networks, [50, 50, 50]).weights - base.weights
    np.testing.assert_allclose(found[:4], [2.5] * 4, rtol=1e-5)


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
    ("lengths", "of_mean", "rows", "expected"),
    [
        ([4, 4, 4], 4, [10, 10, 10], 1),
        ([4, 4], 2, [10, 10], 2),
        ([4, 4, 4, 4], 2, [10, 10, 10, 10], 2),
        ([4, 4], 0.01, [10, 10], 2),
        ([4, 8], 4, [30, 10], 1.25),
        ([4, 8], 1, [30, 10], 1.6),
        ([7], 7, [77], 1),
        ([0, 0], 0, [10, 10], 1),
        ([np.nan, 1], np.nan, [10, 10], 1),
    ],
    ids=[
        "equal moves", "orthogonal moves", "half in common", "moves that undo each other", "unequal rows",
        "unequal rows, at most as if orthogonal", "one node", "nothing moved", "not finite",
    ],
)  # fmt: skip
def test_the_move_of_the_mean_is_lengthened(
    lengths: list[float], of_mean: float, rows: list[int], expected: float
) -> None:
    assert gain(lengths, of_mean, rows) == pytest.approx(expected)


@given(st.integers(0, 1 << 32), st.lists(st.integers(1, 1000), min_size=1, max_size=6))
def test_the_gain_lies_between_the_mean_and_the_sum(seed: int, rows: list[int]) -> None:
    moves = np.random.default_rng(seed).normal(size=(len(rows), 5))
    of_mean = np.average(moves, axis=0, weights=rows)
    found = gain(list((moves**2).sum(axis=1)), float(of_mean @ of_mean), rows)
    assert 1 <= found <= len(rows) + 1e-9
