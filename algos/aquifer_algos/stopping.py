"""When to stop training early: the moving-average rule of H2O, and the goals for the training error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


@dataclass(frozen=True, slots=True)
class StoppingMetric:
    """A metric that early stopping can watch.

    `attribute` is its name in the metrics dataclasses; `bounded` says that it cannot be less than zero.
    """

    attribute: str
    higher_is_better: bool = False
    bounded: bool = True


STOPPING_METRICS: Mapping[str, StoppingMetric] = MappingProxyType(
    {
        "deviance": StoppingMetric("mean_residual_deviance", bounded=False),
        "logloss": StoppingMetric("logloss"),
        "MSE": StoppingMetric("mse"),
        "RMSE": StoppingMetric("rmse"),
        "MAE": StoppingMetric("mae"),
        "RMSLE": StoppingMetric("rmsle"),
        "AUC": StoppingMetric("auc", higher_is_better=True),
        "AUCPR": StoppingMetric("pr_auc", higher_is_better=True),
        "lift_top_group": StoppingMetric("lift_top_group", higher_is_better=True),
        "misclassification": StoppingMetric("err"),
        "mean_per_class_error": StoppingMetric("mean_per_class_error"),
    }
)
"""The protocol's values of `stopping_metric`, but for AUTO: see `automatic_stopping_metric`."""


def automatic_stopping_metric(classification: bool) -> str:
    """What `stopping_metric=AUTO` means: logloss for a categorical response, deviance for a numeric one."""
    return "logloss" if classification else "deviance"


def should_stop(history: Sequence[float], rounds: int, tolerance: float, metric: StoppingMetric) -> bool:
    """Whether the metric has stopped improving.

    The last 2 `rounds` values give `rounds` + 1 moving averages of `rounds` values each. Training stops if
    the best of them after the first improves on the first by no more than `tolerance`, relative to its size.
    This is H2O's rule (`hex/ScoreKeeper.java`, `stopEarly`), except that H2O compares ratios, which turns it
    around for negative values.

    Training goes on while there are not more than 2 `rounds` scorings, since the first is of the untrained
    model; while one of the values is NaN; and while the averages differ in sign, where a relative change
    means nothing. A metric that is bounded by zero and has reached it cannot improve, so training stops.

    Args:
        history: the metric at each scoring, oldest first, the untrained model's (or NaN) included.
        rounds: `stopping_rounds`; 0 turns the rule off.
        tolerance: `stopping_tolerance`, from 0 to 1.
        metric: which way is better, and whether zero is a bound.
    """
    if rounds < 1 or len(history) <= 2 * rounds:
        return False
    averages = sliding_window_view(np.asarray(history[-2 * rounds :]), rounds).mean(axis=1)
    if np.isnan(averages).any():
        return False
    reference, later = float(averages[0]), averages[1:]
    if metric.bounded and not metric.higher_is_better and reference == 0.0:
        return True
    if np.ptp(np.sign(averages)):
        return False
    gain = float(later.max()) - reference if metric.higher_is_better else reference - float(later.min())
    return gain <= tolerance * math.fabs(reference)


def goal_reached(training_error: float, goal: float) -> bool:
    """Whether the training error is down to `classification_stop` or `regression_stop`; -1 is no goal."""
    return goal >= 0.0 and training_error <= goal
