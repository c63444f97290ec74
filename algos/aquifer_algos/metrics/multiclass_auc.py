"""Areas under the curves of several classes, made of those of two: one class against the rest, or another.

A class is told from another by the probability of either, and the two areas are averaged (Hand and Till,
Machine Learning 2001). Of several such areas the plain mean is called macro, that by the rows of the classes
weighted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Literal

import numpy as np

from aquifer_algos.metrics.observations import Codes, FloatArray, Scores
from aquifer_algos.metrics.score_bins import MAX_BINS, ScoreBins, bin_scores, merge_bins
from aquifer_algos.metrics.thresholds import Thresholds, pr_auc, roc_auc, thresholds
from aquifer_algos.table import Cell, Table, TableColumn

AucType = Literal["AUTO", "NONE", "MACRO_OVR", "WEIGHTED_OVR", "MACRO_OVO", "WEIGHTED_OVO"]

MOST_CLASSES = 50
"""No areas are computed for more classes, as in H2O."""
FEWEST_BINS = 400
"""Each comparison keeps so many thresholds at least, however many classes there are."""

_OF_TYPE: dict[AucType, str] = {
    "MACRO_OVR": "Macro OVR",
    "WEIGHTED_OVR": "Weighted OVR",
    "MACRO_OVO": "Macro OVO",
    "WEIGHTED_OVO": "Weighted OVO",
}


@dataclass(frozen=True, slots=True)
class Areas:
    """The area that was asked for, NaN if it is undefined, and the table of all of them, if any was."""

    value: float
    table: Table | None


def is_computed(auc_type: AucType, classes: int) -> bool:
    """Whether rows have to be counted for areas of this kind."""
    return auc_type in _OF_TYPE and classes <= MOST_CLASSES


def partial(actual: Codes, predicted: Scores, weight: FloatArray) -> tuple[ScoreBins, ...]:
    """The bins of every comparison: each class against the rest, then each class against each other.

    actual: codes, shape (rows,), none missing; predicted: probabilities, (rows, classes); weight: (rows,).
    """
    classes = predicted.shape[1]
    against_rest = [_bins(predicted[:, i], actual == i, weight, classes) for i in range(classes)]
    of_two = []
    for one, other in permutations(range(classes), 2):
        rows = np.flatnonzero((actual == one) | (actual == other))
        of_two.append(_bins(predicted[rows, one], actual[rows] == one, weight[rows], classes))
    return (*against_rest, *of_two)


def combine(a: tuple[ScoreBins, ...], b: tuple[ScoreBins, ...], classes: int) -> tuple[ScoreBins, ...]:
    """The bins of the rows of both."""
    return tuple(merge_bins(one, other, _most(classes)) for one, other in zip(a, b, strict=True))


def areas(
    bins: tuple[ScoreBins, ...], weight: FloatArray, domain: Sequence[str], auc_type: AucType
) -> tuple[Areas, Areas]:
    """The areas under the ROC curve, and under the precision-recall curve.

    weight: of the rows of each class, shape (classes,). Classes without rows are left out of the means.
    """
    curves = [thresholds(of_comparison) for of_comparison in bins]
    return (
        _areas("auc", "Multinomial AUC values", roc_auc, curves, weight, domain, auc_type),
        _areas("auc_pr", "Multinomial auc_pr values", pr_auc, curves, weight, domain, auc_type),
    )


def _areas(
    name: str,
    title: str,
    area: Callable[[Thresholds], float],
    curves: Sequence[Thresholds],
    weight: FloatArray,
    domain: Sequence[str],
    auc_type: AucType,
) -> Areas:
    classes = len(domain)
    against_rest = [area(curve) for curve in curves[:classes]]
    directed = dict(zip(permutations(range(classes), 2), map(area, curves[classes:]), strict=True))
    pairs = list(combinations(range(classes), 2))
    of_two = [(directed[i, j] + directed[j, i]) / 2 for i, j in pairs]
    means = {
        "Macro OVR": _mean(against_rest, np.ones(classes)),
        "Weighted OVR": _mean(against_rest, weight),
        "Macro OVO": _mean(of_two, np.ones(len(pairs))),
        "Weighted OVO": _mean(of_two, np.array([weight[i] + weight[j] for i, j in pairs])),
    }
    rows: list[tuple[Cell, ...]] = [
        *((f"{one} vs Rest", one, None, value) for one, value in zip(domain, against_rest, strict=True)),
        *((kind, None, None, means[kind]) for kind in ("Macro OVR", "Weighted OVR")),
        *(
            (f"Class {domain[i]} vs. {domain[j]}", domain[i], domain[j], value)
            for (i, j), value in zip(pairs, of_two, strict=True)
        ),
        *((kind, None, None, means[kind]) for kind in ("Macro OVO", "Weighted OVO")),
    ]
    names = ("type", "first_class_domain", "second_class_domain")
    headings = (*(TableColumn(column, "string", "%s") for column in names), TableColumn(name, "double", "%f"))
    return Areas(means[_OF_TYPE[auc_type]], Table(title, "", headings, tuple(zip(*rows, strict=True))))


def _mean(values: Sequence[float], weight: FloatArray) -> float:
    known = ~np.isnan(values)
    return float(np.average(np.array(values)[known], weights=weight[known])) if known.any() else float("nan")


def _bins(score: Scores, positive: Codes, weight: FloatArray, classes: int) -> ScoreBins:
    ones = np.clip(score.astype(np.float64), 0.0, 1.0)
    return bin_scores(ones, np.where(positive, weight, 0.0), np.where(positive, 0.0, weight), _most(classes))


def _most(classes: int) -> int:
    """The most bins of a comparison: all comparisons together take little more than one of two classes."""
    return max(FEWEST_BINS, MAX_BINS // classes**2)
