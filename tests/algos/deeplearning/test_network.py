"""A network as data: layout, start, scoring, statistics."""

import math

import numpy as np
import pytest
from aquifer_algos.deeplearning.buffers import aligned_zeros, is_aligned
from aquifer_algos.deeplearning.inference import CsrRows
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.topology import Topology
from numpy.typing import NDArray

MNIST_LIKE = Topology(
    50, (40, 8), 3, ("Rectifier", "Rectifier"), "softmax", hidden_dropout_ratios=(0.5, 0.25)
)


def csr(dense: NDArray[np.float32]) -> CsrRows:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate([[0], np.cumsum((dense != 0).sum(axis=1))]).astype(np.int64)
    return CsrRows(indptr, columns.astype(np.int32), dense[rows, columns])


@pytest.mark.parametrize("sparse", [False, True])
def test_layers_follow_each_other_without_gap_on_block_boundaries(sparse: bool) -> None:
    topology = Topology(21, (33, 2), 1, ("Tanh", "Tanh"), "linear", sparse)
    assert topology.layers[0].offset == 0
    for layer, following in zip(topology.layers, topology.layers[1:], strict=False):
        assert layer.end == following.offset
    assert all(place % 16 == 0 for layer in topology.layers for place in (layer.bias_offset, layer.pitch))
    assert topology.size == topology.layers[-1].end
    assert topology.parameters == 22 * 33 + 34 * 2 + 3


def test_adaptive_start_stays_within_glorots_bounds_and_classifiers_get_four_times_that() -> None:
    network = Network.start(MNIST_LIKE, seed=1, state_slots=2)
    for layer, (total, factor) in enumerate([(90, 1), (48, 1), (11, 4)]):
        bound = factor * math.sqrt(6 / total)
        largest = np.abs(network.matrix(layer)).max()
        assert 0.9 * bound < largest <= bound


@pytest.mark.parametrize(("distribution", "deviation"), [("Uniform", 0.3 / math.sqrt(3)), ("Normal", 0.3)])
def test_other_starts_have_the_spread_that_the_scale_says(distribution: str, deviation: float) -> None:
    topology = Topology(200, (300,), 1, ("Tanh",), "linear")
    network = Network.start(topology, 1, 0, distribution, 0.3)  # type: ignore[arg-type]
    assert network.matrix(0).std() == pytest.approx(deviation, rel=0.02)
    assert network.matrix(0).mean() == pytest.approx(0, abs=0.01)


def test_biases_start_so_that_rectifiers_are_alive() -> None:
    network = Network.start(MNIST_LIKE, seed=1, state_slots=0)
    assert [set(network.bias(layer).tolist()) for layer in range(3)] == [{0.5}, {1.0}, {0.0}]
    tanh = Network.start(Topology(4, (5,), 2, ("Tanh",), "softmax"), 1, 0)
    assert not tanh.bias(0).any()


def test_the_same_seed_starts_the_same_network_however_it_is_stored() -> None:
    dense, sparse = (
        Network.start(Topology(9, (20,), 4, ("Tanh",), "softmax", stored), 3, 0) for stored in (False, True)
    )
    np.testing.assert_array_equal(dense.matrix(0), sparse.matrix(0))
    assert not np.array_equal(dense.matrix(0), Network.start(dense.topology, 4, 0).matrix(0))


@pytest.mark.parametrize("sparse", [False, True], ids=["trained dense", "trained sparse"])
@pytest.mark.parametrize("rows_sparse", [False, True], ids=["dense rows", "compressed rows"])
@pytest.mark.parametrize("output", ["softmax", "linear"])
@pytest.mark.parametrize("inputs", [30, 5000])
def test_predictions_are_those_of_the_formula(
    sparse: bool, rows_sparse: bool, output: str, inputs: int
) -> None:
    units = 3 if output == "softmax" else 1
    topology = Topology(
        inputs, (12, 7), units, ("Tanh", "Rectifier"), output, sparse, 0.3, (0.5, 0.2)  # type: ignore[arg-type]
    )  # fmt: skip
    network = Network.start(topology, 1, 0)
    random = np.random.default_rng(0)
    rows = random.normal(size=(600, inputs)) * (random.random((600, inputs)) < 0.2)
    rows = rows.astype(np.float32)
    first = 0.5 * np.tanh(rows.astype(float) @ network.matrix(0).T + network.bias(0))
    second = 0.8 * np.maximum(first @ network.matrix(1).T + network.bias(1), 0)
    expected = second @ network.matrix(2).T + network.bias(2)
    if output == "softmax":
        expected = np.exp(expected)
        expected /= expected.sum(axis=1, keepdims=True)
    predicted = network.predict(csr(rows) if rows_sparse else rows)
    np.testing.assert_allclose(predicted, expected, rtol=1e-4, atol=1e-5)


def test_no_rows_give_no_predictions() -> None:
    network = Network.start(MNIST_LIKE, 1, 0)
    assert network.predict(np.zeros((0, 50), np.float32)).shape == (0, 3)


def test_replacing_a_layer_leaves_the_original_and_the_other_layers() -> None:
    network = Network.start(MNIST_LIKE, 1, 0)
    matrix, bias = np.ones((8, 40), np.float32), np.full(8, 2, np.float32)
    changed = network.with_layer(1, matrix, bias)
    np.testing.assert_array_equal(changed.matrix(1), matrix)
    np.testing.assert_array_equal(changed.bias(1), bias)
    np.testing.assert_array_equal(changed.matrix(0), network.matrix(0))
    assert not np.array_equal(network.matrix(1), matrix)
    with pytest.raises(ValueError, match=r"layer 1 needs weights \(8, 40\)"):
        network.with_layer(1, matrix.T, bias)


def test_statistics_are_those_of_weights_biases_and_adadelta_rates() -> None:
    network = Network.start(MNIST_LIKE, 1, 2)
    place = MNIST_LIKE.layers[1]
    network.state[0, place.offset : place.end] = 0.03
    network.state[1, place.offset : place.end] = 0.0
    summary = network.statistics(epsilon=0.01)[1]
    assert summary.weight_mean == pytest.approx(network.matrix(1).mean(), abs=1e-6)
    assert summary.weight_rms == pytest.approx(network.matrix(1).std(), rel=1e-5)
    assert (summary.bias_mean, summary.bias_rms) == (1.0, 0.0)
    assert summary.rate_mean == pytest.approx(0.5)
    assert summary.rate_rms == pytest.approx(0.0, abs=1e-6)
    assert network.statistics()[0].rate_mean is None


@pytest.mark.parametrize("size", [0, 5, 1 << 21], ids=["none", "few", "huge pages"])
def test_buffers_are_zero_and_suit_whole_blocks(size: int) -> None:
    buffer = aligned_zeros(size)
    assert buffer.shape == (size,)
    assert not buffer.any()
    assert is_aligned(buffer)


def test_a_copy_of_a_read_only_network_can_be_trained() -> None:
    network = Network.start(MNIST_LIKE, 1, 2)
    network.weights.setflags(write=False)
    copy = network.copy()
    assert is_aligned(copy.weights)
    np.testing.assert_array_equal(copy.weights, network.weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden": (0,), "activations": ("Tanh",)}, "at least one unit"),
        ({"activations": ("Tanh",)}, "as many activations"),
        ({"hidden_dropout_ratios": (0.5,)}, "must have 2 entries"),
        ({"input_dropout_ratio": 1.0}, "less than 1"),
    ],
)
def test_impossible_topologies_are_refused(change: dict[str, object], message: str) -> None:
    fitting: dict[str, object] = {
        "inputs": 3, "hidden": (4, 5), "outputs": 2, "activations": ("Tanh", "Tanh"), "output": "softmax",
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        Topology(**{**fitting, **change})  # type: ignore[arg-type]
