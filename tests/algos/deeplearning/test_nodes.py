"""What parameters about nodes and their threads change in a training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from aquifer_algos.model import Model
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.jobs import Job
from aquifer_cluster.store import Store
from structlog.testing import capture_logs

THREE = [pytest.param(3, id="ray", marks=pytest.mark.ray)]
BOTH = [pytest.param(0, id="embedded"), *THREE]
ROWS = 300
OPTIONS: dict[str, Any] = {
    "training_frame": "f", "response_column": "y", "hidden": [4], "seed": 1, "epochs": 3,
    "train_samples_per_iteration": 0, "score_interval": 0, "score_duty_cycle": 1, "stopping_rounds": 0,
    "classification_stop": -1,
}  # fmt: skip

Train = Callable[..., Model]
Lines = list[Any]


@pytest.fixture
def sorted_frame(frame_of: Callable[..., Frame], cloud: Cloud, store: Store) -> Frame:
    """Frame `f`, sorted by the class: node 0 holds two thirds, node 1 one third, node 2 nothing."""
    y = ["a"] * (2 * ROWS // 3) + ["b"] * (ROWS // 3)
    x = np.random.default_rng(0).normal(size=ROWS) + [0 if label == "a" else 2 for label in y]
    frame = cloud.redistribute(
        frame_of({"x": x, "y": y}), Layout((ROWS // 3, ROWS // 3, ROWS // 3), (0, 0, 1))
    )
    store.put("f", frame)
    return frame


@pytest.fixture
def lines() -> Iterator[Lines]:
    with capture_logs() as captured:
        yield captured


def rows_of(lines: Lines, event: str = "iteration") -> list[list[int]]:
    return [line["rows"] for line in lines if line["event"] == event]


@pytest.mark.parametrize("nodes", THREE, indirect=True)
@pytest.mark.parametrize(
    ("settings", "held", "trained"),
    [
        ({}, [300, 300, 300], [100, 100, 100]),
        ({"replicate_training_data": False}, [100, 100, 100], [100, 100, 100]),
        (
            {"replicate_training_data": False, "force_load_balance": False},
            [200, 100, 0],
            [200, 100],
        ),
        ({"single_node_mode": True}, [300, 0, 0], [300]),
        ({"single_node_mode": True, "replicate_training_data": False}, [200, 0, 0], [200]),
        ({"train_samples_per_iteration": -1}, [300, 300, 300], [300, 300, 300]),
        (
            {"train_samples_per_iteration": -1, "replicate_training_data": False},
            [100, 100, 100],
            [100, 100, 100],
        ),
        ({"train_samples_per_iteration": 90}, [300, 300, 300], [30, 30, 30]),
    ],
    ids=lambda value: ",".join(map(str, value)) if isinstance(value, dict) else None,
)
def test_rows_that_nodes_hold_and_train_in_an_iteration(
    sorted_frame: Frame,
    train: Train,
    lines: Lines,
    settings: dict[str, Any],
    held: list[int],
    trained: list[int],
) -> None:
    model = train(**{**OPTIONS, **settings})
    assert rows_of(lines, "training data laid out") == [held]
    assert rows_of(lines)[0] == trained
    rows = max(held) if settings.get("replicate_training_data", True) else sum(held)
    assert model.output.scoring_history.column("samples")[-1] == 3 * rows


@pytest.mark.parametrize("nodes", THREE, indirect=True)
def test_shuffled_rows_give_every_node_some_of_each_class(sorted_frame: Frame, train: Train) -> None:
    """A node that has one class only learns that class; the average of such nodes knows little."""
    losses = {
        shuffle: train(
            **OPTIONS, replicate_training_data=False, shuffle_training_data=shuffle
        ).output.training_metrics.logloss  # type: ignore[union-attr]
        for shuffle in (False, True)
    }
    assert losses[True] < losses[False]


@pytest.mark.parametrize("nodes", THREE, indirect=True)
def test_replicas_that_do_not_fit_are_not_made(
    sorted_frame: Frame, cloud: Cloud, train: Train, lines: Lines
) -> None:
    matrix, network = ROWS * 80, 7000  # bytes
    with cloud.workspace() as other, cloud.reserve("All that is free", 0) as free:
        cloud.hold(other, "Other work", 3 * free.room - 2 * matrix - network)
        model = train(**OPTIONS)
    assert rows_of(lines, "training data laid out") == [[100, 100, 100]]
    assert any("replicate_training_data: each row is on one node" in text for text in model.output.warnings)


@pytest.mark.parametrize("nodes", THREE, indirect=True)
def test_one_node_that_leaves_rows_out_says_so(sorted_frame: Frame, start: Callable[..., Job]) -> None:
    job = start(**OPTIONS, single_node_mode=True, replicate_training_data=False)
    assert job.wait(60)
    assert any("leaves out 100" in warning for warning in job.warnings), job.warnings


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_reproducible_training_on_all_threads_repeats_bit_for_bit(
    frame_of: Callable[..., Frame], store: Store, train: Train, lines: Lines
) -> None:
    x = np.random.default_rng(0).normal(size=(6000, 2))
    store.put("f", frame_of({"a": x[:, 0], "b": x[:, 1], "y": x[:, 0] - np.abs(x[:, 1])}))
    options = {**OPTIONS, "hidden": [200, 200], "epochs": 1, "reproducible": True}
    weights = {}
    for run, balance in (("first", True), ("second", True), ("one thread", False)):
        model = train(**options, force_load_balance=balance)
        weights[run] = model.scorer.network.weights  # type: ignore[attr-defined]
        used = {count for line in lines if line["event"] == "iteration" for count in line["threads"]}
        assert used == ({2} if balance else {1})
        lines.clear()
    np.testing.assert_array_equal(weights["first"], weights["second"])
    assert (weights["first"] != weights["one thread"]).any()


@pytest.mark.parametrize("nodes", THREE, indirect=True)
def test_elastic_averaging_keeps_networks_apart_and_draws_them_together(
    sorted_frame: Frame, train: Train
) -> None:
    """The first consensus is the first mean; it stays if it may not move, or if nodes cannot leave it."""

    def weights(**settings: Any) -> Any:
        options = {**OPTIONS, "reproducible": True, "overwrite_with_best_model": False, **settings}
        return train(**options).scorer.network.weights  # type: ignore[attr-defined]

    elastic = {"elastic_averaging": True}
    first = weights(**elastic, epochs=1)
    for held in ({"elastic_averaging_moving_rate": 0.0}, {"elastic_averaging_regularization": 1e9}):
        np.testing.assert_allclose(weights(**elastic, **held), first, atol=1e-6)
    moved = [
        np.abs(weights(**elastic, elastic_averaging_moving_rate=rate) - first).mean() for rate in (0.3, 0.9)
    ]
    assert 0 < moved[0] < moved[1]
    assert (weights() != weights(**elastic)).any()


@pytest.mark.parametrize("nodes", THREE, indirect=True)
def test_few_rows_of_numbers_are_learnt_on_three_nodes(
    frame_of: Callable[..., Frame], store: Store, train: Train
) -> None:
    """What few inputs say in every row: the nodes' moves overlap, and must not be added up."""
    random = np.random.default_rng(1)
    x, z = random.normal(size=(2, 150))
    store.put("numbers", frame_of({"x": x.tolist(), "z": z.tolist(), "y": (2 * x + z).tolist()}))
    for seed in range(1, 4):
        model = train(training_frame="numbers", response_column="y", seed=seed)
        assert model.output.training_metrics.r2 > 0.5
