"""One iteration of training on a node: order of rows, threads, stopping, dropout, weights, instability."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from aquifer_algos.deeplearning import threads as thread_module
from aquifer_algos.deeplearning.iteration import IterationResult, train
from aquifer_algos.deeplearning.launch import ROWS
from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.topology import Activation, Topology
from numpy.typing import NDArray

PLAIN = LearningRule(adaptive_rate=False, rate=0.01, rate_annealing=0.0)
INPUTS, CLASSES = 20, 3


def blobs(rows: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Three well separated clouds of points."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(scale=2, size=(CLASSES, INPUTS))
    classes = random.integers(CLASSES, size=rows)
    return (centres[classes] + random.normal(size=(rows, INPUTS))).astype(np.float32), classes.astype(
        np.int32
    )


MATRIX = DenseMatrix.of(*blobs(500))
TOPOLOGY = Topology(INPUTS, (32, 17), CLASSES, ("Rectifier", "Rectifier"), "softmax")
WIDE = replace(TOPOLOGY, hidden=(200, 200))


def start(topology: Topology = TOPOLOGY, rule: LearningRule = PLAIN) -> Network:
    return Network.start(topology, 1, rule.state_slots)


def run(
    network: Network, matrix: Any = MATRIX, rule: LearningRule = PLAIN, **changes: Any
) -> IterationResult:
    arguments: dict[str, Any] = {
        "samples": 1000, "seed": 5, "samples_seen": 0, "threads": 1, "stop_flag": np.zeros(1, np.uint8),
    }  # fmt: skip
    return train(network, matrix, rule, **{**arguments, **changes})


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 64, 65, 1000])
def test_every_pass_uses_each_row_once_in_an_order_of_its_own(rows: int) -> None:
    kernels = ROWS.load()
    passes = [
        [kernels.shuffled(turn * rows + place, rows, np.uint64(3)) for place in range(rows)]
        for turn in range(5)
    ]
    assert all(sorted(order) == list(range(rows)) for order in passes)
    if rows >= 64:
        assert len({tuple(order) for order in passes}) == len(passes)
        ranks = np.array(passes)
        assert np.abs(np.corrcoef([*ranks, np.arange(rows)]) - np.eye(6)).max() < 0.4


def test_one_thread_repeats_itself_bit_for_bit() -> None:
    topology = replace(TOPOLOGY, input_dropout_ratio=0.2, hidden_dropout_ratios=(0.5, 0.5))
    networks = [start(topology), start(topology), start(topology)]
    for network, seed in zip(networks, (5, 5, 6), strict=True):
        run(network, seed=seed)
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    assert not np.array_equal(networks[0].weights, networks[2].weights)


@pytest.mark.parametrize("rule", [LearningRule(), replace(PLAIN, momentum_start=0.5, momentum_stable=0.9)])
def test_two_iterations_in_a_row_are_one_long_one(rule: LearningRule) -> None:
    topology = replace(TOPOLOGY, hidden_dropout_ratios=(0.5, 0.5))
    whole, halves = start(topology, rule), start(topology, rule)
    run(whole, rule=rule, samples=600)
    run(halves, rule=rule, samples=250)
    run(halves, rule=rule, samples=350, samples_seen=250)
    np.testing.assert_array_equal(whole.weights, halves.weights)
    np.testing.assert_array_equal(whole.state, halves.state)


@pytest.mark.parametrize("rule", [PLAIN, LearningRule(l1=1e-5)], ids=["sgd", "adadelta"])
def test_dense_and_sparse_rows_teach_the_same(rule: LearningRule) -> None:
    values, classes = blobs(200)
    values *= np.random.default_rng(1).random(values.shape) < 0.3
    networks = [start(replace(TOPOLOGY, sparse=sparse), rule) for sparse in (False, True)]
    run(networks[0], DenseMatrix.of(values, classes), rule, samples=200)
    run(networks[1], SparseMatrix.of(values, classes), rule, samples=200)
    for layer in range(3):
        np.testing.assert_allclose(networks[0].matrix(layer), networks[1].matrix(layer), atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(
    "rule",
    [LearningRule(), LearningRule(mini_batch_size=7), LearningRule(fast_mode=False)],
    ids=["rows", "batches", "all weights step"],
)
def test_the_network_learns_on_any_number_of_threads(threads: int, sparse: bool, rule: LearningRule) -> None:
    network = start(replace(TOPOLOGY, sparse=sparse, hidden_dropout_ratios=(0.2, 0.2)), rule)
    form = SparseMatrix if sparse else DenseMatrix
    result = run(network, form.of(*blobs(500)), rule, samples=20_000, threads=threads)
    assert (result.rows, result.threads, result.stable) == (20_000, threads, True)
    assert 0 < result.kernel_seconds <= threads * result.seconds
    values, classes = blobs(500, seed=1)
    assert (network.predict(values).argmax(axis=1) == classes).mean() > 0.97


@pytest.mark.parametrize("threads", [1, 2])
def test_large_networks_are_stepped_in_place_by_all_threads(threads: int) -> None:
    topology = Topology(INPUTS, (1000, 1100), CLASSES, ("Tanh", "Rectifier"), "softmax")
    network = start(topology, LearningRule())
    run(network, rule=LearningRule(), samples=1500, threads=threads)
    values, classes = blobs(500, seed=1)
    assert (network.predict(values).argmax(axis=1) == classes).mean() > 0.9


def test_regression_learns_a_line() -> None:
    values = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
    target = values @ np.array([1, -2, 0, 3, 0.5], np.float32)
    rule = replace(PLAIN, loss="Quadratic")
    network = Network.start(Topology(5, (), 1, (), "linear"), 1, 0)
    run(network, DenseMatrix.of(values, target), rule, samples=4000)
    np.testing.assert_allclose(network.matrix(0)[0], [1, -2, 0, 3, 0.5], atol=1e-3)


def test_arrays_that_may_not_be_written_are_fine_as_a_matrix() -> None:
    matrix = SparseMatrix.of(*blobs(100), weights=np.ones(100))
    for array in (matrix.indptr, matrix.indices, matrix.values, matrix.target, matrix.weights):
        assert array is not None
        array.setflags(write=False)
    assert run(start(replace(TOPOLOGY, sparse=True)), matrix).rows == 1000


@pytest.mark.parametrize("threads", [1, 2])
def test_the_stop_flag_ends_an_iteration_at_once(threads: int) -> None:
    flag = np.zeros(1, np.uint8)
    raised: list[float] = []

    def cancel() -> None:
        raised.append(time.perf_counter())
        flag[0] = 1

    run(start(), samples=1)  # so that loading the kernels is not measured
    timer = threading.Timer(0.1, cancel)
    timer.start()
    result = run(start(), samples=10**12, threads=threads, stop_flag=flag)
    assert time.perf_counter() - raised[0] < 0.1
    assert 0 < result.rows < 10**12


def test_a_flag_set_before_means_no_work() -> None:
    network = start()
    before = network.weights.copy()
    assert run(network, stop_flag=np.ones(1, np.uint8)).rows == 0
    np.testing.assert_array_equal(network.weights, before)


def test_a_network_that_explodes_is_reported_unstable() -> None:
    assert not run(start(), rule=replace(PLAIN, rate=1e6)).stable


def test_a_rows_weight_multiplies_its_gradient() -> None:
    values, classes = blobs(1)
    steps = []
    for weight in (1.0, 2.5):
        network = start()
        before = network.matrix(0)
        run(network, DenseMatrix.of(values, classes, np.array([weight])), samples=1)
        steps.append(network.matrix(0) - before)
    np.testing.assert_allclose(steps[1], 2.5 * steps[0], atol=2e-7)


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(
    "rule",
    [LearningRule(), PLAIN, replace(PLAIN, mini_batch_size=3, rate=0.03)],
    ids=["adadelta", "sgd", "batches"],
)
def test_max_w2_limits_the_squares_of_what_comes_into_each_unit(
    activation: Any, sparse: bool, rule: LearningRule
) -> None:
    topology = replace(TOPOLOGY, activations=(activation,) * 2, sparse=sparse)
    largest = []
    for limit in (None, 0.5):
        network = start(topology, rule)
        form = SparseMatrix if sparse else DenseMatrix
        run(network, form.of(*blobs(500)), replace(rule, max_w2=limit), samples=6000)
        squares = [(network.matrix(layer) ** 2).sum(axis=1) for layer in range(3)]
        largest.append([float(square.max()) for square in squares])
    assert min(largest[0]) > 0.6
    assert largest[1] == pytest.approx([0.5] * 3, rel=2e-3)


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("sparse", [False, True])
def test_dropped_units_learn_nothing_and_their_share_is_the_ratio(activation: Any, sparse: bool) -> None:
    units = 2000
    topology = Topology(INPUTS, (units,), CLASSES, (activation,), "softmax", sparse, 0.0, (0.3,))
    matrix = (SparseMatrix if sparse else DenseMatrix).of(*blobs(1))
    network, alone = start(topology), start(replace(topology, hidden_dropout_ratios=()))
    before = network.matrix(0)
    for stepped in (network, alone):
        run(stepped, matrix, samples=1)
    reached = (alone.matrix(0) != before).any(axis=1)
    moved = (network.matrix(0) != before).any(axis=1)
    assert not (moved & ~reached).any()
    assert moved.sum() / reached.sum() == pytest.approx(0.7, abs=0.05)


def test_hidden_layers_share_their_draws() -> None:
    topology = Topology(INPUTS, (200, 200), CLASSES, ("Tanh", "Tanh"), "softmax", False, 0.0, (0.5, 0.5))
    network = start(topology)
    before = [network.matrix(layer) for layer in (0, 1)]
    run(network, DenseMatrix.of(*blobs(1)), samples=1)
    moved = [(network.matrix(layer) != before[layer]).any(axis=1) for layer in (0, 1)]
    np.testing.assert_array_equal(moved[0], moved[1])


@pytest.mark.parametrize("sparse", [False, True])
def test_dropped_inputs_are_drawn_anew_for_every_row(sparse: bool) -> None:
    inputs, ratio = 3000, 0.2
    values = np.ones((2, inputs), np.float32)
    topology = Topology(inputs, (), 2, (), "softmax", sparse, ratio)
    matrix = (SparseMatrix if sparse else DenseMatrix).of(values, np.array([0, 1]))
    dropped = []
    for position in (0, 1):
        network = start(topology)
        before = network.matrix(0)
        run(network, matrix, samples=1, samples_seen=position)
        dropped.append((network.matrix(0) == before).all(axis=0))
    assert dropped[0].mean() == pytest.approx(ratio, abs=0.03)
    assert (dropped[0] & dropped[1]).mean() == pytest.approx(ratio**2, abs=0.02)


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("fast", [True, False])
def test_fast_mode_spares_weights_without_gradient_their_penalty(
    fast: bool, sparse: bool, batch: int
) -> None:
    values, classes = blobs(500)
    values[:, 3] = 0
    rule = replace(PLAIN, l2=0.1, fast_mode=fast, mini_batch_size=batch)
    network = start(replace(TOPOLOGY, sparse=sparse))
    before = network.matrix(0)[:, 3]
    run(network, (SparseMatrix if sparse else DenseMatrix).of(values, classes), rule, samples=40)
    shrunk = 1.0 if fast else (1 - rule.rate * rule.l2) ** (40 / batch)
    np.testing.assert_allclose(network.matrix(0)[:, 3], shrunk * before, rtol=1e-5)


@pytest.mark.parametrize(("fast", "left"), [(True, 1.0), (False, 0.99**10)])
def test_fast_mode_spares_weights_without_gradient_their_forgetting(fast: bool, left: float) -> None:
    values, classes = blobs(500)
    values[:, 3] = 0
    network = start(TOPOLOGY, LearningRule())
    network.state[...] = 1.0
    run(network, DenseMatrix.of(values, classes), LearningRule(fast_mode=fast), samples=10)
    layer = TOPOLOGY.layers[0]
    squares = network.state[:, : layer.bias_offset].reshape(2, layer.rows, layer.pitch)[:, :, 3]
    np.testing.assert_allclose(squares, left, rtol=1e-5)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_last_batch_is_what_is_left(threads: int) -> None:
    large = MATRIX.rows * 40 + 5
    result = run(start(), rule=replace(PLAIN, mini_batch_size=32), samples=large, threads=threads)
    assert (result.rows, result.threads) == (large, threads)
    few = run(start(), rule=replace(PLAIN, mini_batch_size=32), samples=3)
    assert few.rows == 3


def test_little_work_is_not_worth_many_threads() -> None:
    assert run(start(), samples=10, threads=8).threads == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"matrix": SparseMatrix.of(*blobs(5))}, "does not fit the network's input"),
        ({"matrix": DenseMatrix.of(blobs(5)[0], np.zeros(5))}, "softmax needs int32"),
        ({"matrix": DenseMatrix.of(blobs(5)[0], np.full(5, CLASSES))}, r"class codes must lie in 0\.\.2"),
        ({"matrix": DenseMatrix.of(*blobs(0))}, "no rows"),
        ({"rule": LearningRule()}, "do not fit its topology and the step rule"),
        ({"stop_flag": np.zeros(1)}, "one uint8"),
    ],
)
def test_what_does_not_fit_together_is_refused_before_anything_changes(
    change: dict[str, Any], message: str
) -> None:
    network = start()
    before = network.weights.copy()
    with pytest.raises(ValueError, match=message):
        run(network, **change)
    np.testing.assert_array_equal(network.weights, before)


def test_a_read_only_network_is_refused_with_the_remedy() -> None:
    network = start()
    network.weights.setflags(write=False)
    with pytest.raises(ValueError, match=r"train a network\.copy\(\)"):
        run(network)


def test_indices_outside_the_inputs_are_refused() -> None:
    good = SparseMatrix.of(*blobs(3))
    with pytest.raises(ValueError, match="indices must lie in"):
        replace(good, indices=good.indices + 1)
    with pytest.raises(ValueError, match="indptr must rise"):
        replace(good, indptr=good.indptr[::-1].copy())


@pytest.mark.parametrize("sparse", [False, True])
def test_threads_that_keep_order_repeat_themselves_bit_for_bit(sparse: bool) -> None:
    """Also while others load the machine; and not as one thread would have it."""
    topology = replace(WIDE, sparse=sparse, hidden_dropout_ratios=(0.2, 0.2))
    matrix = (SparseMatrix if sparse else DenseMatrix).of(*blobs(500))
    rule = LearningRule()
    networks = [start(topology, rule) for _ in range(3)]
    for network, threads, busy in zip(networks, (3, 3, 1), (0, 4, 0), strict=True):
        with load(busy):
            result = run(network, matrix, rule, samples=1500, threads=threads, in_order=True)
        assert (result.rows, result.threads) == (1500, threads)
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    np.testing.assert_array_equal(networks[0].state, networks[1].state)
    assert not np.array_equal(networks[0].weights, networks[2].weights)


def test_threads_that_keep_order_learn_as_well() -> None:
    network = start(WIDE, LearningRule())
    assert run(network, rule=LearningRule(), samples=10_000, threads=3, in_order=True).threads == 3
    values, classes = blobs(500, seed=1)
    assert (network.predict(values).argmax(axis=1) == classes).mean() > 0.97


def test_the_steps_of_a_round_are_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of two rows on two threads moves the weights as far as both rows move them alone."""
    monkeypatch.setattr(thread_module, "_THREAD_NANOSECONDS", 1.0)  # two rows are then worth two threads
    base = start()
    steps = np.zeros_like(base.weights)
    for position in (0, 1):
        alone = base.copy()
        run(alone, samples=1, position=position)
        steps += alone.weights - base.weights
    both = base.copy()
    assert run(both, samples=2, threads=2, in_order=True).threads == 2
    np.testing.assert_allclose(both.weights - base.weights, steps, atol=1e-7)


@contextmanager
def load(threads: int) -> Iterator[None]:
    """Keep so many threads busy meanwhile."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            np.sort(np.arange(100_000)[::-1])

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in running:
            thread.join()
