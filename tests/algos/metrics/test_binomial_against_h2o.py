"""Binomial metrics against numbers that H2O 3.46.0.12 gave for the same rows (h2o_binomial.json)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from aquifer_algos.metrics import binomial

H2O = json.loads((Path(__file__).parent / "h2o_binomial.json").read_text())

# case: number of rows, digits of the score (few digits make ties), whether rows are weighted
CASES = {
    "plain": (40, 6, False),
    "tied": (40, 1, False),
    "weighted": (40, 1, True),
    "weighted_300": (300, 6, True),
}

SCALARS = {
    "MSE": "mse",
    "RMSE": "rmse",
    "nobs": "nobs",
    "r2": "r2",
    "logloss": "logloss",
    "AUC": "auc",
    "pr_auc": "pr_auc",
    "Gini": "gini",
    "mean_per_class_error": "mean_per_class_error",
}

TABLES = [
    (case, table)
    for case in CASES
    for table in ("thresholds_and_metric_scores", "max_criteria_and_metric_scores", "gains_lift_table")
    if table in H2O[case]
]


def rows(count, digits):
    """Scores, classes and weights that can be made anywhere: fractional parts of multiples of irrationals."""
    i = np.arange(1, count + 1)
    score = np.round((i * 0.6180339887498949) % 1.0, digits)
    actual = ((i * 0.7548776662466927) % 1.0 < 0.15 + 0.7 * score).astype(np.int32)
    return actual, score, 1.0 + i % 3


def metrics_of(case):
    count, digits, weighted = CASES[case]
    actual, score, weight = rows(count, digits)
    return binomial.finish(binomial.partial(actual, score, weight if weighted else None), ["no", "yes"])


@pytest.mark.parametrize("case", CASES)
def test_scalars_are_h2os(case):
    metrics = metrics_of(case)
    ours = {name: getattr(metrics, attribute) for name, attribute in SCALARS.items()}
    assert ours == pytest.approx(H2O[case]["scalars"], rel=1e-10)


@pytest.mark.parametrize(("case", "table"), TABLES)
def test_tables_are_h2os(case, table):
    ours, theirs = getattr(metrics_of(case), table), H2O[case][table]
    assert [column.name for column in ours.columns] == list(theirs)
    for name, expected in theirs.items():
        if name in ("f1", "f2", "f0point5"):
            # H2O has NaN where nothing was found; F is 0 there.
            expected = [0.0 if cell is None else cell for cell in expected]
        if name == "metric":
            assert list(ours.column(name)) == expected
        else:
            assert list(ours.column(name)) == pytest.approx(expected, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("case", CASES)
def test_confusion_matrix_at_the_best_f1_is_h2os(case):
    matrix = metrics_of(case).confusion_matrix
    assert {name: list(matrix.column(name)) for name in ("no", "yes", "Rate")} == {
        name: H2O[case]["confusion_matrix"][name] for name in ("no", "yes", "Rate")
    }
    assert list(matrix.column("Error")) == pytest.approx(H2O[case]["confusion_matrix"]["Error"])


def test_a_single_class_leaves_undefined_what_h2o_reports_as_zero_or_one():
    # H2O: AUC 0 and Gini -1 for these rows, AUC 1 for the opposite class.
    _, score, _ = rows(10, 1)
    for label in (0, 1):
        metrics = binomial.finish(binomial.partial(np.full(10, label), score), ["no", "yes"])
        assert all(math.isnan(value) for value in (metrics.auc, metrics.pr_auc, metrics.gini, metrics.r2))
