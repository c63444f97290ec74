"""Gains and lift: how many more positives the highest-scored rows hold than rows drawn at random."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aquifer_algos.metrics.observations import FloatArray, quotient, ratio
from aquifer_algos.metrics.score_bins import ScoreBins
from aquifer_algos.table import Table, TableColumn, as_cells

FRACTIONS = (0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Share of the rows, by descending score, that each group closes."""

AUTOMATIC = -1
"""As a number of groups: those of `FRACTIONS`."""

_COLUMNS = (
    TableColumn("group", "int", "%d"),
    TableColumn("cumulative_data_fraction", "double", "%.8f"),
    *(
        TableColumn(name, "double", "%5f")
        for name in (
            "lower_threshold",
            "lift",
            "cumulative_lift",
            "response_rate",
            "score",
            "cumulative_response_rate",
            "cumulative_score",
            "capture_rate",
            "cumulative_capture_rate",
            "gain",
            "cumulative_gain",
            "kolmogorov_smirnov",
        )
    ),
)


def gains_lift_table(bins: ScoreBins, groups: int = AUTOMATIC) -> Table:
    """Rows grouped by quantiles of their score, best first: so many groups of equal size, or `FRACTIONS`.

    A group holds the scores from its `lower_threshold` up to the threshold of the group above; thresholds are
    interpolated quantiles, equal ones make one group, and a group without rows reports zero, as in H2O. Rates
    of positives are NaN where there is no positive row; without any row the table is empty.
    """
    fractions = FRACTIONS if groups == AUTOMATIC else np.arange(1, groups + 1) / groups
    lower = _lower_thresholds(bins, np.asarray(fractions))
    above = np.searchsorted(bins.threshold, lower)
    positives, weight, score = (
        _sums_above(values, above)
        for values in (bins.positives, bins.positives + bins.negatives, bins.score_sum)
    )
    all_positives, all_weight = float(bins.positives.sum()), float(weight[-1]) if len(weight) else 0.0
    base_rate = quotient(all_positives, all_weight)
    in_group, positives_in_group, score_in_group = (_steps(sums) for sums in (weight, positives, score))
    response_rate, cumulative_response_rate = _share(positives_in_group, in_group), _share(positives, weight)
    lift, cumulative_lift = ratio(response_rate, base_rate), ratio(cumulative_response_rate, base_rate)
    capture_rate, cumulative_capture_rate = (
        ratio(values, all_positives) for values in (positives_in_group, positives)
    )
    false_positive_rate = ratio(weight - positives, all_weight - all_positives)
    values = (
        np.arange(1, len(lower) + 1),
        ratio(weight, all_weight),
        lower,
        lift,
        cumulative_lift,
        response_rate,
        _share(score_in_group, in_group),
        cumulative_response_rate,
        _share(score, weight),
        capture_rate,
        cumulative_capture_rate,
        100.0 * (lift - 1.0),
        100.0 * (cumulative_lift - 1.0),
        cumulative_capture_rate - false_positive_rate,
    )
    average_score = quotient(float(bins.score_sum.sum()), all_weight)
    return Table(
        "Gains/Lift Table",
        f"Average response rate: {100.0 * base_rate:.2f} %, average score: {100.0 * average_score:.2f} %",
        _COLUMNS,
        tuple(as_cells(column) for column in values),
    )


def _lower_thresholds(bins: ScoreBins, fractions: FloatArray) -> FloatArray:
    """Descending quantiles of the score, each once: the `fractions` of the rows are above.

    A quantile interpolates between order statistics (Hyndman and Fan's type 7); a row of weight w stands for
    w equal rows.
    """
    if not len(bins.threshold):
        return np.empty(0)
    through = np.cumsum(bins.positives + bins.negatives)
    position = np.maximum((1.0 - fractions) * (through[-1] - 1.0), 0.0)
    rank = np.floor(position)
    last = len(through) - 1
    below, above = (
        bins.threshold[np.minimum(np.searchsorted(through, r, side="right"), last)]
        for r in (rank, rank + 1.0)
    )
    quantiles = below + (position - rank) * (above - below)
    distinct: FloatArray = quantiles[np.diff(quantiles, prepend=np.inf) != 0]
    return distinct


def _sums_above(values: FloatArray, start: npt.NDArray[np.intp]) -> FloatArray:
    """Sum of `values[start:]` for each start."""
    return np.cumsum(values[::-1])[len(values) - 1 - start]


def _steps(sums: FloatArray) -> FloatArray:
    return np.diff(sums, prepend=0.0)


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    shares: FloatArray = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares
