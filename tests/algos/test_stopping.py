"""Early stopping on hand-made histories."""

import math

import pytest
from aquifer_algos.stopping import (
    STOPPING_METRICS,
    automatic_stopping_metric,
    goal_reached,
    should_stop,
)

LOGLOSS, DEVIANCE, AUC = (STOPPING_METRICS[name] for name in ("logloss", "deviance", "AUC"))
NAN = math.nan

# history, rounds, tolerance, metric, stop?
CASES = {
    "too short: five scorings give no two averages of three": ([NAN, 1, 1, 1, 1, 1], 3, 0.0, LOGLOSS, False),
    "flat": ([NAN, 1, 1, 1, 1, 1, 1], 3, 0.0, LOGLOSS, True),
    "the empty first row is not looked at": ([NAN, 1.0, 1.0], 1, 0.0, LOGLOSS, True),
    "the first row is needed nevertheless": ([1.0, 1.0], 1, 0.0, LOGLOSS, False),
    "one NaN among the last": ([NAN, 1, 1, NAN, 1], 2, 0.0, LOGLOSS, False),
    "falling": ([NAN, 1.0, 0.9, 0.8, 0.7], 2, 0.0, LOGLOSS, False),
    "rising": ([NAN, 0.7, 0.8, 0.9, 1.0], 2, 0.0, LOGLOSS, True),
    "an old rise is forgotten": ([NAN, 0.1, 0.2, 1.0, 0.9, 0.8, 0.7], 2, 0.0, LOGLOSS, False),
    # averages 1.0, 0.9, 1.1: the best of the later two counts, not the last.
    "a dip in between": ([NAN, 1.0, 1.0, 0.8, 1.4], 2, 0.0, LOGLOSS, False),
    "within tolerance": ([NAN, 1.0, 0.995], 1, 0.01, LOGLOSS, True),
    "beyond tolerance": ([NAN, 1.0, 0.985], 1, 0.01, LOGLOSS, False),
    "exactly the tolerance": ([NAN, 1.0, 0.75], 1, 0.25, LOGLOSS, True),
    "higher is better, rising": ([NAN, 0.5, 0.6, 0.7, 0.8], 2, 0.0, AUC, False),
    "higher is better, falling": ([NAN, 0.8, 0.7, 0.6, 0.5], 2, 0.0, AUC, True),
    "higher is better, within tolerance": ([NAN, 0.8, 0.804], 1, 0.01, AUC, True),
    "higher is better, beyond tolerance": ([NAN, 0.8, 0.809], 1, 0.01, AUC, False),
    "a bounded metric that is zero": ([NAN, 0.0, 0.0, 0.3, 0.3], 2, 0.0, LOGLOSS, True),
    "zero is only now reached": ([NAN, 0.5, 0.0], 1, 0.0, LOGLOSS, False),
    "an unbounded metric goes below zero": ([NAN, 0.0, -0.1], 1, 0.0, DEVIANCE, False),
    "an unbounded metric changes sign": ([NAN, -1.0, 1.0], 1, 0.0, DEVIANCE, False),
    "negative and falling": ([NAN, -1.0, -2.0], 1, 0.0, DEVIANCE, False),
    "negative and rising": ([NAN, -2.0, -1.0], 1, 0.0, DEVIANCE, True),
    "negative and within tolerance": ([NAN, -1.0, -1.005], 1, 0.01, DEVIANCE, True),
    "switched off": ([NAN, 1, 1, 1, 1, 1], 0, 0.0, LOGLOSS, False),
}


@pytest.mark.parametrize(("history", "rounds", "tolerance", "metric", "stop"), CASES.values(), ids=CASES)
def test_training_stops_when_the_moving_average_stops_improving(history, rounds, tolerance, metric, stop):
    assert should_stop(history, rounds, tolerance, metric) is stop


def test_automatic_metric_follows_the_response():
    assert automatic_stopping_metric(classification=True) == "logloss"
    assert automatic_stopping_metric(classification=False) == "deviance"


@pytest.mark.parametrize(
    ("error", "goal", "reached"),
    [(0.0, 0.0, True), (0.1, 0.0, False), (0.1, 0.1, True), (0.0, -1.0, False), (NAN, 0.5, False)],
)
def test_a_goal_for_the_training_error(error, goal, reached):
    assert goal_reached(error, goal) is reached
