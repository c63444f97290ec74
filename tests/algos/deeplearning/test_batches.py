"""What mini_batch_size and fast_mode make of a model, end to end: numbers that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.model import Model
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

ROWS, RATE = 64, 0.1
LINEAR: dict[str, Any] = {
    "training_frame": "f", "response_column": "y", "hidden": [], "seed": 1, "adaptive_rate": False,
    "rate": RATE, "rate_annealing": 0, "epochs": 1, "standardize": False, "reproducible": True,
    "initial_weight_distribution": "Uniform", "initial_weight_scale": 1e-6,
}  # fmt: skip


def weights(model: Model) -> tuple[np.ndarray, np.ndarray]:
    assert isinstance(model.scorer, NetworkScorer)
    return model.scorer.network.matrix(0)[0], model.scorer.network.bias(0)


@pytest.fixture
def line(frame_of: Callable[..., Frame], store: Store) -> np.ndarray:
    """y = 1 + 2 a - b of frame `f`; the columns a and b."""
    x = np.random.default_rng(0).normal(size=(ROWS, 2))
    store.put("f", frame_of({"a": x[:, 0], "b": x[:, 1], "y": 1 + 2 * x[:, 0] - x[:, 1]}))
    return x


def test_a_batch_of_all_rows_is_one_step_of_gradient_descent(
    line: np.ndarray, train: Callable[..., Model]
) -> None:
    y = 1 + 2 * line[:, 0] - line[:, 1]
    w, b = weights(train(**LINEAR, mini_batch_size=ROWS))
    # From 0, the mean of the gradients of (y - f)².
    np.testing.assert_allclose(w[:2], RATE * 2 * (line * y[:, None]).mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(b, RATE * 2 * y.mean(), rtol=1e-4)


def test_fewer_steps_of_the_same_length_learn_less(line: np.ndarray, train: Callable[..., Model]) -> None:
    errors = [train(**LINEAR, mini_batch_size=size).output.training_metrics.mse for size in (1, 4, 16, ROWS)]
    assert errors == sorted(errors)
    assert errors[0] < 0.1 * errors[-1]


def test_without_fast_mode_dead_inputs_are_penalised_too(
    frame_of: Callable[..., Frame], store: Store, train: Callable[..., Model]
) -> None:
    frame = frame_of({"a": [0.0] * ROWS, "b": [1.0, 2.0] * (ROWS // 2), "y": [1.0, 2.0] * (ROWS // 2)})
    store.put("f", frame)
    asked = LINEAR | {"initial_weight_scale": 1.0, "ignore_const_cols": False, "rate": 0.01, "l2": 0.1}
    kept, shrunk = (weights(train(**asked, fast_mode=fast))[0] for fast in (True, False))
    assert kept[0] != 0
    np.testing.assert_allclose(shrunk[0], kept[0] * (1 - 0.01 * 0.1) ** ROWS, rtol=1e-4)
