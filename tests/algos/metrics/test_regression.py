"""Regression metrics against scikit-learn and H2O, and what they say about awkward input."""

import math

import numpy as np
import pytest
from aquifer_algos.distributions import Distribution
from aquifer_algos.metrics import regression
from sklearn.metrics import (
    mean_absolute_error,
    mean_squared_error,
    mean_squared_log_error,
    mean_tweedie_deviance,
    r2_score,
)

SCALARS = ("mse", "rmse", "r2", "mean_residual_deviance", "mae", "rmsle")


def metrics_of(actual, predicted, weight=None):
    return regression.finish(regression.partial(np.asarray(actual), np.asarray(predicted), weight))


def sample(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.gamma(2.0, 3.0, rows)
    return y, y * rng.uniform(0.5, 1.4, rows), rng.integers(1, 4, rows).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
def test_scalars_agree_with_scikit_learn(weighted):
    y, f, w = sample()
    w = w if weighted else None
    metrics = metrics_of(y, f, w)
    assert metrics.mse == pytest.approx(mean_squared_error(y, f, sample_weight=w))
    assert metrics.rmse == pytest.approx(math.sqrt(metrics.mse))
    assert metrics.mae == pytest.approx(mean_absolute_error(y, f, sample_weight=w))
    assert metrics.rmsle == pytest.approx(math.sqrt(mean_squared_log_error(y, f, sample_weight=w)))
    assert metrics.r2 == pytest.approx(r2_score(y, f, sample_weight=w))
    assert metrics.mean_residual_deviance == metrics.mse
    assert metrics.nobs == 300


# Computed by H2O 3.46.0.12 (h2o.make_metrics, which reads the numbers with about 8 digits).
H2O = {
    "plain": (
        0.32810850689415993,
        0.5728075653255288,
        0.8339109556632451,
        0.49093945221162527,
        0.20849293410046377,
    ),
    "weighted": (
        0.3605881957301603,
        0.600489963055304,
        0.8225447472748453,
        0.5180799587646555,
        0.21796572723236068,
    ),
}


@pytest.mark.parametrize("case", H2O)
def test_the_numbers_are_h2os(case):
    i = np.arange(1, 31)
    y = (i * 0.7548776662466927) % 1.0 * 5
    f = y * 0.7 + (i * 0.6180339887498949) % 1.0
    metrics = metrics_of(y, f, 1.0 + i % 3 if case == "weighted" else None)
    ours = (metrics.mse, metrics.rmse, metrics.r2, metrics.mae, metrics.rmsle)
    assert ours == pytest.approx(H2O[case], rel=1e-6)


def test_the_deviance_is_that_of_the_distribution():
    y, f, w = sample()
    tweedie = regression.partial(y, f, w, Distribution("tweedie", 1.3))
    expected = mean_tweedie_deviance(y, f, sample_weight=w, power=1.3)
    assert regression.finish(tweedie).mean_residual_deviance == pytest.approx(expected)


def test_rows_that_do_not_count_change_nothing():
    y, f, w = sample()
    bad = metrics_of(
        np.append(y, [np.nan, 1.0, 1.0, 1.0, 1.0]),
        np.append(f, [1.0, np.nan, 1.0, 1.0, 1.0]),
        np.append(w, [1.0, 1.0, 0.0, np.nan, -3.0]),
    )
    assert bad == metrics_of(y, f, w)


def test_without_a_row_everything_is_undefined():
    metrics = metrics_of([], [])
    assert metrics.nobs == 0
    assert all(math.isnan(getattr(metrics, name)) for name in SCALARS)


@pytest.mark.parametrize("response", [0.1, 1e9 / 3, 0.0])
def test_r2_of_a_constant_response_is_undefined(response):
    y = np.full(7, response)
    halves = (
        regression.partial(y[:3], y[:3] + 1, np.array([0.1, 0.2, 0.7])),
        regression.partial(y[3:], y[3:] + 1),
    )
    assert math.isnan(regression.finish(regression.combine(*halves)).r2)


def test_r2_does_not_cancel_when_the_response_is_far_from_zero():
    y, f, _ = sample()
    assert metrics_of(y + 1e9, f + 1e9).r2 == pytest.approx(r2_score(y, f), rel=1e-5)


@pytest.mark.parametrize("at", ["response", "prediction"])
def test_rmsle_is_undefined_at_minus_one_and_below(at):
    y, f, _ = sample()
    (y if at == "response" else f)[5] = -1.0
    metrics = metrics_of(y, f)
    assert math.isnan(metrics.rmsle)
    assert math.isfinite(metrics.mae)


def test_infinite_predictions_give_infinite_errors():
    metrics = metrics_of([1.0, 2.0], [np.inf, 2.0])
    assert metrics.mse == math.inf
    assert metrics.mae == math.inf


def test_predictions_in_float32_lose_nothing_in_the_sums():
    y, f, _ = sample(rows=100_000)
    f = f.astype(np.float32)
    assert metrics_of(y, f).mse == pytest.approx(mean_squared_error(y, f.astype(float)), rel=1e-12)


def test_an_unknown_distribution_is_named_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"distribution.*'cauchy'.*gaussian"):
        Distribution("cauchy")
