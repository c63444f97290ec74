"""The metrics that the server measured, asked for by their names."""

from __future__ import annotations

import math
from typing import Any

import pytest
from h2o.exceptions import H2OValueError
from h2o.metrics import SCALARS, H2OModelMetrics
from h2o.model import H2OModel
from h2o.two_dim_table import H2OTwoDimTable


def table(name: str, columns: dict[str, tuple[str, list[Any]]]) -> dict[str, Any]:
    specs = [{"name": label, "type": kind} for label, (kind, _) in columns.items()]
    return {"name": name, "columns": specs, "data": [data for _, data in columns.values()]}


# Ten rows: probabilities 0.9, 0.5, 0.1 as thresholds; six are negative, four positive.
THRESHOLDS = table(
    "Metrics for Thresholds",
    {
        "threshold": ("double", [0.9, 0.5, 0.1]),
        "f1": ("double", [0.4, 0.75, 4 / 7]),
        "accuracy": ("double", [0.7, 0.8, 0.4]),
        "tns": ("long", [6, 5, 0]),
        "fns": ("long", [3, 1, 0]),
        "fps": ("long", [0, 1, 6]),
        "tps": ("long", [1, 3, 4]),
        "min_per_class_accuracy": ("double", [0.25, 0.75, 0.0]),
        "fpr": ("double", [0.0, 1 / 6, 1.0]),
        "tpr": ("double", [0.25, 0.75, 1.0]),
    },
)
BINOMIAL = {
    "model_category": "Binomial",
    "MSE": 0.25,
    "RMSE": 0.5,
    "nobs": 10,
    "AUC": 0.8,
    "pr_auc": "NaN",
    "domain": ["no", "yes"],
    "thresholds_and_metric_scores": THRESHOLDS,
    "hit_ratio_table": None,
}


@pytest.fixture
def binomial() -> H2OModelMetrics:
    return H2OModelMetrics(BINOMIAL, "training data")


def test_scalars_are_numbers(binomial: H2OModelMetrics) -> None:
    assert (binomial.mse(), binomial.auc(), binomial.nobs()) == (0.25, 0.8, 10.0)
    assert math.isnan(binomial.aucpr())


def test_a_metric_that_was_not_measured_is_refused_with_those_that_were(binomial: H2OModelMetrics) -> None:
    with pytest.raises(H2OValueError, match=r"mae is not measured for a Binomial model .* mse, rmse, nobs"):
        binomial.mae()


def test_a_two_class_metric_is_given_at_its_best_threshold(binomial: H2OModelMetrics) -> None:
    assert binomial.F1() == [[0.5, 0.75]]
    assert binomial.accuracy() == [[0.5, 0.8]]
    assert binomial.find_threshold_by_max_metric("F1") == 0.5


def test_a_two_class_metric_is_given_at_chosen_thresholds(binomial: H2OModelMetrics) -> None:
    assert binomial.accuracy(thresholds=[0.85, 0.1]) == [[0.85, 0.7], [0.1, 0.4]]


def test_errors_are_what_is_left_of_accuracies(binomial: H2OModelMetrics, model: H2OModel) -> None:
    assert binomial.error() == [[0.5, pytest.approx(0.2)]]
    assert binomial.max_per_class_error([0.1]) == [[0.1, 1.0]]
    assert binomial.find_idx_by_threshold(0.15) == 2
    assert model.error([0.1], True) == [[0.1, 0.6]], "flags may be given by position"


def test_an_unknown_metric_is_refused(binomial: H2OModelMetrics) -> None:
    with pytest.raises(H2OValueError, match="did you mean 'accuracy'"):
        binomial.metric("acuracy")


def test_the_confusion_matrix_stands_at_the_best_f1(binomial: H2OModelMetrics) -> None:
    matrix = binomial.confusion_matrix()
    assert matrix.col_header == ["", "no", "yes", "Error", "Rate"]
    assert matrix.cell_values == [
        ["no", 5, 1, 1 / 6, "1 / 6"],
        ["yes", 1, 3, 1 / 4, "1 / 4"],
        ["Total", 6, 4, 2 / 10, "2 / 10"],
    ]


def test_the_confusion_matrix_at_a_chosen_threshold(binomial: H2OModelMetrics) -> None:
    matrix = binomial.confusion_matrix(threshold=0.95)
    assert [row[1:3] for row in matrix.cell_values] == [[6, 0], [3, 1], [9, 1]]


def test_the_roc_curve(binomial: H2OModelMetrics) -> None:
    assert binomial.roc() == ([0.0, 1 / 6, 1.0], [0.25, 0.75, 1.0])


CM = {
    "3": ("long", [8, 1, 9]),
    "7": ("long", [0, 4, 4]),
    "Error": ("double", [0.0, 0.2, 1 / 13]),
    "Rate": ("string", ["0 / 8", "1 / 5", "1 / 13"]),
}


def test_the_rows_of_a_confusion_matrix_are_named() -> None:
    metrics = H2OModelMetrics({"cm": {"table": table("Confusion Matrix", CM)}}, "validation data")
    assert metrics.confusion_matrix()[""] == ["3", "7", "Total"]


def test_metrics_print_what_they_have(binomial: H2OModelMetrics) -> None:
    printed = repr(binomial)
    assert printed.startswith("Binomial metrics on training data")
    assert "0.25" in printed
    assert "aucpr" not in printed, "what is not a number is not printed"
    assert "<table>" in binomial._repr_html_()


def test_a_table_drops_a_first_column_of_blanks() -> None:
    wire = table("T", {"": ("string", ["", ""]), "epochs": ("double", [1.0, None]), "n": ("int", [1, 2])})
    found = H2OTwoDimTable.from_wire(wire)
    assert found.col_header == ["epochs", "n"]
    assert found["n"] == [1, 2]
    assert math.isnan(found["epochs"][1])
    with pytest.raises(H2OValueError, match="did you mean 'epochs'"):
        found["epoch"]


def test_a_long_table_shows_its_ends() -> None:
    long = H2OTwoDimTable("T", ["n", "x"], ["int", "double"], [[i, i / 2] for i in range(1, 101)])
    lines = repr(long).splitlines()
    assert [line.split()[0] for line in lines[3:-1]] == [
        *map(str, range(1, 16)),
        "…",
        *map(str, range(96, 101)),
    ]
    assert lines[-1] == "[100 rows]"
    assert len(long["n"]) == 100


def test_a_table_becomes_a_pandas_frame() -> None:
    frame = H2OTwoDimTable.from_wire(table("T", CM)).as_data_frame()
    assert list(frame["3"]) == [8, 1, 9]


@pytest.fixture
def model() -> H2OModel:
    made = H2OModel()
    made._wire = {
        "model_id": {"name": "m"},
        "algo_full_name": "Deep Learning",
        "output": {
            "model_category": "Binomial",
            "training_metrics": BINOMIAL,
            "validation_metrics": {**BINOMIAL, "MSE": 0.5},
            "cross_validation_metrics": None,
            "scoring_history": table("Scoring History", {"epochs": ("double", [0.0, 1.0])}),
        },
        "parameters": [
            {"name": "epochs", "default_value": 10.0, "input_value": 1.0, "actual_value": 1.0},
            {"name": "training_frame", "default_value": None, "actual_value": {"name": "f"}},
            {"name": "response_column", "default_value": None, "actual_value": {"column_name": "y"}},
        ],
    }  # fmt: skip
    return made


def test_a_model_answers_for_the_training_or_the_chosen_parts(model: H2OModel) -> None:
    assert model.mse() == 0.25
    assert model.mse(valid=True) == 0.5
    assert model.mse(train=True, valid=True) == {"train": 0.25, "valid": 0.5}
    assert model.accuracy(thresholds=[0.9], valid=True) == [[0.9, 0.7]]
    assert model.model_performance(valid=True).mse() == 0.5
    assert model.confusion_matrix(threshold=0.9, valid=True)["no"] == [6, 3, 9]


def test_a_part_that_was_not_measured_is_named(model: H2OModel) -> None:
    with pytest.raises(H2OValueError, match="no metrics of cross-validation"):
        model.mse(xval=True)


@pytest.mark.parametrize("name", SCALARS)
def test_every_scalar_metric_is_a_method_of_metrics_and_model(name: str) -> None:
    assert getattr(H2OModelMetrics, name).__doc__ == SCALARS[name][1]
    assert SCALARS[name][1] in (getattr(H2OModel, name).__doc__ or "")


def test_a_model_knows_its_parameters(model: H2OModel) -> None:
    assert model.actual_params == {"epochs": 1.0, "training_frame": "f", "response_column": "y"}
    assert model.params["epochs"] == {"default": 10.0, "input": 1.0, "actual": 1.0}


def test_a_model_knows_what_it_is(model: H2OModel) -> None:
    assert model.type == "classifier"
    assert model.default_params == {"epochs": 10.0, "training_frame": None, "response_column": None}
    assert model.full_parameters["epochs"]["input_value"] == 1.0
    assert model.training_model_metrics()["AUC"] == 0.8
    assert not model.is_cross_validated()
    assert list(model.scoring_history(as_data_frame=False)["epochs"]) == [0.0, 1.0]
    model.detach()
    assert not model.trained


def test_a_model_prints_its_parts(model: H2OModel) -> None:
    printed = repr(model)
    assert printed.startswith("Deep Learning model m: Binomial")
    assert "Binomial metrics on training data" in printed
    assert "Binomial metrics on validation data" in printed
    assert "Scoring History" in printed
    assert "Scoring History" in model._repr_html_()


def test_a_model_without_importances_says_so(model: H2OModel) -> None:
    with pytest.raises(H2OValueError, match="no variable_importances"):
        model.varimp()
