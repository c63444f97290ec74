"""The turning point of Huber's loss against numpy's quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from aquifer_algos.deeplearning.huber import START, histogram, quantile


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_quantile_is_numpys_to_one_per_cent(alpha: float, scale: float) -> None:
    error = scale * np.abs(np.random.default_rng(0).normal(size=5000))
    parts = histogram(error[:1234]) + histogram(error[1234:])
    assert quantile(parts, alpha) == pytest.approx(
        np.quantile(error, alpha, method="inverted_cdf"), rel=0.011
    )


def test_weights_count_rows() -> None:
    error, weight = np.array([0.1, 1.0, 10.0]), np.array([1.0, 0.0, 3.0])
    np.testing.assert_array_equal(histogram(error, weight), histogram(np.repeat(error, weight.astype(int))))


def test_unknown_and_missing_errors_do_not_count() -> None:
    assert quantile(histogram(np.array([np.nan, np.inf])), 0.5) == START
    assert 0 < quantile(histogram(np.zeros(3)), 0.9) < 1e-5
