"""Binomial metrics against scikit-learn and against formulas, and what they say about awkward input."""

import math

import numpy as np
import pytest
from aquifer_algos.metrics import binomial
from aquifer_algos.table import TableColumn
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    r2_score,
    roc_auc_score,
)

DOMAIN = ["no", "yes"]


def metrics_of(actual, predicted, weight=None):
    return binomial.finish(
        binomial.partial(
            np.asarray(actual), np.asarray(predicted, float), None if weight is None else np.asarray(weight)
        ),
        DOMAIN,
    )


def sample(rows=500, seed=0, digits=3):
    rng = np.random.default_rng(seed)
    score = np.round(rng.random(rows), digits)
    return (rng.random(rows) < score).astype(np.int32), score, rng.integers(1, 5, rows).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
def test_scalars_agree_with_scikit_learn(weighted):
    y, p, w = sample()
    w = w if weighted else None
    metrics = metrics_of(y, p, w)
    assert metrics.auc == pytest.approx(roc_auc_score(y, p, sample_weight=w))
    assert metrics.logloss == pytest.approx(log_loss(y, np.clip(p, 1e-15, 1 - 1e-15), sample_weight=w))
    assert metrics.mse == pytest.approx(brier_score_loss(y, p, sample_weight=w))
    assert metrics.r2 == pytest.approx(r2_score(y, p, sample_weight=w))
    assert metrics.rmse == pytest.approx(math.sqrt(metrics.mse))
    assert metrics.gini == pytest.approx(2 * metrics.auc - 1)


def test_confusion_matrix_is_the_one_at_the_default_threshold():
    y, p, w = sample()
    metrics = metrics_of(y, p, w)
    called = p >= metrics.default_threshold
    expected = confusion_matrix(y, called, sample_weight=w)
    cells = [list(metrics.confusion_matrix.column(name))[:2] for name in DOMAIN]
    assert np.array_equal(np.array(cells).T, expected)
    assert metrics.err == pytest.approx(np.average(called != y, weights=w))
    assert metrics.mean_per_class_error == pytest.approx(
        np.mean([expected[0, 1] / expected[0].sum(), expected[1, 0] / expected[1].sum()])
    )


def test_each_row_of_the_thresholds_table_is_what_scikit_learn_computes_at_that_threshold():
    y, p, _ = sample(rows=60)
    table = metrics_of(y, p).thresholds_and_metric_scores
    for cells in table.rows():
        row = dict(zip((column.name for column in table.columns), cells, strict=True))
        called = p >= row["threshold"]
        (tn, fp), (fn, tp) = confusion_matrix(y, called)
        assert (row["tns"], row["fps"], row["fns"], row["tps"]) == (tn, fp, fn, tp)
        assert row["f1"] == pytest.approx(f1_score(y, called))
        assert row["absolute_mcc"] == pytest.approx(abs(matthews_corrcoef(y, called)))
        assert row["accuracy"] == pytest.approx(np.mean(called == y))


def test_pr_auc_is_the_integral_of_the_interpolated_precision():
    y, p, w = sample(rows=80, digits=1)
    area = 0.0
    tp = fp = 0.0
    for threshold in np.unique(p)[::-1]:
        here = p == threshold
        dtp, dfp = w[here & (y == 1)].sum(), w[here & (y == 0)].sum()
        steps = (np.arange(20_000) + 0.5) / 20_000  # midpoint rule between two thresholds
        found = tp + steps * dtp
        area += dtp * np.mean(found / (found + fp + steps * dfp))
        tp, fp = tp + dtp, fp + dfp
    assert metrics_of(y, p, w).pr_auc == pytest.approx(area / tp, rel=1e-6)


def test_pr_auc_comes_close_to_average_precision_when_there_are_many_rows():
    y, p, _ = sample(rows=20_000, digits=12)
    assert metrics_of(y, p).pr_auc == pytest.approx(average_precision_score(y, p), abs=1e-4)


def test_maxima_stand_in_the_thresholds_table_even_when_it_leaves_thresholds_out():
    y, p, _ = sample(rows=5_000, digits=12)
    metrics = metrics_of(y, p)
    table, maxima = metrics.thresholds_and_metric_scores, metrics.max_criteria_and_metric_scores
    assert 380 < table.rowcount <= 400
    assert list(table.column("threshold")) == sorted(table.column("threshold"), reverse=True)
    for name, threshold, value, idx in maxima.rows():
        assert table.column("threshold")[idx] == threshold
        assert table.column(name.removeprefix("max "))[idx] == value
    best = max(f1_score(y, p >= threshold) for threshold in np.sort(p)[::-1][1500:3500:7])
    assert maxima.column("value")[0] >= best
    assert metrics.default_threshold == maxima.column("threshold")[0]


def test_the_table_follows_the_roc_curve_closely_when_positives_are_rare():
    rng = np.random.default_rng(3)
    y = (rng.random(50_000) < 0.002).astype(int)
    table = metrics_of(y, rng.beta(1 + 2 * y, 9)).thresholds_and_metric_scores
    assert table.rowcount <= 400
    for name in ("tpr", "fpr"):
        assert np.diff(np.array(table.column(name)), prepend=0.0).max() < 0.02


def test_gains_and_lift_count_the_rows_above_each_quantile():
    y, p, _ = sample(rows=1_000, digits=12)
    metrics = metrics_of(y, p)
    table = metrics.gains_lift_table
    for name, lower, rate, lift in zip(
        table.column("group"),
        table.column("lower_threshold"),
        table.column("cumulative_response_rate"),
        table.column("cumulative_lift"),
        strict=True,
    ):
        above = p >= lower
        assert rate == pytest.approx(y[above].mean()), name
        assert lift == pytest.approx(y[above].mean() / y.mean())
    assert table.column("cumulative_data_fraction")[:6] == pytest.approx((0.01, 0.02, 0.03, 0.04, 0.05, 0.1))
    assert table.column("lower_threshold")[-1] == p.min()
    assert metrics.lift_top_group == table.column("lift")[0]


def test_tables_have_the_columns_that_the_protocol_declares():
    y, p, _ = sample()
    metrics = metrics_of(y, p)
    ratios = ("f1", "f2", "f0point5", "accuracy", "precision", "recall", "specificity", "absolute_mcc")
    ratios += ("min_per_class_accuracy", "mean_per_class_accuracy")
    assert metrics.thresholds_and_metric_scores.columns == (
        TableColumn("threshold", "double", "%f"),
        *(TableColumn(name, "double", "%f") for name in ratios),
        *(TableColumn(name, "long", "%d") for name in ("tns", "fns", "fps", "tps")),
        *(TableColumn(name, "double", "%f") for name in ("tnr", "fnr", "fpr", "tpr")),
        TableColumn("idx", "int", "%d"),
    )
    assert metrics.max_criteria_and_metric_scores.columns == (
        TableColumn("metric", "string", "%s"),
        TableColumn("threshold", "double", "%f"),
        TableColumn("value", "double", "%f"),
        TableColumn("idx", "long", "%d"),
    )
    rates = ("lower_threshold", "lift", "cumulative_lift", "response_rate", "score")
    rates += ("cumulative_response_rate", "cumulative_score", "capture_rate", "cumulative_capture_rate")
    rates += ("gain", "cumulative_gain", "kolmogorov_smirnov")
    assert metrics.gains_lift_table.columns == (
        TableColumn("group", "int", "%d"),
        TableColumn("cumulative_data_fraction", "double", "%.8f"),
        *(TableColumn(name, "double", "%5f") for name in rates),
    )
    rate = max(metrics.confusion_matrix.column("Rate"), key=len)
    assert metrics.confusion_matrix.columns == (
        TableColumn("no", "long", "%d"),
        TableColumn("yes", "long", "%d"),
        TableColumn("Error", "double", "%.4f"),
        TableColumn("Rate", "string", f"= %{len(rate)}s"),
    )
    assert [
        table.name
        for table in (
            metrics.thresholds_and_metric_scores,
            metrics.max_criteria_and_metric_scores,
            metrics.gains_lift_table,
            metrics.confusion_matrix,
        )
    ] == ["Metrics for Thresholds", "Maximum Metrics", "Gains/Lift Table", "Confusion Matrix"]


def test_counts_of_fractional_weights_are_not_rounded():
    metrics = metrics_of([0, 1, 1], [0.2, 0.4, 0.6], [0.5, 0.25, 1.0])
    table = metrics.thresholds_and_metric_scores
    assert table.columns[14] == TableColumn("tps", "double", "%f")
    assert table.column("tps") == (1.0, 1.25, 1.25)
    assert metrics.confusion_matrix.columns[0] == TableColumn("no", "double", "%.2f")
    assert metrics.confusion_matrix.column("Rate")[2] == "0.0000 / 1.7500"


@pytest.mark.parametrize(
    ("actual", "predicted", "weight"),
    [
        ([], [], None),
        ([1, 0], [math.nan, math.nan], None),
        ([-1, -1], [0.1, 0.9], None),
        ([1, 0], [0.1, 0.9], [0.0, math.nan]),
    ],
    ids=["no rows", "no prediction", "no response", "no weight"],
)
def test_without_a_row_that_counts_everything_is_undefined(actual, predicted, weight):
    metrics = metrics_of(np.array(actual, dtype=int), predicted, weight)
    assert metrics.nobs == 0
    assert metrics.default_threshold == 0.5
    for name in ("mse", "rmse", "r2", "logloss", "auc", "pr_auc", "gini", "err", "mean_per_class_error"):
        assert math.isnan(getattr(metrics, name)), name
    assert metrics.thresholds_and_metric_scores.rowcount == 0
    assert metrics.gains_lift_table.rowcount == 0
    assert set(metrics.max_criteria_and_metric_scores.column("idx")) == {-1}


def test_rows_that_do_not_count_change_nothing():
    y, p, w = sample()
    bad_y = np.concatenate([y, [-1, 1, 0, 1, 0]])
    bad_p = np.concatenate([p, [0.3, np.nan, 0.4, 0.5, 0.6]])
    bad_w = np.concatenate([w, [1.0, 1.0, 0.0, np.nan, -1.0]])
    assert metrics_of(bad_y, bad_p, bad_w) == metrics_of(y, p, w)


def test_with_only_negatives_rates_of_positives_are_undefined_and_the_threshold_is_one_half():
    metrics = metrics_of([0, 0, 0], [0.2, 0.5, 0.9])
    assert math.isnan(metrics.auc)
    assert math.isnan(metrics.lift_top_group)
    assert metrics.default_threshold == 0.5
    assert metrics.confusion_matrix.column("Rate") == ("2 / 3", "0 / 0", "2 / 3")
    assert metrics.mean_per_class_error == pytest.approx(2 / 3)
    assert metrics.max_criteria_and_metric_scores.column("idx")[0] == -1


def test_with_only_positives_all_of_them_are_found():
    metrics = metrics_of([1, 1, 1], [0.2, 0.5, 0.9])
    assert math.isnan(metrics.auc)
    assert metrics.err == 0.0
    assert metrics.default_threshold == 0.2


def test_equal_scores_say_nothing():
    metrics = metrics_of([0, 1, 1, 0, 1], [0.5] * 5)
    assert metrics.auc == 0.5
    assert metrics.pr_auc == pytest.approx(0.6)
    assert metrics.thresholds_and_metric_scores.rowcount == 1


def test_certain_and_wrong_costs_a_finite_log_loss():
    assert metrics_of([1, 0], [0.0, 1.0]).logloss == pytest.approx(-math.log(1e-15))


def test_a_prediction_that_is_no_probability_is_refused():
    with pytest.raises(ValueError, match=r"from 0 to 1.*-2 to 3"):
        binomial.partial(np.array([0, 1]), np.array([-2.0, 3.0]))
