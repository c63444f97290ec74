"""The kernels' gradients, in float64, against finite differences of the losses as they are written down.

One plain step of stochastic gradient descent on one row moves each weight by the rate times its gradient. So
(weights before - weights after) ÷ rate is compared with differences of a numpy version of the loss, for every
activation with every loss and distribution, on dense and on sparse input, with a weight and an offset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pytest
from aquifer_algos.deeplearning.iteration import train
from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule, Loss
from aquifer_algos.deeplearning.topology import Activation, Output, Topology
from aquifer_algos.distributions import FAMILIES, Distribution
from numpy.typing import NDArray

Array = NDArray[np.float64]
INPUTS, HIDDEN, RATE, WEIGHT, OFFSET = 7, (6, 5), 1e-3, 1.5, 0.25
OF_NUMBERS = {
    "Quadratic": "gaussian", "Absolute": "laplace", "Huber": "huber", "Quantile": "quantile",
    "poisson": "poisson", "gamma": "gamma", "tweedie": "tweedie",
}  # fmt: skip
OF_CLASSES = ("CrossEntropy", "Quadratic", "Absolute", "Huber")


@dataclass(frozen=True)
class Case:
    """A loss at a response: the class of several, or the number."""

    loss: Any
    classes: int
    target: float

    def __str__(self) -> str:
        return f"{self.loss}-{f'{self.classes} classes' if self.classes else f'y={self.target}'}"


# Responses on both sides of what the network says, and far out, where Huber's loss is linear.
CASES = [
    *(Case(loss, 0, target) for loss, target in product(OF_NUMBERS, (0.5, 9.0))),
    *(Case(loss, 0, -9.0) for loss in ("Absolute", "Huber", "Quantile")),
    *(Case(loss, classes, target) for loss, classes, target in product(OF_CLASSES, (2, 5), (0, 1))),
]


def activated(activation: Activation, sums: Array) -> Array:
    if activation == "Maxout":
        return np.asarray(sums.reshape(2, -1).max(axis=0))
    rules = {"Rectifier": np.maximum(sums, 0), "Tanh": np.tanh(sums)}
    return rules.get(activation, np.where(sums > 0, sums, np.expm1(np.minimum(sums, 0))))


def loss_of(case: Case, rule: LearningRule, z: Array) -> float:
    if not case.classes:
        numbers = {"huber": rule.huber_delta, "quantile": rule.quantile_alpha, "tweedie": rule.tweedie_power}
        name = OF_NUMBERS[case.loss]
        distribution = Distribution(name, numbers.get(name, np.nan))
        return float(distribution.deviance(np.array(case.target), distribution.mean(z[0] + OFFSET)))
    p = np.exp(z) / np.exp(z).sum()
    r = np.abs(p - np.eye(case.classes)[int(case.target)])
    if case.loss == "CrossEntropy":
        return float(-np.log(p[int(case.target)]))
    sums = {"Quadratic": r**2 / 2, "Absolute": r, "Huber": np.where(r < 0.5, 2 * r**2, 2 * r - 0.5)}
    return float(sums[case.loss].sum())


def loss_at(network: Network, case: Case, rule: LearningRule, x: Array) -> float:
    topology, a = network.topology, x
    for layer in range(len(topology.layers)):
        z = network.matrix(layer) @ a + network.bias(layer)
        a = activated(topology.activations[layer], z) if layer < len(HIDDEN) else z
    return loss_of(case, rule, a)


def assert_a_step_is_the_gradient(
    before: Network,
    matrix: DenseMatrix | SparseMatrix,
    rule: LearningRule,
    loss: Callable[[Network], float],
) -> None:
    """One plain step on the only row of a matrix, of weight WEIGHT, against differences of its loss."""
    after = before.copy()
    train(after, matrix, rule, samples=1, seed=1, samples_seen=0, threads=1, stop_flag=np.zeros(1, np.uint8))
    stepped = (before.weights - after.weights) / (RATE * WEIGHT)
    scale = np.abs(stepped).max()
    assert scale > 0
    random = np.random.default_rng(7)
    moved_or_not = (np.flatnonzero(stepped), np.flatnonzero(stepped == 0))
    for place in np.concatenate([random.permutation(places)[:20] for places in moved_or_not]):
        losses = []
        for sign in (1, -1):
            moved = before.copy()
            moved.weights[place] += sign * 1e-6
            losses.append(loss(moved))
        slope = (losses[0] - losses[1]) / 2e-6
        assert stepped[place] == pytest.approx(slope, rel=1e-5, abs=1e-7 * scale)


def rule_of(loss: Loss) -> LearningRule:
    return LearningRule(
        loss, adaptive_rate=False, rate=RATE, rate_annealing=0.0, quantile_alpha=0.3, tweedie_power=1.25,
        huber_delta=2.0,
    )  # fmt: skip


def row() -> NDArray[np.float32]:
    """Inputs, one of them 0."""
    values = np.random.default_rng(3).normal(size=INPUTS) * (np.arange(INPUTS) != 2)
    return np.asarray(values, np.float32)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("activation", get_args(Activation))
def test_a_plain_step_is_the_gradient(
    activation: Activation, case: Case, sparse: bool, in_float64: Callable[[Network], Network]
) -> None:
    x, rule = row(), rule_of(case.loss)
    topology = Topology(
        INPUTS, HIDDEN, case.classes or 1, (activation,) * 2, "softmax" if case.classes else "linear", sparse
    )
    before = in_float64(Network.start(topology, 5, 0, "Uniform", 0.5))
    target = np.array([case.target], np.int32 if case.classes else np.float32)
    form, offset = SparseMatrix if sparse else DenseMatrix, None if case.classes else np.array([OFFSET])
    matrix = form.of(x[None, :], target, np.array([WEIGHT]), offset)
    assert_a_step_is_the_gradient(
        before, matrix, rule, lambda network: loss_at(network, case, rule, x.astype(float))
    )


OF_INPUTS = ("Quadratic", "Absolute", "Huber", "Quantile")


def reconstruction_loss(network: Network, rule: LearningRule, x: Array) -> float:
    """Summed over the inputs."""
    a = x
    for layer, activation in enumerate((*network.topology.activations, network.topology.output)):
        a = activated(activation, network.matrix(layer) @ a + network.bias(layer))  # type: ignore[arg-type]
    numbers = {"Huber": rule.huber_delta, "Quantile": rule.quantile_alpha}
    distribution = Distribution(OF_NUMBERS[rule.loss], numbers.get(rule.loss, np.nan))
    return float(distribution.deviance(x, a).sum())


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("loss", OF_INPUTS)
@pytest.mark.parametrize("activation", [name for name in get_args(Activation) if name in get_args(Output)])
def test_a_plain_step_of_an_autoencoder_is_the_gradient(
    activation: Any, loss: Any, sparse: bool, in_float64: Callable[[Network], Network]
) -> None:
    x = 2 * row()  # so that some differences are beyond Huber's turn
    rule = rule_of(loss)
    before = in_float64(
        Network.start(
            Topology(INPUTS, HIDDEN, INPUTS, (activation,) * 2, activation, sparse), 5, 0, "Uniform", 0.5
        )
    )
    matrix = (SparseMatrix if sparse else DenseMatrix).of(x[None, :], None, np.array([WEIGHT]))
    assert_a_step_is_the_gradient(
        before, matrix, rule, lambda network: reconstruction_loss(network, rule, x.astype(float))
    )


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("activation", get_args(Activation))
def test_a_plain_step_of_a_batch_is_the_mean_of_those_of_its_rows(
    activation: Activation, case: Case, sparse: bool, in_float64: Callable[[Network], Network]
) -> None:
    rows = 11
    random = np.random.default_rng(3)
    x = random.normal(size=(rows, INPUTS)).astype(np.float32) * (random.random((rows, INPUTS)) < 0.7)
    topology = Topology(
        INPUTS, HIDDEN, case.classes or 1, (activation,) * 2, "softmax" if case.classes else "linear", sparse,
        0.2, (0.3, 0.3),
    )  # fmt: skip
    rule = rule_of(case.loss)
    targets = np.full(rows, case.target, np.int32 if case.classes else np.float32)
    weights, offsets = random.uniform(0.5, 2, rows), None if case.classes else random.normal(size=rows)
    matrix = (SparseMatrix if sparse else DenseMatrix).of(x, targets, weights, offsets)
    before = in_float64(Network.start(topology, 5, 0, "Uniform", 0.5))
    assert_a_batch_is_the_mean_of_its_rows(before, matrix, rule)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("loss", OF_INPUTS)
@pytest.mark.parametrize("activation", [name for name in get_args(Activation) if name in get_args(Output)])
def test_so_it_is_of_an_autoencoder(
    activation: Any, loss: Any, sparse: bool, in_float64: Callable[[Network], Network]
) -> None:
    random = np.random.default_rng(3)
    x = random.normal(size=(11, INPUTS)).astype(np.float32) * (random.random((11, INPUTS)) < 0.7)
    matrix = (SparseMatrix if sparse else DenseMatrix).of(x, None, random.uniform(0.5, 2, 11))
    topology = Topology(INPUTS, HIDDEN, INPUTS, (activation,) * 2, activation, sparse, 0.2, (0.3, 0.3))
    before = in_float64(Network.start(topology, 5, 0, "Uniform", 0.5))
    assert_a_batch_is_the_mean_of_its_rows(before, matrix, rule_of(loss))


def assert_a_batch_is_the_mean_of_its_rows(
    before: Network, matrix: DenseMatrix | SparseMatrix, rule: LearningRule
) -> None:
    def step(rule: LearningRule, position: int, samples: int) -> Array:
        after = before.copy()
        train(
            after, matrix, rule, samples=samples, seed=1, samples_seen=0, position=position, threads=1,
            stop_flag=np.zeros(1, np.uint8),
        )  # fmt: skip
        return before.weights.astype(float) - after.weights

    of_rows = np.array([step(rule, position, 1) for position in range(matrix.rows)])
    of_batch = step(replace(rule, mini_batch_size=matrix.rows), 0, matrix.rows)
    assert np.abs(of_batch).max() > 0
    np.testing.assert_allclose(of_batch, of_rows.mean(axis=0), rtol=1e-6, atol=1e-12)


def test_every_loss_and_distribution_is_in_the_table() -> None:
    assert {case.loss for case in CASES} == set(get_args(Loss))
    assert set(OF_NUMBERS.values()) == set(FAMILIES)
