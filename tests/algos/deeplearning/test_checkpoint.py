"""Going on from a model: what continues, what may change, and what is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.checkpoint import Checkpoint, on_disk
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation import validate
from aquifer_algos.deeplearning.validation.checkpoint import FIXED
from aquifer_algos.model import Model, ModelStatus
from aquifer_algos.params import Severity
from aquifer_algos.prediction import performance
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job, JobStatus
from aquifer_cluster.store import Store

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
SMALL: dict[str, Any] = {"training_frame": "f", "response_column": "y", "hidden": (8,), "seed": 1}
EXACT: dict[str, Any] = {**SMALL, "reproducible": True, "stopping_rounds": 0, "classification_stop": -1.0}

Train = Callable[..., Model]
MakeFrame = Callable[..., Frame]


@pytest.fixture
def frame(frame_of: MakeFrame, store: Store) -> Frame:
    """Two classes by two numbers and a category, as frame `f`, and a number to predict, `z`."""
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 300))
    colour = random.choice(["blue", "green", "red"], 300)
    score = a - b + (colour == "red") + random.normal(0, 0.5, 300)
    columns = {"a": a, "b": b, "colour": list(colour), "y": ["yes" if s > 0 else "no" for s in score]}
    frame = frame_of({**columns, "z": score})
    store.put("f", frame)
    return frame


@pytest.fixture
def keep(train: Train, store: Store) -> Train:
    """Trains a model without the column that is not its response, and keeps it under a key of its own."""

    def run(key: str, **parameters: Any) -> Model:
        other = "z" if parameters.get("response_column", "y") == "y" else "y"
        model = replace(train(**{**SMALL, "ignored_columns": (other,), **parameters}), key=key)
        store.put(key, model)
        return model

    return run


def weights(model: Model) -> np.ndarray[Any, Any]:
    return np.array(model.scorer.network.weights)  # type: ignore[attr-defined]


def history(model: Model, *columns: str) -> list[tuple[Any, ...]]:
    table = model.output.scoring_history
    return list(zip(*(table.column(name) for name in columns), strict=True))


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="adadelta"),
        pytest.param({"activation": "RectifierWithDropout", "input_dropout_ratio": 0.1}, id="dropout"),
        pytest.param(
            {"adaptive_rate": False, "momentum_stable": 0.9, "momentum_ramp": 1500.0}, id="momentum"
        ),
        pytest.param({"response_column": "z", "loss": "Huber", "regression_stop": -1.0}, id="huber"),
        pytest.param({"sparse": True, "activation": "Maxout", "rate_decay": 0.5}, id="sparse"),
    ],
)
def test_going_on_to_twice_the_epochs_is_training_so_long_at_once_bit_for_bit(
    frame: Frame, keep: Train, options: dict[str, Any]
) -> None:
    options = {**EXACT, "overwrite_with_best_model": False, **options}
    at_once = keep("at once", **options, epochs=6)
    half = keep("half", **options, epochs=3)
    whole = keep("whole", **options, epochs=6, checkpoint="half")
    assert (weights(half) != weights(at_once)).any()
    np.testing.assert_array_equal(weights(whole), weights(at_once))
    np.testing.assert_array_equal(whole.checkpoint.state, at_once.checkpoint.state)  # type: ignore[union-attr]
    known = ("epochs", "iterations", "samples", "training_rmse")
    np.testing.assert_equal(history(whole, *known), history(at_once, *known))


def test_it_goes_on_from_the_best_model_if_that_is_what_was_kept(frame: Frame, keep: Train) -> None:
    options = dict(EXACT, adaptive_rate=False, rate=0.5, train_samples_per_iteration=50)
    first = keep("first", **options, epochs=5)
    best = int(np.nanargmin(np.array(first.output.scoring_history.column("training_logloss")[:-1], float)))
    assert 0 < best < 29, "the test needs a training that gets worse"
    second = keep("second", **options, epochs=8, checkpoint="first")
    at_once = keep("at once", **options, epochs=8)
    np.testing.assert_array_equal(weights(second), weights(at_once))
    assert history(second, "samples") == history(at_once, "samples")


def test_the_model_that_is_gone_on_from_stays_and_is_what_to_beat(
    frame: Frame, keep: Train, cloud: Cloud
) -> None:
    first = keep("first", epochs=20)
    before = weights(first)
    worse = keep("worse", epochs=21, checkpoint="first", l2=100.0, train_samples_per_iteration=300)
    np.testing.assert_array_equal(weights(first), before)
    np.testing.assert_array_equal(weights(worse), before)
    assert performance(cloud, worse, frame).mse == performance(cloud, first, frame).mse


def test_on_other_data_scales_stay_and_the_metrics_are_of_the_new_rows(
    frame: Frame, frame_of: MakeFrame, keep: Train, store: Store, cloud: Cloud
) -> None:
    first = keep("first", epochs=5)
    random = np.random.default_rng(1)
    other = frame_of(
        {
            "a": random.normal(5, 3, 100),
            "b": random.normal(5, 3, 100),
            "colour": ["red", None] * 50,
            "y": ["no", "yes"] * 50,
        },
        {"y": ("no", "yes")},
    )
    store.put("other", other)
    second = keep(
        "second",
        training_frame="other",
        ignored_columns=None,
        checkpoint="first",
        epochs=40,
        overwrite_with_best_model=False,
        stopping_rounds=0,
        classification_stop=-1.0,
    )
    assert [p.shift for p in second.data.predictors] == [p.shift for p in first.data.predictors]
    assert second.data.predictors[0].missing_seen
    assert second.output.training_metrics.nobs == 100
    assert second.output.scoring_history.column("samples")[-1] == 5 * 300 + 35 * 100
    assert performance(cloud, second, other).mse < performance(cloud, first, other).mse


@pytest.mark.parametrize(
    ("change", "grows"),
    [({"l2": 0.1}, False), ({"max_w2": 0.1}, False), ({"l1": 0.05}, False), ({"l2": 0.0}, True)],
)
def test_regularisation_may_change_on_the_way(
    frame: Frame, keep: Train, change: dict[str, float], grows: bool
) -> None:
    first = keep("first", epochs=10, l2=1e-3)
    options = {"epochs": 30, "overwrite_with_best_model": False, "stopping_rounds": 0, "l2": 1e-3}
    second = keep("second", **{**options, **change, "checkpoint": "first"})
    norms = [float(np.square(weights(model)).sum()) for model in (first, second)]
    assert (norms[1] > norms[0]) == grows


def test_an_unstable_training_can_go_on_from_where_it_was_sound(frame: Frame, keep: Train) -> None:
    options = dict(SMALL, response_column="z", adaptive_rate=False, reproducible=True)
    first = keep(
        "first",
        **options,
        rate=2.0,
        initial_weight_distribution="Normal",
        train_samples_per_iteration=1,
        epochs=3,
    )
    assert first.output.status is ModelStatus.UNSTABLE
    second = keep("second", **options, rate=2.0, epochs=4, checkpoint="first")
    assert np.isfinite(weights(second)).all(), "the sound weights it started from are still the best"


@pytest.mark.parametrize("nodes", BOTH[1:], indirect=True)
def test_a_model_goes_on_when_its_rows_lie_elsewhere(frame: Frame, keep: Train, store: Store) -> None:
    first = keep("first", epochs=3)
    assert isinstance(first.checkpoint, Checkpoint)
    store.put("first", replace(first, checkpoint=replace(first.checkpoint, trained=(900,))))
    second = keep("second", epochs=4, checkpoint="first", train_samples_per_iteration=0)
    assert isinstance(second.checkpoint, Checkpoint)
    assert second.checkpoint.trained == (400, 400, 400)


# what is refused

CHANGED: dict[str, Any] = {
    "response_column": "b",
    "offset_column": "b",
    "nfolds": 3,
    "hidden": (8, 8),
    "activation": "Tanh",
    "autoencoder": True,
    "use_all_factor_levels": False,
    "standardize": False,
    "sparse": True,
    "ignore_const_cols": False,
    "categorical_encoding": "Binary",
    "max_categorical_features": 10,
    "adaptive_rate": False,
    "rho": 0.5,
    "epsilon": 1e-6,
    "rate": 0.1,
    "rate_annealing": 0.1,
    "rate_decay": 0.5,
    "momentum_start": 0.5,
    "momentum_ramp": 10.0,
    "momentum_stable": 0.5,
    "nesterov_accelerated_gradient": False,
    "distribution": "laplace",
    "quantile_alpha": 0.1,
    "tweedie_power": 1.1,
    "huber_alpha": 0.5,
    "sparsity_beta": 0.5,
}
FREE: dict[str, Any] = {
    "l1": 0.1,
    "l2": 0.1,
    "max_w2": 1.0,
    "input_dropout_ratio": 0.2,
    "loss": "Absolute",
    "seed": 7,
    "epochs": 100.0,
    "score_interval": 1.0,
    "stopping_rounds": 0,
    "overwrite_with_best_model": False,
    "missing_values_handling": "Skip",
    "reproducible": True,
    "train_samples_per_iteration": 10,
    "distribution": "bernoulli",
}


@pytest.fixture
def refused(cloud: Cloud, frame: Frame, keep: Train) -> Callable[..., dict[str, str]]:
    """What going on from a model with other parameters or frames is refused for: texts by field."""
    model = keep("first", epochs=1)

    def check(training: Frame = frame, validation: Frame | None = None, **changes: Any) -> dict[str, str]:
        base = {**SMALL, "ignored_columns": ("z",), "checkpoint": "first", "epochs": 2.0}
        asked = DeepLearningParameters(**{**base, **changes})
        inputs = Inputs(training, validation, {"checkpoint": changes.get("model", model)})
        messages = validate(asked, inputs, cloud)
        errors = [one for one in messages if one.severity is Severity.ERROR]
        return {one.field: " ".join(e.text for e in errors if e.field == one.field) for one in errors}

    return check


@pytest.mark.parametrize("name", FIXED)
def test_a_parameter_that_must_not_change_is_refused_by_name(
    refused: Callable[..., dict[str, str]], name: str
) -> None:
    assert f"{name} cannot change" in refused(**{name: CHANGED[name]})[name]


@pytest.mark.parametrize("name", FREE)
def test_other_parameters_may_change(refused: Callable[..., dict[str, str]], name: str) -> None:
    assert refused(**{name: FREE[name]}) == {}


@pytest.mark.parametrize("epochs", [0.5, 1.0])
def test_no_more_epochs_than_were_trained_are_refused(
    refused: Callable[..., dict[str, str]], epochs: float
) -> None:
    assert "more than the 1 that 'first' was trained for" in refused(epochs=epochs)["epochs"]


def test_frames_that_do_not_fit_the_checkpoint_are_refused(
    refused: Callable[..., dict[str, str]], frame: Frame, frame_of: MakeFrame
) -> None:
    assert "trained without a validation frame" in refused(validation=frame)["validation_frame"]
    assert "[colour]" in refused(ignored_columns=("z", "colour"))["training_frame"]
    assert "not trained on: [z]" in refused(ignored_columns=None)["training_frame"]
    columns: dict[str, Any] = {"a": [1.0, 2.0], "b": [1.0, 2.0], "y": ["no", "yes"]}
    said = refused(frame_of({**columns, "colour": [1.0, 2.0]}), ignored_columns=None)
    assert "'colour' is int, but 'first' was trained on categories there" in said["training_frame"]
    said = refused(frame_of({**columns, "colour": ["red", "violet"]}), ignored_columns=None)
    assert "does not know: [violet]" in said["training_frame"]
    said = refused(
        frame_of({**columns, "colour": ["red", "blue"], "y": ["no", "maybe"]}), ignored_columns=None
    )
    assert "does not know: [maybe]" in said["training_frame"]


def test_a_model_without_a_checkpoint_is_refused(cloud: Cloud, frame: Frame, keep: Train) -> None:
    model = replace(keep("first", epochs=1), checkpoint=None)
    asked = DeepLearningParameters(**SMALL, checkpoint="first")
    texts = [one.text for one in validate(asked, Inputs(frame, None, {"checkpoint": model}), cloud)]
    assert any("name a deep learning model" in text for text in texts)


def test_a_failed_continuation_leaves_nothing(
    frame: Frame, keep: Train, start: Callable[..., Job], store: Store
) -> None:
    keep("first", epochs=1)
    job = start(**SMALL, ignored_columns=("z",), checkpoint="first", epochs=1.0)
    assert job.wait(30)
    assert job.status is JobStatus.FAILED
    assert "epochs" in (job.exception or "")


# what it costs


def test_what_the_step_rule_remembers_is_on_disk_and_in_memory_only_if_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = np.random.default_rng(0).normal(size=(2, 300)).astype(np.float32)
    kept = on_disk(state)
    assert isinstance(kept, np.memmap)

    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    for copy in (kept, on_disk(state), on_disk(state[:0])):
        np.testing.assert_array_equal(copy, state[: len(copy)])
        assert copy.base is not state
    assert not isinstance(on_disk(state), np.memmap)
