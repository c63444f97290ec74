"""Distributions of a number against scikit-learn and scipy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.distributions import FAMILIES, Distribution
from scipy.special import huber
from sklearn.metrics import (
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
    mean_tweedie_deviance,
)

KNOWN: dict[str, tuple[float, Callable[[Any, Any], float]]] = {
    "gaussian": (np.nan, mean_squared_error),
    "laplace": (np.nan, mean_absolute_error),
    "quantile": (0.2, lambda y, f: mean_pinball_loss(y, f, alpha=0.2)),
    "huber": (1.5, lambda y, f: 2 * float(huber(1.5, y - f).mean())),
    "poisson": (np.nan, mean_poisson_deviance),
    "gamma": (np.nan, mean_gamma_deviance),
    "tweedie": (1.7, lambda y, f: mean_tweedie_deviance(y, f, power=1.7)),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_deviances_are_scikit_learns(name: str) -> None:
    random = np.random.default_rng(0)
    y, mean = random.gamma(2.0, 2.0, 200), random.gamma(2.0, 2.0, 200)
    if name in ("poisson", "tweedie"):
        y[:50] = 0.0
    number, expected = KNOWN[name]
    assert Distribution(name, number).deviance(y, mean).mean() == pytest.approx(expected(y, mean))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_deviance_is_least_at_the_response_and_0_there(name: str) -> None:
    distribution = Distribution(name, KNOWN[name][0])
    y = np.full(5, 2.0)
    deviance = distribution.deviance(y, np.array([0.5, 1.0, 2.0, 3.0, 9.0]))
    assert deviance[2] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(deviance) < 0).tolist() == [True, True, False, False]


@pytest.mark.parametrize("name", FAMILIES)
def test_means_follow_from_what_is_learnt(name: str) -> None:
    learnt = np.array([-2.0, 0.0, 3.0])
    expected = np.exp(learnt) if name in ("poisson", "gamma", "tweedie") else learnt
    np.testing.assert_allclose(Distribution(name).mean(learnt), expected)


def test_means_stay_finite_however_far_a_step_went() -> None:
    assert Distribution("poisson").mean(np.array([1e6])) == pytest.approx([1e19])
