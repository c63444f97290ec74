"""The training kernel against a plain numpy version of the formulas."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from aquifer_algos.deeplearning.iteration import train
from aquifer_algos.deeplearning.launch import ROWS
from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix, TrainingMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule, Loss
from aquifer_algos.deeplearning.topology import Activation, Topology
from numpy.typing import NDArray

Array = NDArray[np.float64]
SEED = 7


def row_order(rows: int, samples: int) -> list[int]:
    kernels = ROWS.load()
    return [int(kernels.shuffled(position, rows, np.uint64(SEED))) for position in range(samples)]


# --- the reference: float64, one row at a time, nothing clever ------------------------------------------

FORWARD: dict[Activation, Callable[[Array], Array]] = {
    "Rectifier": lambda z: np.maximum(z, 0),
    "Tanh": np.tanh,
    "ExpRectifier": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "Maxout": lambda z: z.reshape(2, -1).max(axis=0),
}
# From the error of the activations to that of the sums.
BACKWARD: dict[Activation, Callable[[Array, Array], Array]] = {
    "Rectifier": lambda z, error: error * (z > 0),
    "Tanh": lambda z, error: error * (1 - np.tanh(z) ** 2),
    "ExpRectifier": lambda z, error: error * np.exp(np.minimum(z, 0)),
    "Maxout": lambda z, error: ((z.reshape(2, -1) == z.reshape(2, -1).max(axis=0)) * error).ravel(),
}


def output_error(topology: Topology, loss: Loss, z: Array, target: float) -> Array:
    if topology.output == "linear":
        return 2 * (z - target)
    p = np.exp(z - z.max())
    p /= p.sum()
    t = np.eye(len(p))[int(target)]
    if loss == "CrossEntropy":
        return p - t
    return (np.diag(p) - np.outer(p, p)) @ (p - t)


@dataclass
class Step:
    """The step rule on one array of weights, entries where `active` only."""

    rule: LearningRule
    first: Array
    second: Array

    def __call__(
        self, w: Array, gradient: Array, fed: Array, active: NDArray[np.bool_], layer: int, n: int
    ) -> None:
        rule = self.rule
        momentum = rule.momentum_start
        if rule.momentum_ramp > 0:
            share = min(n / rule.momentum_ramp, 1.0)
            momentum += (rule.momentum_stable - rule.momentum_start) * share
        rate = rule.rate * rule.rate_decay**layer / (1 + rule.rate_annealing * n) * (1 - momentum)
        if rule.adaptive_rate:
            squares = rule.rho * self.first + (1 - rule.rho) * fed
            r = np.sqrt((self.second + rule.epsilon) / (squares + rule.epsilon))
            steps = rule.rho * self.second + (1 - rule.rho) * r**2 * fed
            moved, first, second = w - r * gradient, squares, steps
        elif rule.nesterov_accelerated_gradient:
            first = momentum * self.first - gradient
            moved, second = w + rate * first, self.second
        else:
            first = -rate * gradient
            moved, second = w + first + momentum * self.first, self.second
        w[active], self.first[active], self.second[active] = moved[active], first[active], second[active]


def reference_training(
    network: Network, rule: LearningRule, x: Array, target: Array, weights: Array, order: list[int]
) -> tuple[list[Array], list[Array]]:
    topology = network.topology
    layers = range(len(topology.layers))
    w = [network.matrix(layer).astype(float) for layer in layers]
    b = [network.bias(layer).astype(float) for layer in layers]
    step_w = [Step(rule, np.zeros_like(m), np.zeros_like(m)) for m in w]
    step_b = [Step(rule, np.zeros_like(v), np.zeros_like(v)) for v in b]
    for n in range(0, len(order), rule.mini_batch_size):
        batch = order[n : n + rule.mini_batch_size]
        of_rows = [
            gradients(topology, rule.loss, w, b, x[row], target[row], weights[row] / len(batch))
            for row in batch
        ]
        for layer in layers:
            data = sum((matrices[layer] for matrices, _ in of_rows), np.zeros_like(w[layer]))
            g = sum((vectors[layer] for _, vectors in of_rows), np.zeros_like(b[layer]))
            gradient = data + rule.l1 * np.sign(w[layer]) + rule.l2 * w[layer]
            active = (data != 0) | (not rule.fast_mode)
            step_w[layer](w[layer], gradient, gradient**2, active, layer, n)
            bias_gradient = g + rule.l1 * np.sign(b[layer]) + rule.l2 * b[layer]
            active = (g != 0) | (not rule.fast_mode)
            step_b[layer](b[layer], bias_gradient, (data**2).mean(axis=1), active, layer, n)
    return w, b


def gradients(
    topology: Topology, loss: Loss, w: list[Array], b: list[Array], x: Array, target: float, factor: float
) -> tuple[list[Array], list[Array]]:
    """The data's gradients of all weights and biases for one row, times a factor."""
    layers = range(len(topology.layers))
    a, sums = [x], []
    for layer in layers:
        z = w[layer] @ a[-1] + b[layer]
        sums.append(z)
        a.append(FORWARD[topology.activations[layer]](z) if layer < len(topology.hidden) else z)
    g = output_error(topology, loss, a[-1], target) * factor
    of_weights, of_biases = [], []
    for layer in reversed(layers):
        of_weights.insert(0, np.outer(g, a[layer]))
        of_biases.insert(0, g)
        if layer > 0:
            g = BACKWARD[topology.activations[layer - 1]](sums[layer - 1], w[layer].T @ g)
    return of_weights, of_biases


# --- the table --------------------------------------------------------------------------------------------

RULES = {
    "adadelta": LearningRule(epsilon=1e-6),
    "adadelta, penalties": LearningRule(rho=0.95, epsilon=1e-6, l1=1e-5, l2=1e-4),
    "sgd": LearningRule(adaptive_rate=False, rate=0.01),
    "sgd, annealed, decayed, penalties": LearningRule(
        adaptive_rate=False, rate=0.02, rate_annealing=1e-2, rate_decay=0.7, l1=1e-4, l2=1e-3
    ),
    "momentum, ramp": LearningRule(
        adaptive_rate=False, rate=0.01, momentum_start=0.3, momentum_ramp=100, momentum_stable=0.9, l2=1e-3
    ),
    "memory of one step": LearningRule(
        adaptive_rate=False,
        rate=0.01,
        momentum_start=0.5,
        momentum_ramp=0,
        nesterov_accelerated_gradient=False,
    ),
}
OUTPUTS: dict[str, tuple[str, int, Loss]] = {
    "cross-entropy": ("softmax", 5, "CrossEntropy"),
    "quadratic of classes": ("softmax", 3, "Quadratic"),
    "quadratic": ("linear", 1, "Quadratic"),
}
HIDDEN = {"two hidden layers": (19, 33), "narrow hidden layers": (2, 3), "no hidden layer": ()}


def data(rows: int, inputs: int, share: float, seed: int) -> Array:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, inputs)) * (random.random((rows, inputs)) < share)
    return x.astype(np.float32).astype(float)


def matrix_of(x: Array, target: Array, topology: Topology, weights: Array | None) -> TrainingMatrix:
    form = SparseMatrix if topology.sparse else DenseMatrix
    typed = target.astype(np.int32 if topology.output == "softmax" else np.float32)
    return form.of(x, typed, weights)


def problem(
    activation: Activation, output: str, hidden: tuple[int, ...], sparse: bool
) -> tuple[Topology, Array, Array]:
    kind, units, _ = OUTPUTS[output]
    topology = Topology(21, hidden, units, (activation,) * len(hidden), kind, sparse)  # type: ignore[arg-type]
    x = data(50, 21, 0.4 if sparse else 1.0, 3)
    signal = x[:, 0] - x[:, 1]
    target = np.digitize(signal, np.linspace(-1, 1, units - 1)) if kind == "softmax" else signal
    return topology, x, target.astype(np.float32).astype(float)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("hidden", [*HIDDEN.values()], ids=[*HIDDEN])
@pytest.mark.parametrize("rule", [*RULES.values()], ids=[*RULES])
@pytest.mark.parametrize(("activation", "output"), [*product(FORWARD, OUTPUTS)])
def test_a_thread_follows_the_reference_step_by_step(
    activation: Activation,
    output: str,
    rule: LearningRule,
    hidden: tuple[int, ...],
    sparse: bool,
    in_float64: Callable[[Network], Network],
) -> None:
    topology, x, target = problem(activation, output, hidden, sparse)
    network = in_float64(Network.start(topology, 5, rule.state_slots))
    follow(network, replace(rule, loss=OUTPUTS[output][2]), x, target, 40, 1e-5)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("rule", [*RULES.values()], ids=[*RULES])
@pytest.mark.parametrize("activation", FORWARD)
@pytest.mark.parametrize(
    "way",
    [{"mini_batch_size": 9}, {"fast_mode": False}, {"mini_batch_size": 3, "fast_mode": False}],
    ids=["batches", "all weights step", "batches, all weights step"],
)
def test_so_it_does_with_batches_and_without_fast_mode(
    way: dict[str, Any],
    activation: Activation,
    rule: LearningRule,
    sparse: bool,
    in_float64: Callable[[Network], Network],
) -> None:
    for output in OUTPUTS:
        topology, x, target = problem(activation, output, HIDDEN["two hidden layers"], sparse)
        network = in_float64(Network.start(topology, 5, rule.state_slots))
        follow(network, replace(rule, loss=OUTPUTS[output][2], **way), x, target, 40, 1e-5)


@pytest.mark.parametrize("rule", [*RULES.values()], ids=[*RULES])
@pytest.mark.parametrize("activation", FORWARD)
def test_so_it_does_with_float32(activation: Activation, rule: LearningRule) -> None:
    topology, x, target = problem(activation, "cross-entropy", HIDDEN["two hidden layers"], False)
    # Not many rows: ADADELTA magnifies rounding where gradients vanish, Maxout where two sums are close.
    follow(Network.start(topology, 5, rule.state_slots), rule, x, target, 20, 2e-4)


def follow(network: Network, rule: LearningRule, x: Array, target: Array, samples: int, close: float) -> None:
    weights = np.random.default_rng(1).uniform(0.5, 1.5, len(x)).astype(np.float32).astype(float)
    expected_w, expected_b = reference_training(network, rule, x, target, weights, row_order(len(x), samples))
    train(
        network, matrix_of(x, target, network.topology, weights), rule,
        samples=samples, seed=SEED, samples_seen=0, threads=1, stop_flag=np.zeros(1, np.uint8),
    )  # fmt: skip
    for layer in range(len(network.topology.layers)):
        np.testing.assert_allclose(network.matrix(layer), expected_w[layer], rtol=close, atol=close)
        np.testing.assert_allclose(network.bias(layer), expected_b[layer], rtol=close, atol=close)
