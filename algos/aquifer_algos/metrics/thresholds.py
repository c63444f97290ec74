"""What a binomial score is worth at each threshold: the ROC curve, its areas, and the tables of criteria.

A row is called positive if its score is at or above the threshold. Areas use every threshold there is; the
table holds at most `MAX_ROWS` of them, always including those at which a criterion is best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from aquifer_algos.metrics.observations import FloatArray, quotient, ratio
from aquifer_algos.metrics.score_bins import ScoreBins
from aquifer_algos.table import ColumnType, Table, TableColumn, as_cells

MAX_ROWS = 400
"""Rows of the thresholds table, the number of bins that H2O works with."""


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """The ROC curve: thresholds in descending order, and the weight of rows of each kind at each of them."""

    threshold: FloatArray
    tns: FloatArray
    fns: FloatArray
    fps: FloatArray
    tps: FloatArray

    @property
    def positives(self) -> float:
        """Weight of all positive rows."""
        return float(self.tps[-1]) if len(self.tps) else 0.0

    @property
    def negatives(self) -> float:
        """Weight of all negative rows."""
        return float(self.fps[-1]) if len(self.fps) else 0.0

    def confusion(self, threshold: float) -> FloatArray:
        """The confusion matrix [[tn, fp], [fn, tp]] if scores at or above `threshold` are called positive."""
        called = int(np.searchsorted(-self.threshold, -threshold, side="right"))
        tp, fp = (float(sums[called - 1]) if called else 0.0 for sums in (self.tps, self.fps))
        return np.array([[self.negatives - fp, fp], [self.positives - tp, tp]])


def thresholds(bins: ScoreBins) -> Thresholds:
    """The ROC curve of binned scores."""
    tps, fps = np.cumsum(bins.positives[::-1]), np.cumsum(bins.negatives[::-1])
    fns, tns = tps[-1:] - tps, fps[-1:] - fps
    return Thresholds(bins.threshold[::-1], tns, fns, fps, tps)


def roc_auc(curve: Thresholds) -> float:
    """Area under the ROC curve by the trapezoid rule; NaN unless both classes occur.

    It equals the probability that a positive scores above a negative, ties counting one half.
    """
    area = np.sum(np.diff(curve.fps, prepend=0.0) * (curve.tps + _before(curve.tps))) / 2.0
    return quotient(float(area), curve.positives * curve.negatives)


def pr_auc(curve: Thresholds) -> float:
    """Area under the precision-recall curve; NaN unless both classes occur.

    Between two thresholds, false positives grow in proportion to true positives, which bends the curve
    (Davis and Goadrich, ICML 2006); the area is the integral over recall (Keilwagen et al., PLoS ONE 2014),
    as in H2O. Average precision, the area under a step function instead, is a little larger.
    """
    if not (curve.positives and curve.negatives):
        return float("nan")
    tp = curve.tps - _before(curve.tps)
    rising = tp > 0
    tp, fp = tp[rising], (curve.fps - _before(curve.fps))[rising]
    tp_before, fp_before = _before(curve.tps)[rising], _before(curve.fps)[rising]
    # With t more true positives, precision is (tp_before + t) / (called + slope t); integrated from 0 to tp.
    slope = 1.0 + fp / tp
    called = tp_before + fp_before
    logarithm = np.log1p(ratio(slope * tp, called), out=np.zeros(len(tp)), where=called > 0)
    area = tp / slope + (tp_before - called / slope) / slope * logarithm
    return float(area.sum()) / curve.positives


def _before(sums: FloatArray) -> FloatArray:
    """Each running sum as it was one step earlier, starting from zero."""
    return np.concatenate([np.zeros(min(1, len(sums))), sums[:-1]])


def _f_score(curve: Thresholds, beta: float) -> FloatArray:
    """van Rijsbergen's F: beta is how many times as much recall matters as precision."""
    if not curve.positives:
        return np.full(len(curve.tps), np.nan)
    hits = (1.0 + beta**2) * curve.tps
    return ratio(hits, hits + beta**2 * curve.fns + curve.fps)


def _absolute_mcc(curve: Thresholds) -> FloatArray:
    """Absolute value of Matthews' correlation coefficient, by convention 0 where a whole margin is 0."""
    tp, fp, fn, tn = curve.tps, curve.fps, curve.fns, curve.tns
    scale = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
    mcc: FloatArray = np.divide(np.abs(tp * tn - fp * fn), scale, out=np.zeros(len(scale)), where=scale != 0)
    return mcc


def _tpr(curve: Thresholds) -> FloatArray:
    return ratio(curve.tps, curve.positives)


def _tnr(curve: Thresholds) -> FloatArray:
    return ratio(curve.tns, curve.negatives)


CRITERIA: Mapping[str, Callable[[Thresholds], FloatArray]] = MappingProxyType(
    {
        "f1": lambda curve: _f_score(curve, 1.0),
        "f2": lambda curve: _f_score(curve, 2.0),
        "f0point5": lambda curve: _f_score(curve, 0.5),
        "accuracy": lambda curve: ratio(curve.tps + curve.tns, curve.positives + curve.negatives),
        "precision": lambda curve: ratio(curve.tps, curve.tps + curve.fps),
        "recall": _tpr,
        "specificity": _tnr,
        "absolute_mcc": _absolute_mcc,
        "min_per_class_accuracy": lambda curve: np.minimum(_tpr(curve), _tnr(curve)),
        "mean_per_class_accuracy": lambda curve: (_tpr(curve) + _tnr(curve)) / 2.0,
        "tns": lambda curve: curve.tns,
        "fns": lambda curve: curve.fns,
        "fps": lambda curve: curve.fps,
        "tps": lambda curve: curve.tps,
        "tnr": _tnr,
        "fnr": lambda curve: ratio(curve.fns, curve.positives),
        "fpr": lambda curve: ratio(curve.fps, curve.negatives),
        "tpr": _tpr,
    }
)
"""What is reported at each threshold, in the protocol's order; NaN where a class that it needs is absent."""

_COUNTS = ("tns", "fns", "fps", "tps")


@dataclass(frozen=True, slots=True)
class ThresholdTables:
    """Both tables of criteria, and the threshold that is best for F1 (NaN if no row is positive)."""

    scores: Table
    maxima: Table
    max_f1_threshold: float


def criteria_tables(curve: Thresholds) -> ThresholdTables:
    """The criteria at up to `MAX_ROWS` thresholds, and where each criterion is greatest.

    Maxima are taken over all thresholds, the highest threshold winning a tie; their `idx` is the row of the
    first table, or -1 for a criterion that is undefined.
    """
    values = {name: criterion(curve) for name, criterion in CRITERIA.items()}
    best = {name: _argmax(column) for name, column in values.items()}
    kept = _kept_rows(
        curve, np.array(sorted({index for index in best.values() if index >= 0}), dtype=np.intp)
    )
    at = np.append(curve.threshold, np.nan)
    return ThresholdTables(
        _scores_table(curve.threshold[kept], {name: column[kept] for name, column in values.items()}),
        Table(
            "Maximum Metrics",
            "Best value of each metric and the threshold where it is reached",
            (
                TableColumn("metric", "string", "%s"),
                TableColumn("threshold", "double", "%f"),
                TableColumn("value", "double", "%f"),
                TableColumn("idx", "long", "%d"),
            ),
            (
                tuple(f"max {name}" for name in best),
                tuple(float(at[index]) for index in best.values()),
                tuple(float(np.append(values[name], np.nan)[index]) for name, index in best.items()),
                tuple(int(np.searchsorted(kept, index)) if index >= 0 else -1 for index in best.values()),
            ),
        ),
        float(at[best["f1"]]),
    )


def _argmax(values: FloatArray) -> int:
    """Index of the first greatest value, or -1 if there is none but NaN."""
    return -1 if np.isnan(values).all() else int(np.nanargmax(values))


def _kept_rows(curve: Thresholds, required: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """At most `MAX_ROWS` rows: those required, and others at even steps along the ROC curve."""
    if len(curve.threshold) <= MAX_ROWS:
        return np.arange(len(curve.threshold))
    travelled = curve.tps / (curve.positives or 1.0) + curve.fps / (curve.negatives or 1.0)
    steps = np.linspace(travelled[0], travelled[-1], MAX_ROWS - len(required))
    return np.union1d(required, np.searchsorted(travelled, steps))


def _scores_table(threshold: FloatArray, values: Mapping[str, FloatArray]) -> Table:
    def heading(name: str) -> TableColumn:
        column = values[name]
        kind: ColumnType = "long" if name in _COUNTS and _whole(column) else "double"
        return TableColumn(name, kind, "%d" if kind == "long" else "%f")

    headings = [heading(name) for name in values]
    cells = [
        as_cells(values[column.name].astype(np.int64) if column.type == "long" else values[column.name])
        for column in headings
    ]
    return Table(
        "Metrics for Thresholds",
        "Metrics if scores at or above the threshold are called positive",
        (TableColumn("threshold", "double", "%f"), *headings, TableColumn("idx", "int", "%d")),
        (as_cells(threshold), *cells, tuple(range(len(threshold)))),
    )


def _whole(values: npt.NDArray[Any]) -> bool:
    return bool(np.all(values == np.floor(values)))
