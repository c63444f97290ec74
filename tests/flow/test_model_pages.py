"""Models in the browser: what a page says is what the trained model says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import inputs_of
from aquifer_algos.metrics import BinomialMetrics, MultinomialMetrics
from aquifer_algos.model import Model
from aquifer_cluster.frame import Frame
from aquifer_server.coordinator import Coordinator

Read = Callable[..., Any]
PutFrame = Callable[..., Frame]
Train = Callable[..., Model]

COLOURS = ("red", "<i>green</i>", "blue")


@pytest.fixture
def train(coordinator: Coordinator) -> Train:
    """Train a small network on frames of the store, in a job as the server does."""
    builder = ALGORITHMS["deeplearning"]

    def run(key: str, **parameters: Any) -> Model:
        asked = builder.parameters(
            model_id=key, **{"hidden": (8,), "epochs": 5, "seed": 1, "score_interval": 0, **parameters}
        )
        inputs = inputs_of(coordinator.store, asked)
        job = coordinator.jobs.start(
            builder.name,
            key,
            "Key<Model>",
            lambda job: void(builder.train(coordinator.cloud, coordinator.store, asked, inputs, job, key)),
        )
        assert job.wait(120)
        assert job.exception is None, job.stacktrace
        return coordinator.store.get(key, Model)

    return run


def void(_: object) -> None:
    """Let go of a result."""


@pytest.fixture
def clusters(put_frame: PutFrame) -> None:
    """Three clouds of points, each of a colour, as `train` and `valid`; `coin` has two outcomes."""
    random = np.random.default_rng(1)
    for key, rows in (("train", 300), ("valid", 90)):
        codes = random.integers(0, 3, rows)
        x, y = (
            np.cos(codes * 2.1) + random.normal(0, 0.4, rows),
            np.sin(codes * 2.1) + random.normal(0, 0.4, rows),
        )
        put_frame(
            key,
            {
                "x": x,
                "y": y,
                "colour": (codes.tolist(), COLOURS),
                "coin": ((codes > 0).tolist(), ("no", "yes")),
            },
        )


@pytest.mark.usefixtures("clusters")
def test_a_multinomial_model(read: Read, visitor: Any, train: Train) -> None:
    model = train(
        "colours/1",
        training_frame="train",
        validation_frame="valid",
        response_column="colour",
        ignored_columns=("coin",),
        variable_importances=True,
    )
    metrics = model.output.validation_metrics
    assert isinstance(metrics, MultinomialMetrics)
    data = visitor.get("/flow/models/colours%2F1.json").json()
    assert data["model"]["score"] == {"name": "Classification error", "value": metrics.err}
    validation, training = data["metrics"]
    assert (validation["title"], training["title"]) == ("Validation metrics", "Training metrics")
    assert np.array(validation["confusion"]["counts"]).sum() == 90
    assert validation["confusion"]["domain"] == list(COLOURS)
    assert validation["confusion"]["error"][-1] == metrics.err
    assert {item["name"]: item["value"] for item in validation["values"]}["Logloss"] == metrics.logloss
    assert [row[0] for row in validation["hit_ratios"]["rows"]] == ["1", "2", "3"]
    assert {item["variable"] for item in data["importances"]} == {"x", "y"}
    assert [row[data["layers"]["columns"].index("units")] for row in data["layers"]["rows"]] == [2, 8, 3]
    assert {line["name"] for line in data["curves"]["curves"][0]["lines"]} == {"training", "validation"}

    document = read("/flow/models/colours%2F1")
    assert "multinomial: predicts colour from 2 columns of train" in document.text
    assert document.row("<i>green</i>")[1:4] == [
        f"{count:g}" for count in validation["confusion"]["counts"][1]
    ]
    assert not document.all("i"), "names of classes are text"
    assert "/flow/models/colours%2F1" in read("/flow/models").links
    assert "/flow/models/colours%2F1" in read("/").links


@pytest.mark.usefixtures("clusters")
def test_a_binomial_model_has_a_roc_curve_that_encloses_its_auc(
    read: Read, visitor: Any, train: Train
) -> None:
    model = train("coin", training_frame="train", response_column="coin", ignored_columns=("colour",))
    metrics = model.output.training_metrics
    assert isinstance(metrics, BinomialMetrics)
    (shown,) = visitor.get("/flow/models/coin.json").json()["metrics"]
    curve = shown["roc"]
    assert np.trapezoid(curve["y"], curve["x"]) == pytest.approx(metrics.auc, abs=0.005)
    document = read("/flow/models/coin")
    assert "true positive rate" in document.text
    assert "Maximum Metrics" in document.text
    assert "Gains/Lift Table" in document.text


@pytest.mark.usefixtures("clusters")
def test_a_regression_model_shows_its_deviance(read: Read, visitor: Any, train: Train) -> None:
    train("line", training_frame="train", response_column="y", ignored_columns=("coin",))
    data = visitor.get("/flow/models/line.json").json()
    (metrics,) = data["metrics"]
    assert metrics["confusion"] is None
    assert data["model"]["score"]["name"] == "Mean residual deviance"
    assert [curve["measure"] for curve in data["curves"]["curves"]] == ["Deviance", "RMSE"]
    assert "regression: predicts y from 2 columns of train" in read("/flow/models/line").text


@pytest.mark.usefixtures("clusters")
def test_an_autoencoder_reconstructs_columns(read: Read, visitor: Any, train: Train) -> None:
    model = train("inputs", training_frame="train", validation_frame="valid", autoencoder=True)
    data = visitor.get("/flow/models/inputs.json").json()
    assert data["model"]["score"] == {"name": "MSE", "value": model.output.validation_metrics.mse}  # type: ignore[union-attr]
    assert [curve["measure"] for curve in data["curves"]["curves"]] == ["RMSE"]
    assert "autoencoder: reconstructs 4 columns of train" in read("/flow/models/inputs").text
    assert "its inputs" in read("/flow/models").text
    assert "its inputs" in read("/").text


@pytest.mark.usefixtures("clusters")
def test_parameters_that_the_user_set_come_first(read: Read, visitor: Any, train: Train) -> None:
    train("set", training_frame="train", response_column="y", hidden=(4, 4), seed=-1)
    lines = visitor.get("/flow/models/set.json").json()["parameters"]
    changed = [line["name"] for line in lines if line["changed"]]
    assert [line["name"] for line in lines[: len(changed)]] == changed
    assert {"training_frame", "response_column", "hidden", "epochs"} <= set(changed)
    assert "seed" not in changed
    by_name = {line["name"]: line for line in lines}
    assert by_name["hidden"]["value"] == "[4, 4]"
    assert by_name["hidden"]["default"] == "[200, 200]"
    assert by_name["seed"]["value"] == "-1"
    assert int(by_name["seed"]["used"]) >= 0, "the seed that was drawn"
    assert "Set by you" in read("/flow/models/set").text


@pytest.mark.usefixtures("clusters")
def test_what_was_measured_later_is_shown_and_goes_with_the_model(
    read: Read, visitor: Any, train: Train, coordinator: Coordinator
) -> None:
    train("m", training_frame="train", response_column="coin", ignored_columns=("colour",))
    answer = visitor.post("/3/ModelMetrics/models/m/frames/valid")
    assert answer.status_code == 200, answer.text
    later = visitor.get("/flow/models/m.json").json()["metrics"][-1]
    assert later["title"] == "Measured on valid"
    assert {item["name"]: item["value"] for item in later["values"]}["Rows"] == 90
    assert "Measured on valid" in read("/flow/models/m").text
    visitor.post("/flow/models/m/delete")
    assert coordinator.store.keys() == ["train", "valid"]


@pytest.mark.usefixtures("clusters")
def test_a_finished_job_leads_to_its_model_and_a_deleted_model_is_gone(
    read: Read, visitor: Any, train: Train, coordinator: Coordinator
) -> None:
    train("gone", training_frame="train", response_column="y")
    assert "/flow/frames/train" in read("/flow/models/gone").links
    coordinator.store.remove("train")
    assert "train (removed since)" in read("/flow/models/gone").text
    (job,) = coordinator.jobs.all()
    assert "/flow/models/gone" in read(f"/flow/jobs/{job.key}").links
    answer = visitor.post("/flow/models/gone/delete")
    assert (answer.status_code, answer.headers["location"]) == (303, "/flow/models")
    read("/flow/models/gone", status=404)


@pytest.mark.usefixtures("clusters")
def test_the_model_trained_last_comes_first_also_if_its_key_is_an_old_one(visitor: Any, train: Train) -> None:
    for key in ("first", "second", "first"):
        train(key, training_frame="train", response_column="y", epochs=1)
    assert [model["key"] for model in visitor.get("/flow/models.json").json()["models"]] == [
        "first",
        "second",
    ]
    assert [model["key"] for model in visitor.get("/.json").json()["models"]] == ["first", "second"]


def test_of_very_many_classes_only_the_first_are_drawn(
    visitor: Any, put_frame: PutFrame, train: Train, read: Read
) -> None:
    codes = list(range(50)) * 4
    put_frame("many", {"x": codes, "class": (codes, tuple(f"class {n}" for n in range(50)))})
    train("many_classes", training_frame="many", response_column="class", epochs=1)
    confusion = visitor.get("/flow/models/many_classes.json").json()["metrics"][0]["confusion"]
    assert confusion["classes"] == 50
    assert len(confusion["counts"]) == len(confusion["domain"]) == 40
    assert "the first 40 of 50 classes" in read("/flow/models/many_classes").text
