"""Training on balanced classes: on which rows, and that probabilities are of the classes as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from aquifer_algos.metrics import MultinomialMetrics
from aquifer_algos.model import Model
from aquifer_algos.prediction import performance, predict
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
ROWS = {"often": 900, "rare": 60, "seldom": 40}
BALANCED: dict[str, Any] = {
    "training_frame": "f",
    "response_column": "y",
    "hidden": [8],
    "epochs": 15,
    "seed": 1,
    "balance_classes": True,
}


@pytest.fixture
def frame(frame_of: Callable[..., Frame], store: Store) -> Frame:
    """Clouds of points that overlap, of 900, 60 and 40 rows, as frame `f`."""
    random = np.random.default_rng(0)
    label = random.permutation(np.repeat(list(ROWS), list(ROWS.values())))
    centres = {"often": (0, 0), "rare": (1.5, 0.5), "seldom": (0.3, 1.8)}
    x = np.array([centres[name] for name in label]) + random.normal(size=(len(label), 2))
    made = frame_of({"a": x[:, 0], "b": x[:, 1], "y": label.tolist()})
    store.put("f", made)
    return made


def shares(cloud: Cloud, model: Model, frame: Frame) -> list[float]:
    """The mean probability of each class."""
    _, *probabilities = cloud.read(predict(cloud, model, frame))
    return [float(np.mean(column)) for column in probabilities]


def uncorrected(model: Model) -> Model:
    response = replace(model.data.response, correction=None)
    return replace(model, data=replace(model.data, response=response))


@pytest.mark.parametrize("nodes", BOTH)
def test_probabilities_are_those_of_the_classes_as_they_are(
    frame: Frame, cloud: Cloud, train: Callable[..., Model]
) -> None:
    model = train(**BALANCED)
    truth = [rows / 1000 for rows in ROWS.values()]
    assert shares(cloud, model, frame) == pytest.approx(truth, rel=0.4)
    assert shares(cloud, uncorrected(model), frame)[0] < 0.7, "as often as the others in training"
    assert performance(cloud, model, frame).logloss < performance(cloud, uncorrected(model), frame).logloss  # type: ignore[union-attr]
    assert model.effective.class_sampling_factors == pytest.approx((1, 15, 22.5))  # type: ignore[attr-defined]


@pytest.mark.parametrize("nodes", [0])
@pytest.mark.parametrize(
    ("options", "counted"),
    [
        pytest.param({}, [900, 900, 900], id="balanced"),
        pytest.param({"max_after_balance_size": 0.5}, [167, 167, 167], id="half the rows"),
        pytest.param({"class_sampling_factors": [0.5, 2, 3]}, [450, 120, 120], id="by factors"),
    ],
)
def test_training_metrics_are_of_the_balanced_rows(
    frame: Frame, train: Callable[..., Model], options: dict[str, Any], counted: list[int]
) -> None:
    model = train(**{**BALANCED, **options, "epochs": 1})
    metrics = model.output.training_metrics
    assert isinstance(metrics, MultinomialMetrics)
    matrix = np.array([metrics.confusion_matrix.column(name)[: len(ROWS)] for name in ROWS], float)
    assert matrix.sum(axis=0) == pytest.approx(counted, rel=0.15), "predicted by actual class"
    assert model.output.scoring_history.column("samples")[-1] == pytest.approx(sum(counted), rel=0.15)


@pytest.mark.parametrize("nodes", [0])
def test_a_training_that_goes_on_draws_the_same_rows(
    frame: Frame, store: Store, train: Callable[..., Model]
) -> None:
    options = {**BALANCED, "reproducible": True, "stopping_rounds": 0, "overwrite_with_best_model": False}
    store.put("half", replace(train(**{**options, "epochs": 1}), key="half"))
    halves, whole = train(**{**options, "epochs": 2}, checkpoint="half"), train(**{**options, "epochs": 2})
    assert halves.data.response.correction == whole.data.response.correction
    np.testing.assert_array_equal(
        halves.scorer.network.weights,  # type: ignore[attr-defined]
        whole.scorer.network.weights,  # type: ignore[attr-defined]
    )
