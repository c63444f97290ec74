"""Training a model as a job, end to end, on one node and on three."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.datainfo import ModelCategory
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.model import Model, ModelStatus
from aquifer_algos.prediction import performance, predict, score_names
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import KeyNotFound
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job, Jobs, JobStatus
from aquifer_cluster.store import Store
from structlog.testing import capture_logs

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
SMALL: dict[str, Any] = {"training_frame": "f", "response_column": "y", "hidden": [8], "seed": 1}

Train = Callable[..., Model]
MakeFrame = Callable[..., Frame]


@pytest.fixture
def blobs(frame_of: MakeFrame, store: Store) -> Frame:
    """Three clouds of points with some overlap, as frame `f`."""
    random = np.random.default_rng(0)
    label = random.integers(0, 3, 600)
    centre = np.array([[0, 0], [3, 0], [0, 3]])[label]
    x = centre + random.normal(0, 1, (600, 2))
    frame = frame_of({"a": x[:, 0], "b": x[:, 1], "y": [f"class {i}" for i in label]})
    store.put("f", frame)
    return frame


@pytest.fixture
def line(frame_of: MakeFrame, store: Store) -> Frame:
    """y = 100 + 20 a - 10 b, as frame `f`."""
    x = np.random.default_rng(0).normal(5, 2, (500, 2))
    frame = frame_of({"a": x[:, 0], "b": x[:, 1], "y": 100 + 20 * x[:, 0] - 10 * x[:, 1]})
    store.put("f", frame)
    return frame


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_irises_are_told_apart(iris: Frame, store: Store, cloud: Cloud, train: Train) -> None:
    store.put("iris", iris)
    model = train(
        training_frame="iris",
        validation_frame="iris",
        response_column="class",
        hidden=[20, 20],
        epochs=150,
        seed=7,
    )
    assert model.category is ModelCategory.MULTINOMIAL
    assert model.output.validation_metrics is not None
    assert model.output.validation_metrics.err <= 0.05  # type: ignore[union-attr]
    assert model.output.status in (ModelStatus.COMPLETE, ModelStatus.STOPPED_EARLY)
    assert model.names == ("sepal_len", "sepal_wid", "petal_len", "petal_wid", "class")
    assert model.column_types == ("Numeric",) * 4 + ("Enum",)
    predictions = predict(cloud, model, iris)
    assert predictions.names == ("predict", "Iris-setosa", "Iris-versicolor", "Iris-virginica")
    label, *probabilities = cloud.read(predictions)
    np.testing.assert_allclose(np.sum(probabilities, axis=0), 1.0, atol=1e-5)
    np.testing.assert_array_equal(label, np.argmax(probabilities, axis=0))
    actual = cloud.read(iris.select(["class"]))[0]
    metrics = performance(cloud, model, iris)
    assert metrics.err == pytest.approx(np.mean(label != actual))  # type: ignore[union-attr]
    assert metrics.err == model.output.validation_metrics.err  # type: ignore[union-attr]


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_a_line_is_learnt_in_the_units_of_the_response(
    line: Frame, cloud: Cloud, train: Train, nodes: int
) -> None:
    model = train(**SMALL, epochs=100 if nodes == 0 else 300, activation="Tanh", stopping_rounds=0)
    (predicted,) = cloud.read(predict(cloud, model, line))
    actual = cloud.read(line.select(["y"]))[0]
    assert model.category is ModelCategory.REGRESSION
    assert model.output.training_metrics.mse == pytest.approx(np.mean((predicted - actual) ** 2), rel=1e-3)
    assert model.output.training_metrics.mse < 0.02 * np.var(actual)


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_predictions_are_what_the_weights_say(blobs: Frame, cloud: Cloud, train: Train) -> None:
    model = train(**SMALL, epochs=3)
    assert isinstance(model.scorer, NetworkScorer)
    network = model.scorer.network
    a, b, _ = cloud.read(blobs)
    x = np.column_stack([(v - v.mean()) / v.std(ddof=1) for v in (a, b)])
    hidden = np.maximum(x @ network.matrix(0).T + network.bias(0), 0)
    sums = np.exp(hidden @ network.matrix(1).T + network.bias(1))
    probabilities = cloud.read(predict(cloud, model, blobs))[1:]
    np.testing.assert_allclose(np.column_stack(probabilities), sums / sums.sum(1, keepdims=True), atol=1e-5)


def test_two_classes_are_decided_by_the_threshold_that_is_best_for_f1(
    frame_of: MakeFrame, store: Store, cloud: Cloud, train: Train
) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=400)
    frame = frame_of({"x": x, "y": ["yes" if v + random.normal() > 1 else "no" for v in x]})
    store.put("f", frame)
    model = train(**SMALL, epochs=20)
    assert model.category is ModelCategory.BINOMIAL
    assert model.default_threshold == model.output.training_metrics.default_threshold  # type: ignore[union-attr]
    label, _, yes = cloud.read(predict(cloud, model, frame))
    np.testing.assert_array_equal(label, yes >= model.default_threshold)
    assert 0.0 < model.default_threshold < 0.5, "rare positives are found with a threshold below one half"


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_reproducible_training_repeats_bit_for_bit(blobs: Frame, train: Train) -> None:
    options = dict(
        SMALL, epochs=5, reproducible=True, activation="RectifierWithDropout", input_dropout_ratio=0.1
    )
    first, second, other = train(**options), train(**options), train(**{**options, "seed": 2})
    weights = [model.scorer.network.weights for model in (first, second, other)]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()
    assert first.output.scoring_history.column("epochs") == second.output.scoring_history.column("epochs")


@pytest.mark.parametrize("nodes", [pytest.param(3, id="ray", marks=pytest.mark.ray)], indirect=True)
def test_an_iterations_log_line_names_the_process_of_every_node(
    blobs: Frame, cloud: Cloud, train: Train
) -> None:
    with capture_logs() as lines:
        train(**SMALL, epochs=2, train_samples_per_iteration=600)
    iterations = [line for line in lines if line["event"] == "iteration"]
    assert [line["iteration"] for line in iterations] == [1, 2]
    assert set(iterations[0]["pids"]) == {status.pid for status in cloud.statuses() if status}
    assert len(set(iterations[0]["pids"])) == 3
    assert sum(iterations[0]["rows"]) == 600


@pytest.mark.parametrize("nodes", [pytest.param(3, id="ray", marks=pytest.mark.ray)], indirect=True)
def test_nodes_without_rows_are_left_out(frame_of: MakeFrame, store: Store, train: Train) -> None:
    store.put("f", frame_of({"x": [1.0, 2.0], "y": ["a", "b"]}, blocks=1))
    assert train(**SMALL, epochs=10).output.training_metrics.nobs == 2


def test_the_best_scored_model_is_the_result_unless_the_last_is_wanted(blobs: Frame, train: Train) -> None:
    options = dict(
        SMALL, epochs=40, score_each_iteration=True, stopping_rounds=0, adaptive_rate=False, rate=0.2
    )
    options |= {"train_samples_per_iteration": 100, "classification_stop": -1}
    best = train(**options)
    losses = best.output.scoring_history.column("training_logloss")
    assert best.output.training_metrics.logloss == np.nanmin(np.array(losses, float))  # type: ignore[union-attr]
    assert losses[-1] == np.nanmin(np.array(losses, float)), "the history ends with the model that was taken"
    last = train(**options, overwrite_with_best_model=False)
    losses = last.output.scoring_history.column("training_logloss")
    assert last.output.training_metrics.logloss == losses[-1]  # type: ignore[union-attr]
    assert len(losses) == 1 + 240


def test_training_stops_when_the_metric_no_longer_improves(blobs: Frame, train: Train) -> None:
    model = train(
        **SMALL,
        epochs=10_000,
        score_each_iteration=True,
        train_samples_per_iteration=600,
        stopping_rounds=2,
        stopping_tolerance=0.1,
        classification_stop=-1,
    )
    assert model.output.status is ModelStatus.STOPPED_EARLY
    assert 5 <= model.output.scoring_history.rowcount < 100


def test_training_stops_at_the_goal_for_the_training_error(blobs: Frame, train: Train) -> None:
    model = train(**SMALL, epochs=1e6, score_each_iteration=True, classification_stop=0.3)
    assert model.output.status is ModelStatus.STOPPED_EARLY
    assert model.output.training_metrics.err <= 0.3  # type: ignore[union-attr]


def test_training_ends_when_its_time_is_up_with_the_model_it_has(blobs: Frame, train: Train) -> None:
    began = time.monotonic()
    model = train(**SMALL, epochs=1e9, max_runtime_secs=1.0, stopping_rounds=0, classification_stop=-1)
    assert model.output.status is ModelStatus.OUT_OF_TIME
    assert 1.0 <= time.monotonic() - began < 6.0


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_a_cancelled_job_ends_within_a_second_and_leaves_the_best_model_so_far(
    blobs: Frame, start: Callable[..., Job], jobs: Jobs, store: Store, cloud: Cloud
) -> None:
    job = start(**SMALL, epochs=1e9, stopping_rounds=0, classification_stop=-1)
    until = time.monotonic() + 30
    while not job.history and time.monotonic() < until:
        time.sleep(0.01)
    jobs.cancel(job)
    assert job.wait(1.0)
    assert job.status is JobStatus.CANCELLED
    model = store.get("model", Model)
    assert model.output.status is ModelStatus.CANCELLED
    assert performance(cloud, model, blobs).nobs == 600


def test_a_job_cancelled_before_anything_was_scored_leaves_nothing(
    blobs: Frame, start: Callable[..., Job], jobs: Jobs, store: Store
) -> None:
    job = start(**SMALL, epochs=1e9, train_samples_per_iteration=10**12, reproducible=True)
    jobs.cancel(job)
    assert job.wait(2.0)
    assert job.status is JobStatus.CANCELLED
    assert store.keys() == ["f"]


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_cancelling_at_any_moment_leaves_the_best_model_so_far_or_nothing(
    blobs: Frame,
    start: Callable[..., Job],
    train: Train,
    jobs: Jobs,
    store: Store,
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train(**SMALL, epochs=1)  # all is compiled: that cannot be cancelled
    store.remove("model")
    kept = []
    for moment in range(12):
        left = iter(range(moment))

        def update(job: Job, *said: Any, left: Any = left, update: Any = Job.update) -> None:
            update(job, *said)
            if next(left, None) is None:
                jobs.cancel(job)

        with monkeypatch.context() as patch:
            patch.setattr(Job, "update", update)
            job = start(
                **SMALL,
                epochs=1e9,
                train_samples_per_iteration=600,
                score_each_iteration=True,
                stopping_rounds=0,
            )
            assert job.wait(30)
        assert job.status is JobStatus.CANCELLED
        model = store.find("model", Model)
        kept.append(model is not None)
        if model is not None:
            assert model.output.status is ModelStatus.CANCELLED
            logloss = np.array(model.output.scoring_history.column("training_logloss"), float)
            assert model.output.training_metrics.logloss == np.nanmin(logloss)  # type: ignore[union-attr]
            assert performance(cloud, model, blobs).nobs == 600
        store.remove("model")
    assert not kept[0]
    assert kept[-1]
    assert kept == sorted(kept), "once there is something to keep, it is kept"


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_an_unstable_network_fails_with_the_remedy_and_leaves_nothing(
    line: Frame, start: Callable[..., Job], store: Store
) -> None:
    job = start(**SMALL, adaptive_rate=False, rate=1e6, epochs=5)
    assert job.wait(30)
    assert job.status is JobStatus.FAILED
    assert "unstable" in (job.exception or "")
    assert "smaller rate" in (job.exception or "")
    assert store.keys() == ["f"]


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_a_network_that_becomes_unstable_later_leaves_the_best_sound_model(
    line: Frame, start: Callable[..., Job], store: Store, cloud: Cloud
) -> None:
    job = start(
        **SMALL,
        adaptive_rate=False,
        rate=100,
        activation="Tanh",
        epochs=5,
        train_samples_per_iteration=1,
        reproducible=True,
    )
    assert job.wait(30)
    assert job.status is JobStatus.DONE
    assert "unstable" in job.warnings[-1]
    model = store.get("model", Model)
    assert model.output.status is ModelStatus.UNSTABLE
    assert np.isfinite(performance(cloud, model, line).mse)


def test_weights_of_zero_leave_rows_out(
    blobs: Frame, frame_of: MakeFrame, store: Store, cloud: Cloud, train: Train
) -> None:
    a, b, y = cloud.read(blobs)
    domain = blobs.column("y").domain or ()
    spoilt = [domain[0]] * 600
    columns = {"a": np.tile(a, 2), "b": np.tile(b, 2), "y": [*(domain[i] for i in y), *spoilt]}
    store.put("f", frame_of({**columns, "w": [1.0] * 600 + [0.0] * 600}))
    model = train(**SMALL, weights_column="w", epochs=20)
    assert model.output.training_metrics.nobs == 600
    assert performance(cloud, model, blobs).err < 0.15  # type: ignore[union-attr]
    assert model.names == ("a", "b", "w", "y")


def test_a_sample_of_the_training_rows_is_scored_and_said(blobs: Frame, train: Train) -> None:
    model = train(**SMALL, epochs=1, score_training_samples=100)
    assert model.output.training_metrics.nobs == 100
    assert model.output.descriptions[0] == "Metrics reported on temporary training frame with 100 samples"
    model = train(**SMALL, epochs=1, score_training_samples=0)
    assert model.output.training_metrics.nobs == 600


def test_about_the_wanted_number_of_validation_rows_is_scored(blobs: Frame, train: Train) -> None:
    model = train(**SMALL, epochs=1, validation_frame="f", score_validation_samples=200)
    assert model.output.validation_metrics is not None
    assert 150 < model.output.validation_metrics.nobs < 250


def test_parameters_that_cannot_work_fail_before_anything_is_made(
    blobs: Frame, start: Callable[..., Job], store: Store
) -> None:
    job = start(**{**SMALL, "response_column": "nope"})
    assert job.wait(10)
    assert job.status is JobStatus.FAILED
    assert "'nope' not found" in (job.exception or "")
    assert store.keys() == ["f"]


def test_progress_says_how_far_how_fast_and_how_good(
    blobs: Frame, start: Callable[..., Job], jobs: Jobs
) -> None:
    job = start(**SMALL, epochs=1e6, validation_frame="f", classification_stop=-1, stopping_rounds=0)
    until = time.monotonic() + 30
    while not ("left" in job.message and "validation" in job.message) and time.monotonic() < until:
        time.sleep(0.01)
    said = job.message
    jobs.cancel(job)
    assert job.wait(5)
    assert said.startswith("epochs ")
    assert "/1e+06, " in said
    assert " rows/s, validation error 0." in said
    assert job.history[0]["validation_logloss"] > 0


@pytest.mark.parametrize("sparse", [False, True])
def test_the_summary_describes_each_layer(blobs: Frame, train: Train, sparse: bool) -> None:
    options = {**SMALL, "hidden": [8, 4], "activation": "TanhWithDropout", "sparse": sparse}
    summary = train(**options, l1=1e-4, epochs=1).output.model_summary
    assert summary.column("units") == (2, 8, 4, 3)
    assert summary.column("type") == ("Input", "TanhDropout", "TanhDropout", "Softmax")
    assert summary.column("dropout") == (0.0, 50.0, 50.0, None)
    assert summary.column("l1") == (None, 1e-4, 1e-4, 1e-4)
    assert "predicting y, 3-class classification" in summary.description


def test_without_diagnostics_and_importances_they_are_left_out(blobs: Frame, train: Train) -> None:
    model = train(**SMALL, epochs=1, diagnostics=False, variable_importances=False)
    assert set(model.output.model_summary.column("mean_weight")) == {None}
    assert model.output.variable_importances is None


def test_the_effective_parameters_say_what_was_decided(blobs: Frame, train: Train) -> None:
    asked = {**SMALL, "seed": -1, "activation": "RectifierWithDropout"}
    effective = train(**asked, epochs=1).effective.model_dump()
    assert effective["seed"] > 0
    assert effective["distribution"] == "multinomial"
    assert effective["loss"] == "CrossEntropy"
    assert effective["stopping_metric"] == "logloss"
    assert effective["hidden_dropout_ratios"] == (0.5,)


def test_columns_of_probabilities_are_named_as_in_h2o() -> None:
    assert score_names(("0", "1")) == ("p0", "p1")
    assert score_names(("no", "yes")) == ("no", "yes")
    assert score_names(("1", "p1", "predict")) == ("p1", "pp1", "ppredict")


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_a_training_keeps_the_memory_of_its_matrix_until_it_ends(
    blobs: Frame, cloud: Cloud, start: Callable[..., Job], jobs: Jobs, store: Store, sparse: bool
) -> None:
    with cloud.reserve("Another job", 0, most=cloud.memory):
        refused = start(**SMALL, sparse=sparse)
        assert refused.wait(60)
        assert refused.status is JobStatus.FAILED
        assert "The training matrix needs about" in (refused.exception or "")
        assert store.get("f", Frame).columns
    with pytest.raises(KeyNotFound):
        store.get("model", Model)
    job = start(**SMALL, sparse=sparse, epochs=1e9)
    until = time.monotonic() + 30
    while not job.history and time.monotonic() < until:
        time.sleep(0.01)
    with cloud.reserve("All that is free", 0, most=cloud.memory) as beside:
        jobs.cancel(job)
        assert job.wait(60)
    with cloud.reserve("All that is free", 0, most=cloud.memory) as alone:
        assert alone.room > beside.room
