"""Autoencoders: inputs normalised and learnt, reconstruction, anomalies, features; on one node and three."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aquifer_algos.builder import inputs_of
from aquifer_algos.datainfo import ModelCategory
from aquifer_algos.deeplearning.features import deep_features
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.deeplearning.validation import validate
from aquifer_algos.metrics import AutoEncoderMetrics
from aquifer_algos.model import Model
from aquifer_algos.params import Severity
from aquifer_algos.prediction import performance
from aquifer_algos.reconstruction import anomaly, reconstruct
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store
from numpy.typing import NDArray

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
SMALL: dict[str, Any] = {
    "training_frame": "f", "autoencoder": True, "hidden": [4], "activation": "Tanh", "seed": 1,
    "reproducible": True,
}  # fmt: skip
MIXED: dict[str, list[Any]] = {
    "size": [1.0, None, 3.0, 5.0, 0.0, 4.0],
    "rare": [0.0, 0.0, 0.0, 0.0, 2.0, 0.0],
    "colour": ["red", "blue", "blue", "green", "red", "red"],
    "weight": [1.0, 1.0, 3.0, 1.0, 1.0, 0.0],
    "label": ["a", "b", "a", "b", "a", "b"],
}
Train = Callable[..., Model]


@pytest.fixture
def mixed(frame_of: Callable[..., Frame], store: Store) -> Frame:
    frame = frame_of(MIXED)
    store.put("f", frame)
    return frame


def columns(cloud: Cloud, frame: Frame) -> NDArray[np.float64]:
    return np.column_stack(cloud.read(frame))


def numbers() -> NDArray[np.float64]:
    """Size and rare of MIXED, missing ones at the mean."""
    return np.array([[13 / 5 if v is None else v for v in MIXED[name]] for name in ("size", "rare")]).T


def levels() -> NDArray[np.float64]:
    """The colour of MIXED as a unit for each level and one for missing."""
    return np.eye(4)[[["blue", "green", "red"].index(colour) for colour in MIXED["colour"]]]


def network_of(model: Model) -> Network:
    assert isinstance(model.scorer, NetworkScorer)
    return model.scorer.network


def through(network: Network, inputs: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The activations of every layer of a Tanh network, by its matrices."""
    values = [inputs]
    for layer in range(len(network.topology.layers)):
        values.append(np.tanh(values[-1] @ network.matrix(layer).T + network.bias(layer)))
    return values[1:]


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_everything_it_says_of_rows_is_what_its_weights_say(
    mixed: Frame, cloud: Cloud, train: Train, sparse: bool
) -> None:
    model = train(**SMALL, ignored_columns=["label", "weight"], sparse=sparse)
    assert model.category is ModelCategory.AUTOENCODER
    assert (model.response, model.names) == (None, ("colour", "size", "rare"))
    names = ("colour.blue", "colour.green", "colour.red", "colour.missing(NA)", "size", "rare")
    mean, extent = np.array([13 / 5, 0.0 if sparse else 1 / 3]), np.array([5.0, 2.0])
    inputs = np.column_stack([levels(), (numbers() - mean) / extent])
    hidden, output = through(network_of(model), inputs)
    squared = (output - inputs) ** 2

    rebuilt = reconstruct(cloud, model, mixed)
    assert rebuilt.names == tuple(f"reconstr_{name}" for name in names)
    expected = np.column_stack([output[:, :4], output[:, 4:] * extent + mean])
    np.testing.assert_allclose(columns(cloud, rebuilt), expected, atol=1e-5)
    each = anomaly(cloud, model, mixed, per_feature=True)
    assert each.names == tuple(f"reconstr_{name}.SE" for name in names)
    np.testing.assert_allclose(columns(cloud, each), squared, atol=1e-5)
    whole = anomaly(cloud, model, mixed)
    assert whole.names == ("Reconstruction.MSE",)
    np.testing.assert_allclose(columns(cloud, whole)[:, 0], squared.mean(axis=1), atol=1e-5)
    features = deep_features(cloud, model, mixed, 0)
    assert features.names == ("DF.L1.C1", "DF.L1.C2", "DF.L1.C3", "DF.L1.C4")
    np.testing.assert_allclose(columns(cloud, features), hidden, atol=1e-5)

    metrics = performance(cloud, model, mixed)
    assert metrics.mse == pytest.approx(squared.mean(), rel=1e-4)
    assert metrics.rmse == pytest.approx(metrics.mse**0.5)
    assert model.output.training_metrics == AutoEncoderMetrics(
        pytest.approx(metrics.mse), pytest.approx(metrics.rmse), 6
    )


def test_observation_weights_count_in_the_metrics_and_in_the_range(
    mixed: Frame, cloud: Cloud, train: Train
) -> None:
    model = train(**SMALL, ignored_columns=["label"], weights_column="weight")
    assert model.names == ("colour", "size", "rare", "weight")
    assert model.data.predictors[1].scale == pytest.approx(1 / 5)
    error = columns(cloud, anomaly(cloud, model, mixed))[:, 0]
    assert model.output.training_metrics.mse == pytest.approx(np.average(error, weights=MIXED["weight"]))
    assert model.output.training_metrics.nobs == 5


def test_it_needs_no_response_and_leaves_one_out(mixed: Frame, train: Train) -> None:
    assert train(**SMALL, epochs=1).names == ("colour", "label", "size", "rare", "weight")
    assert train(**SMALL, epochs=1, response_column="label").names == ("colour", "size", "rare", "weight")


@pytest.fixture
def curve(frame_of: Callable[..., Frame], store: Store) -> Frame:
    """Six columns that follow from one number, as `f`; the last row of `odd` does not follow."""
    angle = np.random.default_rng(0).uniform(0, 3, 400)
    values = np.column_stack([f(angle * k) for k in (1, 2) for f in (np.sin, np.cos, np.tanh)])
    frame = frame_of({f"x{i}": list(values[:, i]) for i in range(6)})
    odd = np.vstack([values[:20], values[0] * [1, 1, 1, -1, 1, 1]])
    store.put("f", frame)
    store.put("odd", frame_of({f"x{i}": list(odd[:, i]) for i in range(6)}))
    return frame


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize("activation", ["Tanh", "ExpRectifier"])
def test_a_curve_is_learnt_and_what_is_beside_it_stands_out(
    curve: Frame, store: Store, cloud: Cloud, train: Train, activation: str
) -> None:
    options = {**SMALL, "activation": activation, "reproducible": False, "validation_frame": "odd"}
    model = train(**options, epochs=100, train_samples_per_iteration=0)
    history = model.output.scoring_history
    untrained, *_, last = history.column("training_mse")
    assert [column.name for column in history.columns[-2:]] == ["validation_rmse", "validation_mse"]
    assert float(last or 0) < 0.2 * float(untrained or 0), "the first row is of the untrained network"
    error = columns(cloud, anomaly(cloud, model, store.get("odd", Frame)))[:, 0]
    assert error.argmax() == 20


def test_a_rectifier_gives_back_nothing_below_zero(curve: Frame, cloud: Cloud, train: Train) -> None:
    model = train(**{**SMALL, "activation": "Rectifier"}, epochs=5)
    assert network_of(model).predict(np.full((1, 6), -0.5, np.float32)).min() == 0.0


@pytest.mark.parametrize("loss", ["Absolute", "Huber", "Quantile"])
def test_other_losses_are_learnt_too(curve: Frame, train: Train, loss: str) -> None:
    model = train(**SMALL, epochs=30, loss=loss)
    untrained, *_, last = model.output.scoring_history.column("training_mse")
    assert float(last or 0) < 0.5 * float(untrained or 0)


def test_a_low_quantile_reconstructs_lower(curve: Frame, cloud: Cloud, train: Train) -> None:
    low, high = (
        columns(
            cloud, reconstruct(cloud, train(**SMALL, epochs=30, loss="Quantile", quantile_alpha=alpha), curve)
        )
        for alpha in (0.1, 0.9)
    )
    actual = columns(cloud, curve)
    assert (low < actual).mean() > 0.6
    assert (high > actual).mean() > 0.6


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize("adaptive", [True, False], ids=["adadelta", "sgd"])
def test_sparsity_draws_the_average_activation_to_its_aim(
    curve: Frame, cloud: Cloud, train: Train, adaptive: bool
) -> None:
    def average(**options: Any) -> float:
        model = train(
            **SMALL, epochs=40, adaptive_rate=adaptive, rate=0.01, overwrite_with_best_model=False,
            stopping_rounds=0, **options,
        )  # fmt: skip
        return float(columns(cloud, deep_features(cloud, model, curve, 0)).mean())

    free = average()
    for aim in (-0.6, 0.6):
        drawn = average(average_activation=aim, sparsity_beta=1.0)
        assert abs(drawn - aim) < 0.6 * abs(free - aim)


def test_input_dropout_corrupts_the_input_but_not_the_target(curve: Frame, train: Train) -> None:
    """A denoising autoencoder of correlated columns learns to fill in what is set to 0."""
    plain, denoising = (train(**SMALL, epochs=60, input_dropout_ratio=ratio) for ratio in (0.0, 0.3))
    random = np.random.default_rng(1)
    angle = random.uniform(0, 3, 500)
    values = np.column_stack([f(angle * k) for k in (1, 2) for f in (np.sin, np.cos, np.tanh)])
    inputs = (values - [p.shift for p in plain.data.predictors]) * [p.scale for p in plain.data.predictors]
    corrupted = (inputs * (random.random(inputs.shape) > 0.3)).astype(np.float32)
    errors = [np.square(network_of(model).predict(corrupted) - inputs).mean() for model in (plain, denoising)]
    assert errors[1] < errors[0]


def test_the_summary_says_what_it_is(curve: Frame, train: Train) -> None:
    model = train(**{**SMALL, "hidden": [5, 2, 5]}, epochs=1)
    summary = model.output.model_summary
    assert summary.description.startswith("auto-encoder, Quadratic loss, ")
    assert summary.column("type") == ("Input", "Tanh", "Tanh", "Tanh", "Tanh")
    assert summary.column("units") == (6, 5, 2, 5, 6)
    assert model.output.variable_importances is not None


def test_training_stops_when_the_error_no_longer_falls(curve: Frame, train: Train) -> None:
    model = train(
        **SMALL, epochs=1e6, stopping_rounds=3, stopping_tolerance=0.2, train_samples_per_iteration=400
    )
    assert 7 < model.output.scoring_history.rowcount < 200
    assert model.effective.model_dump()["stopping_metric"] == "MSE"


def test_of_supervised_networks_there_are_features_but_no_anomalies(
    iris: Frame, store: Store, cloud: Cloud, train: Train
) -> None:
    store.put("iris", iris)
    model = train(
        training_frame="iris", response_column="class", hidden=[6, 3], seed=1, epochs=1,
        activation="TanhWithDropout", hidden_dropout_ratios=[0.5, 0.2],
    )  # fmt: skip
    x = columns(cloud, iris)[:, :4]
    standardised = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    network = network_of(model)
    first = 0.5 * np.tanh(standardised @ network.matrix(0).T + network.bias(0))
    second = 0.8 * np.tanh(first @ network.matrix(1).T + network.bias(1))
    features = deep_features(cloud, model, iris, 1)
    assert features.names == ("DF.L2.C1", "DF.L2.C2", "DF.L2.C3")
    np.testing.assert_allclose(columns(cloud, features), second, atol=1e-5)
    for layer in (-1, 2):
        with pytest.raises(InvalidArgument, match=r"DF\.L1, DF\.L2"):
            deep_features(cloud, model, iris, layer)
    with pytest.raises(InvalidArgument, match="no autoencoder"):
        anomaly(cloud, model, iris)


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_a_supervised_network_starts_from_an_autoencoders_hidden_layers(
    mixed: Frame, store: Store, train: Train
) -> None:
    options = {**SMALL, "hidden": [5, 3], "ignored_columns": ["weight"]}
    learnt = train(**options, response_column="label", epochs=20)
    store.put("ae", learnt)
    options |= {"autoencoder": False, "response_column": "label", "epochs": 0}
    started, fresh = network_of(train(**options, pretrained_autoencoder="ae")), network_of(train(**options))
    for layer in range(2):
        np.testing.assert_array_equal(started.matrix(layer), network_of(learnt).matrix(layer))
        np.testing.assert_array_equal(started.bias(layer), network_of(learnt).bias(layer))
    np.testing.assert_array_equal(started.matrix(2), fresh.matrix(2))


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "other hidden layers": ({"hidden": [6]}, r"have \[4\] units, not \[6\]"),
    "two weights for one": ({"activation": "Maxout"}, "Maxout units have two sets of weights"),
    "other columns": ({"ignored_columns": ["size"]}, r"different columns: \[size, weight\]"),
    "other levels": ({"use_all_factor_levels": False}, "has 6 inputs, this model 5"),
    "no autoencoder": ({"pretrained_autoencoder": "supervised"}, "must be an autoencoder, but"),
    "an autoencoder to train": ({"autoencoder": True}, "for supervised models only"),
}


def test_an_autoencoder_that_does_not_fit_is_refused_by_name(
    cloud: Cloud, mixed: Frame, store: Store, train: Train
) -> None:
    given = {**SMALL, "ignored_columns": ["weight"], "response_column": "label", "epochs": 1}
    store.put("ae", train(**given))
    given |= {"autoencoder": False}
    store.put("supervised", train(**given))
    for change, said in UNFIT.values():
        asked = DeepLearningParameters(**{**given, "pretrained_autoencoder": "ae", **change})
        errors = [m for m in validate(asked, inputs_of(store, asked), cloud) if m.severity is Severity.ERROR]
        assert [error.field for error in errors] == ["pretrained_autoencoder"]
        assert re.search(said, errors[0].text)


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_the_bad_heartbeats_stand_out(
    test_data: Path, frame_of: Callable[..., Frame], store: Store, cloud: Cloud, train: Train
) -> None:
    """The last three rows of the test data are anomalous; five seeds of five, dense and sparse."""
    for name in ("train", "test"):
        with (test_data / f"ecg_discord_{name}.csv").open() as file:
            values = np.array([[float(cell) for cell in row] for row in csv.reader(file)])
        store.put(name, frame_of({f"C{i + 1}": list(values[:, i]) for i in range(values.shape[1])}))
    for seed, sparse in product(range(1, 6), (False, True)):
        model = train(
            training_frame="train", autoencoder=True, activation="Tanh", hidden=[50, 20, 50], l1=1e-4,
            epochs=100, sparse=sparse, seed=seed,
        )  # fmt: skip
        error = columns(cloud, anomaly(cloud, model, store.get("test", Frame)))[:, 0]
        assert set(np.argsort(error)[-3:]) == {20, 21, 22}
        assert np.sort(error)[-3] > 10 * np.sort(error)[-4]
