"""The summary of layers, number by number against numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.deeplearning.checkpoint import Checkpoint
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.summary import summary_table
from aquifer_algos.model import Model
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

ROWS, EPOCHS = 200, 2
Build = Callable[..., Model]


@pytest.fixture
def build(frame_of: Callable[..., Frame], store: Store, train: Build) -> Build:
    """Trains on the product of two numbers."""
    a, b = np.random.default_rng(0).normal(size=(2, ROWS))
    store.put("f", frame_of({"a": a, "b": b, "y": a * b}))
    common: dict[str, Any] = {"training_frame": "f", "response_column": "y", "hidden": [4, 3], "seed": 1}
    return lambda **options: train(**common, epochs=EPOCHS, overwrite_with_best_model=False, **options)


def column(model: Model, name: str) -> tuple[Any, ...]:
    """A column of the summary, from the first hidden layer on."""
    return model.output.model_summary.column(name)[1:]


def network(model: Model) -> Network:
    found: Network = model.scorer.network  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("activation", ["Rectifier", "Maxout", "TanhWithDropout"])
def test_means_and_deviations_are_those_of_the_weights_and_biases(build: Build, activation: str) -> None:
    model = build(activation=activation)
    matrices = [network(model).matrix(layer).astype(float) for layer in range(3)]
    biases = [network(model).bias(layer).astype(float) for layer in range(3)]
    assert column(model, "mean_weight") == pytest.approx([matrix.mean() for matrix in matrices], abs=1e-7)
    assert column(model, "weight_rms") == pytest.approx([matrix.std() for matrix in matrices], rel=1e-5)
    assert column(model, "mean_bias") == pytest.approx([bias.mean() for bias in biases], abs=1e-7)
    assert column(model, "bias_rms") == pytest.approx([bias.std() for bias in biases], abs=1e-7)


def test_the_rate_of_adadelta_is_that_of_its_memory(build: Build) -> None:
    model = build(rho=0.9, epsilon=1e-6)
    assert isinstance(model.checkpoint, Checkpoint)
    gradients, steps = (
        [Network(network(model).topology, slot, model.checkpoint.state).matrix(layer) for layer in range(3)]
        for slot in model.checkpoint.state
    )
    small = 1e-6 / (1 - 0.9)  # what is remembered are sums, not means
    rates = [np.sqrt((d + small) / (g + small)) for g, d in zip(gradients, steps, strict=True)]
    assert column(model, "mean_rate") == pytest.approx([rate.mean() for rate in rates], rel=1e-5)
    assert column(model, "rate_rms") == pytest.approx([rate.std() for rate in rates], rel=1e-4)


def test_rate_and_momentum_are_those_of_the_last_row(build: Build) -> None:
    momentum = {"momentum_start": 0.1, "momentum_ramp": 800.0, "momentum_stable": 0.5}
    model = build(adaptive_rate=False, rate=0.01, rate_annealing=1e-3, rate_decay=0.5, **momentum)
    rate = 0.01 / (1 + 1e-3 * EPOCHS * ROWS)
    assert column(model, "mean_rate") == pytest.approx([rate, rate / 2, rate / 4])
    assert column(model, "rate_rms") == (0.0, 0.0, 0.0)
    assert column(model, "momentum") == pytest.approx([0.1 + 0.4 * 400 / 800] * 3)


def test_the_description_ends_with_the_threads_that_were_worth_it(build: Build) -> None:
    model = build(reproducible=True, force_load_balance=False)
    assert model.output.model_summary.description.endswith(", mini-batch size 1, 1 thread")


@pytest.mark.parametrize(
    ("threads", "said"), [((), "size 1"), ((2,), ", 2 threads"), ((2, 1, 2), ", 5 threads on 3 nodes")]
)
def test_threads_of_all_nodes_are_counted(build: Build, threads: tuple[int, ...], said: str) -> None:
    model = build()
    table = summary_table(network(model), LearningRule(), model.data.response, 1, False, threads)
    assert table.description.endswith(said)
