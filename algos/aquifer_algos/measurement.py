"""Measuring predictions: the metrics of each model category, gathered block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.datainfo import ModelCategory, Response
from aquifer_algos.metrics import (
    AutoEncoderCounts,
    AutoEncoderMetrics,
    BinomialCounts,
    BinomialMetrics,
    MultinomialCounts,
    MultinomialMetrics,
    RegressionCounts,
    RegressionMetrics,
    autoencoder,
    binomial,
    multinomial,
    regression,
)

Metrics: TypeAlias = BinomialMetrics | MultinomialMetrics | RegressionMetrics | AutoEncoderMetrics
Counts: TypeAlias = BinomialCounts | MultinomialCounts | RegressionCounts | AutoEncoderCounts
Scores: TypeAlias = NDArray[np.float64]

COMBINE: dict[ModelCategory, Callable[[Any, Any], Any]] = {
    ModelCategory.BINOMIAL: binomial.combine,
    ModelCategory.MULTINOMIAL: multinomial.combine,
    ModelCategory.REGRESSION: regression.combine,
    ModelCategory.AUTOENCODER: autoencoder.combine,
}
"""How the counts of two sets of rows are merged."""


def count(
    response: Response, actual: NDArray[Any], scores: NDArray[Any], weight: NDArray[Any] | None = None
) -> Counts:
    """The counts of some rows.

    actual: codes, or numbers in the response's units; scores: (rows, classes) or (rows, 1), likewise. Of an
    autoencoder both are inputs (rows, inputs).
    """
    if response.category is ModelCategory.BINOMIAL:
        return binomial.partial(actual, scores[:, 1], weight)
    if response.category is ModelCategory.MULTINOMIAL:
        return multinomial.partial(actual, scores, weight, response.auc_type)
    if response.category is ModelCategory.AUTOENCODER:
        return autoencoder.partial(actual, scores, weight)
    return regression.partial(actual, scores[:, 0], weight, response.distribution)


def measure(response: Response, counts: Counts | None) -> Metrics:
    """The metrics of the rows in `counts`; None stands for no rows at all."""
    if counts is None:
        counts = nothing(response)
    if isinstance(counts, BinomialCounts):
        return binomial.finish(counts, response.domain or (), response.gainslift_bins)
    if isinstance(counts, MultinomialCounts):
        return multinomial.finish(counts, response.domain or (), response.auc_type)
    if isinstance(counts, AutoEncoderCounts):
        return autoencoder.finish(counts)
    return regression.finish(counts)


def nothing(response: Response) -> Counts:
    """The counts of no rows."""
    if response.category is ModelCategory.AUTOENCODER:
        return autoencoder.partial(np.empty((0, 1)), np.empty((0, 1)))
    codes = np.empty(0, np.int32) if response.domain is not None else np.empty(0)
    return count(response, codes, np.empty((0, len(response.domain or (None,)))))
