"""Multinomial metrics against scikit-learn and H2O, and what they say about awkward input."""

import math

import numpy as np
import pytest
from aquifer_algos.metrics import multinomial
from aquifer_algos.table import TableColumn
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    log_loss,
    r2_score,
    top_k_accuracy_score,
)


def sample(rows=400, classes=5, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(classes, 0.7), rows)
    y = np.array([rng.choice(classes, p=row) for row in p]).astype(np.int32)
    return y, p, rng.integers(1, 4, rows).astype(float)


def metrics_of(actual, predicted, weight=None):
    domain = [chr(ord("a") + index) for index in range(predicted.shape[1])]
    return multinomial.finish(multinomial.partial(actual, predicted, weight), domain)


@pytest.mark.parametrize("weighted", [False, True])
def test_scalars_agree_with_scikit_learn(weighted):
    y, p, w = sample()
    w = w if weighted else None
    metrics = metrics_of(y, p, w)
    called = p.argmax(axis=1)
    of_actual = p[np.arange(len(y)), y]
    assert metrics.logloss == pytest.approx(log_loss(y, p, sample_weight=w))
    assert metrics.err == pytest.approx(1 - accuracy_score(y, called, sample_weight=w))
    assert metrics.mean_per_class_error == pytest.approx(
        1 - balanced_accuracy_score(y, called, sample_weight=w)
    )
    assert metrics.mse == pytest.approx(np.average((1 - of_actual) ** 2, weights=w))
    # r2 as if a number had been predicted that is off by 1 - p.
    assert metrics.r2 == pytest.approx(r2_score(y, y - (1 - of_actual), sample_weight=w))


@pytest.mark.parametrize("weighted", [False, True])
def test_hit_ratios_agree_with_scikit_learn(weighted):
    y, p, w = sample(classes=12)
    w = w if weighted else None
    table = metrics_of(y, p, w).hit_ratio_table
    assert table.name == "Top-10 Hit Ratios"
    assert table.columns == (TableColumn("k", "string", "%s"), TableColumn("hit_ratio", "float", "%f"))
    assert table.column("k") == (*"123456789", "10")
    expected = [top_k_accuracy_score(y, p, k=k, sample_weight=w, labels=range(12)) for k in range(1, 11)]
    assert table.column("hit_ratio") == pytest.approx(expected)


def test_confusion_matrix_has_errors_rates_and_a_row_of_totals():
    y, p, _ = sample()
    matrix = metrics_of(y, p).confusion_matrix
    expected = confusion_matrix(y, p.argmax(axis=1))
    cells = np.array([matrix.column(name) for name in "abcde"]).T
    assert np.array_equal(cells[:-1], expected)
    assert np.array_equal(cells[-1], expected.sum(axis=0))
    wrong = expected.sum(axis=1) - expected.diagonal()
    assert matrix.column("Error")[:-1] == pytest.approx(wrong / expected.sum(axis=1))
    assert matrix.column("Error")[-1] == pytest.approx(wrong.sum() / 400)
    assert matrix.column("Rate")[0] == f"{wrong[0]} / {expected[0].sum()}"
    assert matrix.column("Rate")[-1] == f"{wrong.sum()} / 400"
    assert matrix.columns == (
        *(TableColumn(name, "long", "%d") for name in "abcde"),
        TableColumn("Error", "double", "%.4f"),
        TableColumn("Rate", "string", "= %9s"),
    )


def test_thousands_are_grouped_in_rates():
    y = np.repeat([0, 1, 2], 1000)
    assert metrics_of(y, np.eye(3)[y]).confusion_matrix.column("Rate")[-1] == "0 / 3,000"


def test_the_numbers_are_h2os():
    i = np.arange(1, 25)
    p = np.stack(
        [(i * c) % 1.0 for c in (0.6180339887498949, 0.7548776662466927, 0.5698402909980532)], axis=1
    )
    p /= p.sum(axis=1, keepdims=True)
    y = ((i * 0.8191725133961645) % 1.0 * 3).astype(np.int32)
    plain, weighted = metrics_of(y, p), metrics_of(y, p, 1.0 + i % 3)
    # Computed by H2O 3.46.0.12 (h2o.make_metrics) on these rows.
    assert (plain.mse, plain.rmse, plain.nobs, plain.r2) == pytest.approx(
        (0.48124732714438556, 0.6937199198123012, 24, 0.22785944168477423)
    )
    assert plain.logloss == pytest.approx(1.3624783682959898)
    assert plain.mean_per_class_error == pytest.approx(0.626984126984127)
    assert plain.hit_ratio_table.column("hit_ratio") == pytest.approx((0.375, 0.5, 1.0))
    assert plain.hit_ratio_table.name == "Top-3 Hit Ratios"
    matrix = plain.confusion_matrix
    assert [matrix.column(name) for name in "abc"] == [(4, 3, 1, 8), (1, 3, 4, 8), (3, 3, 2, 8)]
    assert matrix.column("Rate") == ("4 / 8", "6 / 9", "5 / 7", "15 / 24")
    # H2O does not weight its multinomial confusion matrix and hit ratios; what it weights must agree.
    assert (weighted.mse, weighted.r2, weighted.logloss) == pytest.approx(
        (0.49465188745795724, 0.17593785343229706, 1.432243927335903)
    )


def test_areas_under_curves_are_not_reported():
    metrics = metrics_of(*sample())
    assert math.isnan(metrics.auc)
    assert math.isnan(metrics.pr_auc)


def test_of_equally_probable_classes_the_first_is_predicted_and_ranked_first():
    y = np.array([0, 1, 2])
    metrics = metrics_of(y, np.full((3, 3), 1 / 3))
    assert metrics.confusion_matrix.column("a") == (1, 1, 1, 3)
    assert metrics.hit_ratio_table.column("hit_ratio") == pytest.approx((1 / 3, 2 / 3, 1.0))


def test_rows_that_do_not_count_change_nothing():
    y, p, w = sample()
    bad_p = np.vstack([p, p[:5]])
    bad_p[401, 2] = np.nan
    bad_y = np.append(y, [-1, 0, 1, 2, 5]).astype(np.int32)
    bad_w = np.append(w, [1.0, 1.0, 0.0, np.nan, 1.0])
    assert repr(metrics_of(bad_y, bad_p, bad_w)) == repr(metrics_of(y, p, w))


def test_without_a_row_everything_is_undefined():
    metrics = metrics_of(np.empty(0, dtype=np.int32), np.empty((0, 3)))
    assert metrics.nobs == 0
    for name in ("mse", "rmse", "r2", "logloss", "err", "mean_per_class_error"):
        assert math.isnan(getattr(metrics, name)), name
    assert metrics.confusion_matrix.column("Rate") == ("0 / 0",) * 4
    assert all(math.isnan(ratio) for ratio in metrics.hit_ratio_table.column("hit_ratio"))


def test_a_class_that_never_occurs_has_no_error_and_r2_needs_two_classes():
    metrics = metrics_of(np.array([1, 1]), np.array([[0.1, 0.8, 0.1], [0.7, 0.2, 0.1]]))
    assert metrics.mean_per_class_error == 0.5
    assert math.isnan(metrics.confusion_matrix.column("Error")[0])
    assert math.isnan(metrics.r2)


def test_certain_and_wrong_costs_a_finite_log_loss():
    assert metrics_of(np.array([1]), np.array([[1.0, 0.0]])).logloss == pytest.approx(-math.log(1e-15))
