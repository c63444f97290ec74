"""Rows drawn by class: how often, which, and what puts the probabilities right afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from aquifer_algos.adaptation import Adapted, adapt
from aquifer_algos.balance import ClassTotals, balance, class_totals, correction, sampling_factors
from aquifer_algos.datainfo import Response
from aquifer_algos.description import describe
from aquifer_algos.moments import rolled_up
from aquifer_algos.scaling import Scaling
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import Frame

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
FEW = [900, 25, 25, 25, 25]


def totals(rows: list[int], weight: list[float] | None = None) -> ClassTotals:
    return ClassTotals(np.array(rows), np.array(rows if weight is None else weight, float))


@pytest.mark.parametrize(
    ("counted", "given", "largest", "factors"),
    [
        pytest.param(
            totals(FEW), None, 5.0, [1, 36, 36, 36, 36], id="as many of each as of the most frequent"
        ),
        pytest.param(totals(FEW), None, 3.0, [2 / 3, 24, 24, 24, 24], id="at most three times the rows"),
        pytest.param(totals(FEW), None, 0.5, [1 / 9, 4, 4, 4, 4], id="at most half the rows"),
        pytest.param(totals(FEW), [1, 2, 3, 4, 5], 5.0, [1, 2, 3, 4, 5], id="as given"),
        pytest.param(totals([10, 10]), [2, 2], 1.0, [1, 1], id="as given, but no more rows than there are"),
        pytest.param(totals([8, 0, 2]), None, 5.0, [1, 0, 4], id="a level that no row has"),
        pytest.param(totals([6, 6], [6, 3]), None, 5.0, [1, 2], id="weights count, not rows"),
    ],
)
def test_factors_make_the_classes_alike(
    counted: ClassTotals, given: list[float] | None, largest: float, factors: list[float]
) -> None:
    assert sampling_factors(counted, given, largest) == pytest.approx(factors)


def test_a_correction_is_the_share_before_over_the_share_after() -> None:
    before, after = np.array([90.0, 10.0, 0.0]), np.array([50.0, 50.0, 0.0])
    assert correction(before, after) == pytest.approx((0.9 / 0.5, 0.1 / 0.5, 1.0))


def test_corrected_probabilities_add_up_to_one_and_keep_the_odds_ratio() -> None:
    response = Response("y", ("a", "b"), correction=(1.8, 0.2))
    found = response.predicted(np.array([[0.5, 0.5], [0.1, 0.9]], np.float32))
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found[:, 1] / found[:, 0] == pytest.approx([1 / 9, 9 / 9])


@pytest.fixture
def adapted(frame_of: Callable[..., Frame]) -> Callable[..., Adapted]:
    """A frame read by a model of its columns x and y, and w as weights if it has one."""

    def make(columns: dict[str, list[object]], skip_missing: bool = False) -> Adapted:
        frame = frame_of(columns)
        data = describe(
            frame,
            ["x"],
            Response("y", frame.column("y").domain),
            rolled_up(frame),
            Scaling.of(True, False),
            weights="w" if "w" in columns else None,
            skip_missing=skip_missing,
        )
        return adapt(data, frame)

    return make


@pytest.mark.parametrize("nodes", BOTH)
def test_each_row_of_a_class_is_there_as_often_as_the_factor_says(
    cloud: Cloud, adapted: Callable[..., Adapted]
) -> None:
    given = adapted({"x": list(range(100)), "y": ["a"] * 90 + ["b"] * 10})
    found = balance(cloud, given, None, 5.0, seed=1)
    assert found.factors == (1.0, 9.0)
    x, y = cloud.read(found.training.frame)
    assert Counter(x) == {**dict.fromkeys(range(90), 1), **dict.fromkeys(range(90, 100), 9)}
    assert all(code == (row >= 90) for row, code in zip(x, y, strict=True))
    shards = found.training.frame.layout.rows_by_node(cloud.size)
    assert max(shards) < 1.2 * min(shards)
    assert found.training.reader.data.response.correction == pytest.approx((1.8, 0.2))


@pytest.mark.parametrize("nodes", [0])
def test_a_fraction_decides_by_lot_the_same_for_the_same_seed(
    cloud: Cloud, adapted: Callable[..., Adapted]
) -> None:
    given = adapted({"x": list(range(2000)), "y": ["a", "b"] * 1000})
    drawn = [balance(cloud, given, [0.25, 1.5], 5.0, seed).training for seed in (1, 1, 2)]
    first, again, other = [cloud.read(training.frame)[0] for training in drawn]
    assert (first == again).all()
    assert Counter(first) != Counter(other)
    assert class_totals(cloud, drawn[0]).rows == pytest.approx([250, 1500], rel=0.1)
    assert set(Counter(first[first % 2 == 1]).values()) == {1, 2}


@pytest.mark.parametrize("nodes", [0])
def test_rows_that_cannot_be_trained_on_neither_count_nor_are_drawn(
    cloud: Cloud, adapted: Callable[..., Adapted]
) -> None:
    given = adapted(
        {
            "x": [0, 1, 2, 3, None, 5, 6],
            "y": ["a", "a", "a", "b", "b", None, "b"],
            "w": [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.0],
        },
        skip_missing=True,
    )
    assert class_totals(cloud, given).rows.tolist() == [3, 1]
    assert class_totals(cloud, given).weight.tolist() == [4, 1]
    found = balance(cloud, given, None, 5.0, seed=1)
    assert Counter(cloud.read(found.training.frame.select(["x"]))[0]) == {0: 1, 1: 1, 2: 1, 3: 4}


@pytest.mark.parametrize("nodes", [0])
def test_a_class_that_loses_all_its_rows_is_refused_by_name(
    cloud: Cloud, adapted: Callable[..., Adapted]
) -> None:
    given = adapted({"x": list(range(11)), "y": ["a"] * 10 + ["b"]})
    with pytest.raises(InvalidArgument, match="leaves no row of class 'b', which has 1"):
        balance(cloud, given, [1, 1e-9], 5.0, seed=1)


@pytest.mark.parametrize("nodes", [0])
def test_rows_that_do_not_fit_are_refused_before_any_is_made(
    cloud: Cloud, adapted: Callable[..., Adapted]
) -> None:
    given = adapted({"x": [row / 7 for row in range(1000)], "y": ["a", "b"] * 500})
    with pytest.raises(MemoryExceeded, match="The balanced training frame"):
        balance(cloud, given, [1e9, 1e9], 1e9, seed=1)
