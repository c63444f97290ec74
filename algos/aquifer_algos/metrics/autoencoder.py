"""Metrics of an autoencoder: how far its reconstruction is from the inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aquifer_algos.metrics.observations import FloatArray, Scores, counted_rows, quotient


@dataclass(frozen=True, slots=True)
class AutoEncoderCounts:
    """Sums over rows, from which the metrics follow; they add up over blocks of rows.

    `weight` is the sum of the weights, `squared_error` the weighted sum of each row's error.
    """

    nobs: int
    weight: float
    squared_error: float


@dataclass(frozen=True, slots=True)
class AutoEncoderMetrics:
    """How well rows were reconstructed: the mean over rows of their errors, NaN if no row was counted."""

    mse: float
    rmse: float
    nobs: int


def row_errors(inputs: Scores, reconstruction: Scores) -> FloatArray:
    """The error of each row: the mean over its inputs of the squared difference.

    Both have the shape (rows, inputs), and are numbers as the network sees them.
    """
    # An unstable network gives infinities: then so is the error, which is the right news.
    with np.errstate(over="ignore", invalid="ignore"):
        errors: FloatArray = np.square(np.subtract(reconstruction, inputs, dtype=np.float64)).mean(axis=1)
    return errors


def partial(inputs: Scores, reconstruction: Scores, weight: Scores | None = None) -> AutoEncoderCounts:
    """Sums over one block of rows.

    Args:
        inputs: of the network, shape (rows, inputs).
        reconstruction: what the network made of them, in the same units and shape.
        weight: observation weights, shape (rows,); None means one each.
    """
    rows, w = counted_rows(np.ones(len(inputs), bool), weight)
    return AutoEncoderCounts(
        len(w), float(w.sum()), float(w @ row_errors(inputs[rows], reconstruction[rows]))
    )


def combine(a: AutoEncoderCounts, b: AutoEncoderCounts) -> AutoEncoderCounts:
    """The sums over the rows of both; associative, up to rounding."""
    return AutoEncoderCounts(a.nobs + b.nobs, a.weight + b.weight, a.squared_error + b.squared_error)


def finish(counts: AutoEncoderCounts) -> AutoEncoderMetrics:
    """The metrics over all rows that `counts` has seen."""
    mse = quotient(counts.squared_error, counts.weight)
    return AutoEncoderMetrics(mse, math.sqrt(mse), counts.nobs)
