"""Metrics of a response with several classes, from the probability predicted for each class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aquifer_algos.metrics import confusion, multiclass_auc
from aquifer_algos.metrics.multiclass_auc import Areas, AucType, areas
from aquifer_algos.metrics.observations import Codes, FloatArray, Mask, Scores, counted_rows, quotient
from aquifer_algos.metrics.score_bins import ScoreBins
from aquifer_algos.table import Table, TableColumn, as_cells

MAX_HIT_RATIO_K = 10
"""Hit ratios are reported for the best 1, 2, … 10 classes, or fewer if there are fewer classes."""

SMALLEST_PROBABILITY = 1e-15
"""The logarithmic loss takes no probability to be less than this, as H2O does."""


@dataclass(frozen=True, slots=True, eq=False)
class MultinomialCounts:
    """Weighted sums over rows, from which multinomial metrics follow; they add up over blocks of rows.

    `confusion[i, j]` is the weight of actual class i predicted as class j; `hits[r]` the weight of the rows
    whose actual class was ranked r-th by probability, from 0 up to, not including, `MAX_HIT_RATIO_K`;
    `comparisons` are what areas under curves are made of, empty if none was asked for.
    """

    nobs: int
    squared_error: float
    log_loss: float
    confusion: FloatArray
    hits: FloatArray
    comparisons: tuple[ScoreBins, ...] = ()


@dataclass(frozen=True, slots=True)
class MultinomialMetrics:
    """How well one of several classes was predicted.

    `mse` is the mean of (1 - p)², p the probability given to the actual class; `r2` is 1 - MSE / variance of
    the class's index, as in H2O, NaN if only one class occurs; `err` is the misclassification rate;
    `mean_per_class_error` averages the error rates of the classes that occur. `auc` and `pr_auc` are NaN
    and have no table unless a kind of them was asked for. Every number but `nobs`, the number of rows
    counted, is NaN if none was.
    """

    mse: float
    rmse: float
    nobs: int
    r2: float
    logloss: float
    err: float
    mean_per_class_error: float
    auc: float
    pr_auc: float
    domain: tuple[str, ...]
    confusion_matrix: Table
    hit_ratio_table: Table
    auc_table: Table | None = None
    pr_auc_table: Table | None = None


def partial(
    actual: Codes, predicted: Scores, weight: Scores | None = None, auc_type: AucType = "AUTO"
) -> MultinomialCounts:
    """Sums over one block of rows.

    The predicted class is the most probable; of equally probable ones the first.

    Args:
        actual: index of the actual class, shape (rows,); outside 0 … classes - 1 is missing.
        predicted: probabilities, shape (rows, classes); a row that has a NaN is missing.
        weight: observation weights, shape (rows,); None means one each.
        auc_type: the kind of AUC that will be asked for; AUTO is none.
    """
    classes = predicted.shape[1]
    known: Mask = (actual >= 0) & (actual < classes) & ~np.isnan(predicted).any(axis=1)
    rows, w = counted_rows(known, weight)
    y, p = actual[rows].astype(np.intp), predicted[rows]
    of_actual = p[np.arange(len(y)), y]
    pairs = np.bincount(y * classes + p.argmax(axis=1), weights=w, minlength=classes * classes)
    ranks = np.bincount(_ranks(y, p, of_actual), weights=w, minlength=classes)
    likelihood = of_actual.astype(np.float64)
    return MultinomialCounts(
        nobs=len(y),
        squared_error=float(w @ (1.0 - likelihood) ** 2),
        log_loss=float(w @ -np.log(np.maximum(likelihood, SMALLEST_PROBABILITY))),
        confusion=pairs.reshape(classes, classes).astype(np.float64),
        hits=ranks[:MAX_HIT_RATIO_K].astype(np.float64),
        comparisons=multiclass_auc.partial(y, p, w) if multiclass_auc.is_computed(auc_type, classes) else (),
    )


def combine(a: MultinomialCounts, b: MultinomialCounts) -> MultinomialCounts:
    """The sums over the rows of both; associative, up to rounding."""
    return MultinomialCounts(
        nobs=a.nobs + b.nobs,
        squared_error=a.squared_error + b.squared_error,
        log_loss=a.log_loss + b.log_loss,
        confusion=a.confusion + b.confusion,
        hits=a.hits + b.hits,
        comparisons=multiclass_auc.combine(a.comparisons, b.comparisons, len(a.confusion)),
    )


def finish(
    counts: MultinomialCounts, domain: Sequence[str], auc_type: AucType = "AUTO"
) -> MultinomialMetrics:
    """The metrics over all rows that `counts` has seen; `domain` names the classes in order."""
    weight = float(counts.confusion.sum())
    auc = pr_auc = Areas(float("nan"), None)
    if counts.comparisons:
        auc, pr_auc = areas(counts.comparisons, counts.confusion.sum(axis=1), domain, auc_type)
    mse = quotient(counts.squared_error, weight)
    return MultinomialMetrics(
        mse=mse,
        rmse=math.sqrt(mse),
        nobs=counts.nobs,
        r2=1.0 - quotient(mse, _index_variance(counts.confusion.sum(axis=1))),
        logloss=quotient(counts.log_loss, weight),
        err=confusion.error_rate(counts.confusion),
        mean_per_class_error=confusion.mean_per_class_error(counts.confusion),
        auc=auc.value,
        pr_auc=pr_auc.value,
        domain=tuple(domain),
        confusion_matrix=confusion.confusion_matrix_table(counts.confusion, domain),
        hit_ratio_table=_hit_ratio_table(counts.hits, weight),
        auc_table=auc.table,
        pr_auc_table=pr_auc.table,
    )


def _ranks(actual: Codes, predicted: Scores, of_actual: Scores) -> Codes:
    """How many classes come before the actual one, ordered by probability and then by index."""
    above = np.zeros(len(actual), dtype=np.intp)
    # Class by class: one pass over a column at a time needs no (rows, classes) temporaries.
    for index, probability in enumerate(predicted.T):
        above += (probability > of_actual) | ((probability == of_actual) & (index < actual))
    return above


def _index_variance(class_weights: FloatArray) -> float:
    if np.count_nonzero(class_weights) < 2:
        return 0.0
    index = np.arange(len(class_weights))
    mean = np.average(index, weights=class_weights)
    return float(np.average((index - mean) ** 2, weights=class_weights))


def _hit_ratio_table(hits: FloatArray, weight: float) -> Table:
    ratios = np.cumsum(hits) / weight if weight else np.full(len(hits), np.nan)
    return Table(
        f"Top-{len(hits)} Hit Ratios",
        "Share of the rows whose actual class is among the k most probable",
        (TableColumn("k", "string", "%s"), TableColumn("hit_ratio", "float", "%f")),
        (tuple(str(k) for k in range(1, len(hits) + 1)), as_cells(ratios)),
    )
