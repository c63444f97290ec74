"""Areas under the curves of several classes against scikit-learn, and against H2O's recorded answer."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aquifer_algos.metrics import MultinomialMetrics, multinomial
from aquifer_algos.metrics.multiclass_auc import FEWEST_BINS, MOST_CLASSES, AucType
from aquifer_algos.table import Table
from sklearn.metrics import roc_auc_score

H2O: dict[str, Any] = json.loads(
    Path(__file__).with_name("h2o_multinomial_auc.json").read_text(encoding="utf-8")
)
AUC_TYPES: list[tuple[AucType, str, str]] = [
    ("MACRO_OVR", "ovr", "macro"),
    ("WEIGHTED_OVR", "ovr", "weighted"),
    ("MACRO_OVO", "ovo", "macro"),
    ("WEIGHTED_OVO", "ovo", "weighted"),
]


def sample(rows: int, classes: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Actual classes of different frequency, and probabilities that know something of them."""
    random = np.random.default_rng(rows)
    actual = np.minimum(random.integers(0, classes, rows), random.integers(0, classes, rows))
    scores = random.normal(size=(rows, classes)) + np.eye(classes)[actual]
    return actual, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def metrics_of(actual: Any, predicted: Any, auc_type: AucType, cut: int = 0) -> MultinomialMetrics:
    """Of all rows, counted in two pieces."""
    parts = [
        multinomial.partial(actual[piece], predicted[piece], auc_type=auc_type)
        for piece in (slice(cut), slice(cut, None))
    ]
    domain = [f"class {code}" for code in range(predicted.shape[1])]
    return multinomial.finish(multinomial.combine(*parts), domain, auc_type)


@pytest.mark.parametrize("classes", [3, 6])
@pytest.mark.parametrize(("auc_type", "multi_class", "average"), AUC_TYPES)
def test_auc_is_scikit_learns(auc_type: AucType, multi_class: str, average: str, classes: int) -> None:
    actual, predicted = sample(800, classes)
    expected = roc_auc_score(actual, predicted, multi_class=multi_class, average=average)
    assert metrics_of(actual, predicted, auc_type, cut=300).auc == pytest.approx(expected)


def test_the_tables_are_h2os() -> None:
    counts = multinomial.partial(np.array(H2O["actual"]), np.array(H2O["predicted"]), auc_type="WEIGHTED_OVO")
    found = multinomial.finish(counts, H2O["domain"], "WEIGHTED_OVO")
    for table, expected in ((found.auc_table, H2O["auc"]), (found.pr_auc_table, H2O["auc_pr"])):
        assert isinstance(table, Table)
        assert [row[:3] for row in table.rows()] == [tuple(row[:3]) for row in expected]
        assert [row[3] for row in table.rows()] == pytest.approx([row[3] for row in expected])
    assert (found.auc, found.pr_auc) == pytest.approx((H2O["auc"][-1][3], H2O["auc_pr"][-1][3]))


@pytest.mark.parametrize("auc_type", ["AUTO", "NONE"])
def test_what_is_not_asked_for_is_not_computed(auc_type: AucType) -> None:
    found = metrics_of(*sample(50, 3), auc_type)
    assert math.isnan(found.auc)
    assert found.auc_table is None


def test_of_very_many_classes_nothing_is_computed() -> None:
    assert math.isnan(metrics_of(*sample(500, MOST_CLASSES + 1), "MACRO_OVR").auc)


def test_many_classes_keep_few_thresholds_which_hardly_matters() -> None:
    actual, predicted = sample(20_000, 12)
    counts = multinomial.partial(actual, predicted, auc_type="MACRO_OVO")
    assert max(len(bins.threshold) for bins in counts.comparisons) <= 1.2 * FEWEST_BINS
    expected = roc_auc_score(actual, predicted, multi_class="ovo")
    assert metrics_of(actual, predicted, "MACRO_OVO").auc == pytest.approx(expected, abs=1e-3)


def test_a_class_without_rows_is_left_out_of_the_mean() -> None:
    actual, predicted = sample(400, 3)
    among = actual < 2
    found = metrics_of(actual[among], predicted[among], "MACRO_OVO")
    first, second = (roc_auc_score(actual[among] == code, predicted[among, code]) for code in range(2))
    assert found.auc == pytest.approx((first + second) / 2)
