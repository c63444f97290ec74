"""Metrics: pure functions of (actual, predicted, weight).

Each family is a module with the same three functions: `partial` sums one block of rows, `combine` merges two
such sums and is associative, `finish` turns the sum of all blocks into the family's metrics.
"""

from aquifer_algos.metrics import autoencoder, binomial, multinomial, regression
from aquifer_algos.metrics.autoencoder import AutoEncoderCounts, AutoEncoderMetrics
from aquifer_algos.metrics.binomial import BinomialCounts, BinomialMetrics
from aquifer_algos.metrics.multinomial import MultinomialCounts, MultinomialMetrics
from aquifer_algos.metrics.regression import RegressionCounts, RegressionMetrics

__all__ = [
    "AutoEncoderCounts",
    "AutoEncoderMetrics",
    "BinomialCounts",
    "BinomialMetrics",
    "MultinomialCounts",
    "MultinomialMetrics",
    "RegressionCounts",
    "RegressionMetrics",
    "autoencoder",
    "binomial",
    "multinomial",
    "regression",
]
