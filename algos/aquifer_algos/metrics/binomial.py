"""Metrics of a response with two classes, from the probability predicted for the second, the positive one.

Where H2O condenses scores into 400 bins, these metrics are exact up to `score_bins.MAX_BINS` distinct scores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aquifer_algos.metrics import confusion
from aquifer_algos.metrics.gainslift import AUTOMATIC, gains_lift_table
from aquifer_algos.metrics.multinomial import SMALLEST_PROBABILITY
from aquifer_algos.metrics.observations import Codes, Scores, counted_rows, quotient
from aquifer_algos.metrics.score_bins import ScoreBins, bin_scores, merge_bins
from aquifer_algos.metrics.thresholds import criteria_tables, pr_auc, roc_auc, thresholds
from aquifer_algos.table import Table

UNDECIDED_THRESHOLD = 0.5
"""The default threshold where the best one for F1 is undefined, because no row is positive."""

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class BinomialCounts:
    """Weighted sums over rows, from which binomial metrics follow; they add up over blocks of rows."""

    nobs: int
    squared_error: float
    log_loss: float
    bins: ScoreBins


@dataclass(frozen=True, slots=True)
class BinomialMetrics:
    """How well one of two classes was predicted.

    `mse` is the mean of (1 - p)², p the probability given to the actual class; `r2` is 1 - MSE / variance of
    the class's index; `gini` is 2 AUC - 1. `err`, `mean_per_class_error` and the confusion matrix are those
    at `default_threshold`, the one that is best for F1. `lift_top_group` is the lift of the first group of
    the gains/lift table with automatic groups. `r2`, `auc`, `pr_auc` and `gini` are NaN unless both classes
    occur; every number but `nobs`, the number of rows counted, and `default_threshold` is NaN if no row was
    counted.
    """

    mse: float
    rmse: float
    nobs: int
    r2: float
    logloss: float
    auc: float
    pr_auc: float
    gini: float
    err: float
    mean_per_class_error: float
    lift_top_group: float
    default_threshold: float
    domain: tuple[str, str]
    confusion_matrix: Table
    thresholds_and_metric_scores: Table
    max_criteria_and_metric_scores: Table
    gains_lift_table: Table | None


def partial(actual: Codes, predicted: Scores, weight: Scores | None = None) -> BinomialCounts:
    """Sums over one block of rows.

    Args:
        actual: 0 for a negative row, 1 for a positive one, shape (rows,); anything else is missing.
        predicted: the probability of being positive, shape (rows,); NaN is missing.
        weight: observation weights, shape (rows,); None means one each.

    Raises:
        ValueError: if a prediction is not a probability.
    """
    rows, w = counted_rows((actual >= 0) & (actual <= 1) & ~np.isnan(predicted), weight)
    positive, score = actual[rows] == 1, predicted[rows].astype(np.float64)
    if np.any((score < -_ROUNDING) | (score > 1.0 + _ROUNDING)):
        raise ValueError(
            f"predicted probabilities must be from 0 to 1, but range from {score.min():g} to {score.max():g}"
        )
    score = np.clip(score, 0.0, 1.0)
    likelihood = np.where(positive, score, 1.0 - score)
    return BinomialCounts(
        nobs=len(score),
        squared_error=float(w @ (1.0 - likelihood) ** 2),
        log_loss=float(w @ -np.log(np.maximum(likelihood, SMALLEST_PROBABILITY))),
        bins=bin_scores(score, np.where(positive, w, 0.0), np.where(positive, 0.0, w)),
    )


def combine(a: BinomialCounts, b: BinomialCounts) -> BinomialCounts:
    """The sums over the rows of both; associative, up to rounding."""
    return BinomialCounts(
        nobs=a.nobs + b.nobs,
        squared_error=a.squared_error + b.squared_error,
        log_loss=a.log_loss + b.log_loss,
        bins=merge_bins(a.bins, b.bins),
    )


def finish(counts: BinomialCounts, domain: Sequence[str], gainslift_bins: int = AUTOMATIC) -> BinomialMetrics:
    """The metrics over all rows in `counts`; `domain` names the negative and the positive class.

    gainslift_bins: the groups of the gains/lift table; with 0 there is none.
    """
    negative_class, positive_class = domain
    curve = thresholds(counts.bins)
    tables = criteria_tables(curve)
    threshold = tables.max_f1_threshold
    default_threshold = UNDECIDED_THRESHOLD if math.isnan(threshold) else threshold
    matrix = curve.confusion(default_threshold)
    weight = curve.positives + curve.negatives
    mse = quotient(counts.squared_error, weight)
    auc = roc_auc(curve)
    lift = gains_lift_table(counts.bins).column("lift")
    return BinomialMetrics(
        mse=mse,
        rmse=math.sqrt(mse),
        nobs=counts.nobs,
        r2=1.0 - quotient(counts.squared_error * weight, curve.positives * curve.negatives),
        logloss=quotient(counts.log_loss, weight),
        auc=auc,
        pr_auc=pr_auc(curve),
        gini=2.0 * auc - 1.0,
        err=confusion.error_rate(matrix),
        mean_per_class_error=confusion.mean_per_class_error(matrix),
        lift_top_group=float(lift[0]) if lift and lift[0] is not None else float("nan"),
        default_threshold=default_threshold,
        domain=(negative_class, positive_class),
        confusion_matrix=confusion.confusion_matrix_table(matrix, domain),
        thresholds_and_metric_scores=tables.scores,
        max_criteria_and_metric_scores=tables.maxima,
        gains_lift_table=gains_lift_table(counts.bins, gainslift_bins) if gainslift_bins else None,
    )
