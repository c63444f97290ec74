"""When to score, which scored network to keep, and whether to go on: pure functions of what was seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aquifer_algos.deeplearning.history import HistoryRow, stopping_values
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.stopping import STOPPING_METRICS, goal_reached, should_stop


def is_time_to_score(since: float, took: float, parameters: DeepLearningParameters) -> bool:
    """Whether to score again `since` seconds after the last scoring began, which `took` so many seconds.

    H2O's rule: not within `score_interval`, nor so soon that scoring takes more than its share of time.
    """
    return since > parameters.score_interval and took / since < parameters.score_duty_cycle


def is_to_keep(row: HistoryRow, best: HistoryRow | None, parameters: DeepLearningParameters) -> bool:
    """Whether the network of this scoring is the one to keep: the best so far, or simply the last."""
    if best is None or not parameters.overwrite_with_best_model:
        return True
    watched = STOPPING_METRICS[parameters.stopping_metric]
    before, now = stopping_values([best, row], watched)
    if math.isnan(now):
        return False
    return math.isnan(before) or (now > before if watched.higher_is_better else now < before)


def is_enough(history: Sequence[HistoryRow], parameters: DeepLearningParameters) -> bool:
    """Whether training stops early: at the goal for the training error, or for want of improvement."""
    watched = STOPPING_METRICS[parameters.stopping_metric]
    return _at_goal(history[-1], parameters) or should_stop(
        stopping_values(history, watched), parameters.stopping_rounds, parameters.stopping_tolerance, watched
    )


def _at_goal(row: HistoryRow, parameters: DeepLearningParameters) -> bool:
    numbers = row.training or {}
    if "err" in numbers:
        return goal_reached(numbers["err"], parameters.classification_stop)
    return goal_reached(numbers.get("mse", math.nan), parameters.regression_stop)
