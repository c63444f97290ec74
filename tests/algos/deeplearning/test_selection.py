"""When a network is scored and on which rows (`score_validation_sampling`), and which one is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.deeplearning.history import NOTHING_DONE, HistoryRow
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.selection import is_enough, is_time_to_score, is_to_keep
from aquifer_algos.draw import Draw
from aquifer_algos.model import Model
from aquifer_algos.stopping import STOPPING_METRICS
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

NAN = math.nan
Numbers = dict[str, float]


def scored(training: Numbers, validation: Numbers | None = None) -> HistoryRow:
    return HistoryRow(NOTHING_DONE, training, validation)


# seconds since the last scoring began, seconds that it took, interval, duty cycle, is it time?
TIMES = {
    "within the interval": (4.9, 0.01, 5.0, 0.1, False),
    "after the interval": (5.1, 0.01, 5.0, 0.1, True),
    "no interval": (0.02, 0.001, 0.0, 0.1, True),
    "scoring took too much of the time": (9.9, 1.0, 5.0, 0.1, False),
    "just enough time went by": (10.1, 1.0, 5.0, 0.1, True),
    "a duty cycle of 1 lets it score whenever it is not scoring": (5.1, 5.0, 5.0, 1.0, True),
    "a duty cycle of 0 never does": (1e9, 1e-9, 0.0, 0.0, False),
}


@pytest.mark.parametrize(("since", "took", "interval", "cycle", "due"), TIMES.values(), ids=TIMES)
def test_scoring_keeps_to_its_interval_and_its_share_of_the_time(
    since: float, took: float, interval: float, cycle: float, due: bool
) -> None:
    parameters = DeepLearningParameters(score_interval=interval, score_duty_cycle=cycle)
    assert is_time_to_score(since, took, parameters) is due


def test_in_the_long_run_scoring_takes_no_more_than_its_share() -> None:
    parameters = DeepLearningParameters(score_interval=0.0, score_duty_cycle=0.1)
    clock, scoring, last = 0.0, 0.0, 0.0
    for _ in range(20_000):  # an iteration takes 0.05 s, a scoring 0.3 s
        clock += 0.05
        if is_time_to_score(clock - last, 0.3, parameters):
            last, clock, scoring = clock, clock + 0.3, scoring + 0.3
    assert 0.08 < scoring / clock <= 0.1


@pytest.mark.parametrize("name", STOPPING_METRICS)
def test_the_better_network_is_kept_by_the_metric_that_is_watched(name: str) -> None:
    watched, parameters = STOPPING_METRICS[name], DeepLearningParameters(stopping_metric=name)
    worse, better = (0.4, 0.6) if watched.higher_is_better else (0.6, 0.4)
    rows = {value: scored({watched.attribute: value}) for value in (worse, better, NAN)}
    assert is_to_keep(rows[better], rows[worse], parameters)
    assert not is_to_keep(rows[worse], rows[better], parameters)
    assert not is_to_keep(rows[better], rows[better], parameters), "of equal ones the first stays"
    assert is_to_keep(rows[worse], None, parameters)
    assert is_to_keep(rows[worse], rows[NAN], parameters)
    assert not is_to_keep(rows[NAN], rows[worse], parameters)


def test_validation_decides_if_there_is_one_and_the_last_is_kept_if_that_is_wanted() -> None:
    first, second = scored({"logloss": 0.9}, {"logloss": 0.3}), scored({"logloss": 0.1}, {"logloss": 0.4})
    parameters = DeepLearningParameters(stopping_metric="logloss")
    assert not is_to_keep(second, first, parameters)
    assert is_to_keep(second, first, parameters.model_copy(update={"overwrite_with_best_model": False}))


@pytest.mark.parametrize(
    ("parameters", "training", "enough"),
    [
        ({"classification_stop": 0.1}, {"err": 0.1}, True),
        ({"classification_stop": 0.1}, {"err": 0.11}, False),
        ({"classification_stop": -1.0}, {"err": 0.0}, False),
        ({"classification_stop": 0.5, "regression_stop": -1.0}, {"mse": 0.0}, False),
        ({"regression_stop": 0.5}, {"mse": 0.5}, True),
        ({"regression_stop": 0.5}, {"mse": 0.6}, False),
        ({"regression_stop": 0.5}, {"mse": NAN}, False),
    ],
)
def test_a_goal_is_for_the_error_on_the_training_rows(
    parameters: dict[str, Any], training: Numbers, enough: bool
) -> None:
    watched = DeepLearningParameters(stopping_metric="MSE", **parameters)
    assert is_enough([scored(training, {"err": 0.0, "mse": 0.0})], watched) is enough


def test_want_of_improvement_is_enough() -> None:
    rows = [HistoryRow(NOTHING_DONE, None, None), *(scored({"err": 0.5, "logloss": 0.7}) for _ in range(4))]
    parameters = DeepLearningParameters(stopping_metric="logloss", stopping_rounds=2)
    assert is_enough(rows, parameters)
    assert not is_enough(rows, parameters.model_copy(update={"stopping_rounds": 3}))
    assert not is_enough(rows[:-1], parameters)


# which validation rows


def test_stratified_rows_keep_the_share_of_each_class_to_one_row() -> None:
    classes = np.repeat([-1, 0, 1, 2], [10, 900, 80, 10])
    for seed in range(5):
        drawn = Draw(0.2, seed, stratified=True).rows(0, classes)
        for level, wanted in {-1: 2, 0: 180, 1: 16, 2: 2}.items():
            assert abs(int(drawn[classes == level].sum()) - wanted) <= 1
    uniform = [int(Draw(0.2, seed).rows(0, classes)[classes == 0].sum()) for seed in range(5)]
    assert max(abs(count - 180) for count in uniform) > 1


def test_a_draw_repeats_and_differs_by_seed_and_block() -> None:
    classes = np.arange(200) % 3
    for stratified in (False, True):
        first, *others = (
            Draw(0.5, seed, stratified).rows(block, classes)
            for seed, block in ((-7, 0), (-7, 0), (8, 0), (-7, 1))
        )
        assert [bool((first != other).any()) for other in others] == [False, True, True]


@pytest.mark.parametrize(("sampling", "said"), [("Uniform", ""), ("Stratified", " (stratified sampling)")])
def test_the_model_says_on_which_rows_it_was_validated(
    frame_of: Callable[..., Frame], store: Store, train: Callable[..., Model], sampling: str, said: str
) -> None:
    rare = ["yes" if row % 100 == 0 else "no" for row in range(2000)]
    store.put("f", frame_of({"x": np.random.default_rng(0).normal(size=2000), "y": rare}))
    model = train(
        training_frame="f",
        validation_frame="f",
        response_column="y",
        hidden=[2],
        epochs=0.1,
        score_validation_samples=200,
        score_validation_sampling=sampling,
    )
    assert model.output.descriptions[1] == f"Metrics reported on 10.0% of the validation frame{said}"
    metrics = model.output.validation_metrics
    assert metrics is not None
    if said:
        assert abs(metrics.nobs - 200) <= 4
