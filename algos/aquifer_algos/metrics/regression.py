"""Metrics of a numeric response: squared, absolute and logarithmic error, and residual deviance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aquifer_algos.distributions import GAUSSIAN, Distribution
from aquifer_algos.metrics.observations import FloatArray, Scores, counted_rows, quotient


@dataclass(frozen=True, slots=True)
class RegressionCounts:
    """Sums over rows, from which regression metrics follow; they add up over blocks of rows.

    `weight` is the sum of the weights, `mean` and `scatter` the weighted mean of the response and the
    weighted sum of its squared differences from that mean; the rest are weighted sums of each row's error.
    """

    nobs: int
    weight: float
    mean: float
    scatter: float
    squared_error: float
    absolute_error: float
    squared_log_error: float
    deviance: float


@dataclass(frozen=True, slots=True)
class RegressionMetrics:
    """How well a number was predicted.

    `r2` is 1 - MSE / variance of the response, NaN for a constant one. `rmsle` is NaN if a response or a
    prediction is -1 or less. Everything but `nobs`, the number of rows counted, is NaN if no row was counted.
    """

    mse: float
    rmse: float
    nobs: int
    r2: float
    mean_residual_deviance: float
    mae: float
    rmsle: float


def partial(
    actual: Scores,
    predicted: Scores,
    weight: Scores | None = None,
    distribution: Distribution = GAUSSIAN,
) -> RegressionCounts:
    """Sums over one block of rows.

    Args:
        actual: the response, shape (rows,); NaN is missing.
        predicted: the prediction in the response's units, shape (rows,); NaN is missing.
        weight: observation weights, shape (rows,); None means one each.
        distribution: what the mean residual deviance is of.
    """
    rows, w = counted_rows(~(np.isnan(actual) | np.isnan(predicted)), weight)
    y, f = actual[rows].astype(np.float64), predicted[rows].astype(np.float64)
    # An unstable network predicts infinities: its metrics are infinite or NaN, which is the right news.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        mean, scatter = _mean_and_scatter(y, w)
        error = f - y
        return RegressionCounts(
            nobs=len(y),
            weight=float(w.sum()),
            mean=mean,
            scatter=scatter,
            squared_error=float(w @ error**2),
            absolute_error=float(w @ np.abs(error)),
            squared_log_error=float(w @ (_log1p(f) - _log1p(y)) ** 2),
            deviance=float(w @ distribution.deviance(y, f)),
        )


def combine(a: RegressionCounts, b: RegressionCounts) -> RegressionCounts:
    """The sums over the rows of both; associative, up to rounding.

    Mean and scatter merge as in Chan, Golub and LeVeque (1979), which does not cancel.
    """
    weight = a.weight + b.weight
    share = b.weight / weight if weight else 0.0
    step = b.mean - a.mean
    return RegressionCounts(
        nobs=a.nobs + b.nobs,
        weight=weight,
        mean=a.mean + step * share,
        scatter=a.scatter + b.scatter + step * step * a.weight * share,
        squared_error=a.squared_error + b.squared_error,
        absolute_error=a.absolute_error + b.absolute_error,
        squared_log_error=a.squared_log_error + b.squared_log_error,
        deviance=a.deviance + b.deviance,
    )


def finish(counts: RegressionCounts) -> RegressionMetrics:
    """The metrics over all rows that `counts` has seen."""
    mse = quotient(counts.squared_error, counts.weight)
    return RegressionMetrics(
        mse=mse,
        rmse=math.sqrt(mse),
        nobs=counts.nobs,
        r2=1.0 - quotient(counts.squared_error, counts.scatter),
        mean_residual_deviance=quotient(counts.deviance, counts.weight),
        mae=quotient(counts.absolute_error, counts.weight),
        rmsle=math.sqrt(quotient(counts.squared_log_error, counts.weight)),
    )


def _mean_and_scatter(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Weighted mean and squared differences from it; measured from the first value, so a constant gives 0."""
    if not len(values):
        return 0.0, 0.0
    shifted = values - values[0]
    mean = float(weights @ shifted) / float(weights.sum())
    return float(values[0]) + mean, float(weights @ (shifted - mean) ** 2)


def _log1p(values: FloatArray) -> FloatArray:
    logarithms: FloatArray = np.log1p(values, out=np.full(len(values), np.nan), where=values > -1)
    return logarithms
