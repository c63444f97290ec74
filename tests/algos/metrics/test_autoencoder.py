"""Metrics of a reconstruction."""

import math

import numpy as np
import pytest
from aquifer_algos.metrics import autoencoder
from sklearn.metrics import mean_squared_error


@pytest.mark.parametrize("weighted", [False, True])
def test_the_error_agrees_with_scikit_learn(weighted):
    random = np.random.default_rng(0)
    inputs, reconstruction = random.normal(size=(2, 50, 7))
    weight = random.integers(0, 3, 50).astype(float) if weighted else None
    metrics = autoencoder.finish(autoencoder.partial(inputs, reconstruction, weight))
    assert metrics.mse == pytest.approx(mean_squared_error(inputs, reconstruction, sample_weight=weight))
    assert metrics.rmse == math.sqrt(metrics.mse)
    assert metrics.nobs == (50 if weight is None else np.count_nonzero(weight))


def test_no_rows_have_no_error():
    metrics = autoencoder.finish(autoencoder.partial(np.empty((0, 3)), np.empty((0, 3))))
    assert (metrics.nobs, math.isnan(metrics.mse), math.isnan(metrics.rmse)) == (0, True, True)


def test_an_unstable_network_has_no_finite_error():
    assert not math.isfinite(autoencoder.partial(np.zeros((2, 3)), np.full((2, 3), np.inf)).squared_error)
