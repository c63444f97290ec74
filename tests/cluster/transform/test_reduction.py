"""Sums, means, spread, quantiles and counts, against numpy and pandas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform import dispersion, quantiles, reduction, tabulation
from aquifer_cluster.transform.choice import choose

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def test_totals_skip_or_respect_missing_values(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    numbers = make(**people[["id", "age", "height"]])
    assert math.isnan(reduction.total(numbers, skip_missing=False))
    want = np.nansum(people[["id", "age", "height"]].to_numpy())
    assert reduction.total(numbers, skip_missing=True) == pytest.approx(want)
    assert reduction.total(numbers.select(["id"]), skip_missing=False) == 1770
    assert reduction.product(cloud, make(x=[2.0, 3.0, np.nan]), skip_missing=True) == 6
    assert math.isnan(reduction.total(make(k=pd.Categorical(["a"])), skip_missing=True))


def test_extremes_are_missing_where_a_value_is(make: Make) -> None:
    frame = make(x=[3.0, -1.0], y=[7.0, 2.0], z=[1.0, np.nan])
    assert reduction.extreme(frame.select(["x", "y"]), largest=True) == 7
    assert reduction.extreme(frame.select(["x", "y"]), largest=False) == -1
    assert math.isnan(reduction.extreme(frame, largest=True))


def test_means_of_columns_and_rows(cloud: Cloud, make: Make, read: Read, people: pd.DataFrame) -> None:
    frame, table = make(**people), people[["id", "age", "height"]]
    means = reduction.column_means(cloud, frame.select(list(table.columns)), skip_missing=True)
    np.testing.assert_allclose(means, table.mean().to_numpy())
    born = np.nanmean([np.nan if pd.isna(day) else day.timestamp() * 1000 for day in people["born"]])
    assert read(reduction.mean_frame(cloud, frame, skip_missing=True))["born"][0] == round(born)
    strict = reduction.column_means(cloud, frame, skip_missing=False)
    assert np.isnan(strict).tolist() == [False] + [True] * 5


def test_deviations(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    table = people[["id", "age", "height"]]
    frame = make(**table)
    np.testing.assert_allclose(reduction.column_deviations(frame, skip_missing=True), table.std())


def test_any_and_all_look_at_known_values(cloud: Cloud, make: Make) -> None:
    frame = make(x=[0.0, np.nan, 2.0], zero=[0.0, 0.0, np.nan], one=[1.0, 1.0, np.nan])
    assert reduction.any_true(cloud, frame.select(["x"]))
    assert not reduction.any_true(cloud, frame.select(["zero"]))
    assert reduction.all_true(cloud, frame.select(["one"]))
    assert not reduction.all_true(cloud, frame)
    assert reduction.missing_counts(frame) == (1, 1, 1)


@pytest.mark.parametrize(
    ("levels", "some", "every"),
    [
        (["True", "False", None], True, False),
        (["True", "true", None], True, True),
        (["FALSE", "False"], False, False),
        (["a", "b"], False, False),
        ([None, None], False, True),
    ],
)
def test_levels_that_spell_true_are(
    cloud: Cloud, make: Make, levels: list[str | None], some: bool, every: bool
) -> None:
    frame = make(x=pd.Categorical(levels))
    assert (reduction.any_true(cloud, frame), reduction.all_true(cloud, frame)) == (some, every)


@pytest.mark.parametrize(
    ("method", "numpy_method"),
    [("interpolate", "linear"), ("low", "lower"), ("high", "higher"), ("average", "midpoint")],
)
@pytest.mark.parametrize("few", [0, 10_000], ids=["selected", "sorted"])
def test_quantiles_are_numpy_s(
    cloud: Cloud, make: Make, method: str, numpy_method: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantiles, "_FEW", few)
    random = np.random.default_rng(11)
    values = np.concatenate([random.normal(size=700) * 10.0 ** random.integers(-9, 9, 700), np.zeros(200)])
    values = np.append(values, [-0.0, 5e-324, -1e300, 1e300])
    column = make(x=np.append(values, np.nan)).columns[0]
    probabilities = [0.0, 0.01, 0.1, 0.25, 0.333, 0.5, 0.667, 0.9, 0.999, 1.0]
    found = quantiles.quantiles(cloud, column, probabilities, method)
    want = np.quantile(values, probabilities, method=numpy_method)  # type: ignore[call-overload]
    np.testing.assert_allclose(found, want, rtol=1e-12)


def test_quantiles_of_what_has_none_are_missing(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(x=[np.nan, np.nan], s=["a", "b"], y=[1.0, 2.0])
    found = quantiles.quantile_frame(cloud, frame, [0.5], "interpolate")
    assert found.names == ("Probs", "xQuantiles", "sQuantiles", "yQuantiles")
    np.testing.assert_array_equal(read(found), [[0.5, np.nan, np.nan, 1.5]])
    np.testing.assert_array_equal(quantiles.medians(cloud, make(x=[1.0, np.nan]), False), [np.nan])
    np.testing.assert_array_equal(quantiles.medians(cloud, make(x=[1.0, np.nan]), True), [1])
    assert quantiles.order_statistics(cloud, make(x=[-np.inf, 3.0, np.inf]).columns[0], [0, 1, 2]) == [
        -math.inf,
        3,
        math.inf,
    ]


def test_values_are_counted(cloud: Cloud, make: Make, read: Read, people: pd.DataFrame) -> None:
    frame = make(**people)
    kinds = read(tabulation.counts(cloud, frame.select(["kind"])))
    assert dict(zip(kinds["kind"], kinds["Count"], strict=True)) == people["kind"].value_counts().to_dict()
    pairs = read(tabulation.counts(cloud, frame.select(["kind", "age"])))
    known = people[["kind", "age"]].dropna()
    want = known.astype({"kind": object}).value_counts().to_dict()
    assert {(kind, age): count for kind, age, count in pairs.to_numpy()} == want
    cross = read(tabulation.cross_counts(cloud, frame.select(["kind", "age"])))
    assert cross.drop(columns="kind").to_numpy().sum() == sum(want.values())
    assert cross["-3"][0] == want.get(("ash", -3.0), 0)
    with pytest.raises(InvalidArgument, match="'note' is string"):
        tabulation.counts(cloud, frame.select(["note"]))


def test_unique_values_ascend_and_missing_is_last(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(x=[3.0, np.nan, 1.0, 3.0], s=["b", "a", None, "b"], k=pd.Categorical(list("baab")))
    np.testing.assert_array_equal(
        read(tabulation.unique(cloud, frame.column("x"), True))["C1"], [1, 3, np.nan]
    )
    np.testing.assert_array_equal(read(tabulation.unique(cloud, frame.column("x"), False))["C1"], [1, 3])
    assert list(read(tabulation.unique(cloud, frame.column("s"), True))["C1"]) == ["a", "b", None]
    assert list(read(tabulation.unique(cloud, frame.column("k"), True))["C1"]) == ["a", "b"]


def test_true_rows_have_their_numbers(cloud: Cloud, make: Make, read: Read) -> None:
    values = np.tile([0.0, 1.0, np.nan, -2.0], 25)
    found = read(tabulation.true_rows(cloud, make(x=values).columns[0]))["C1"]
    assert list(found) == [i for i in range(100) if i % 4 in (1, 3)]


def test_reductions_of_no_rows(cloud: Cloud, make: Make) -> None:
    empty = make(Layout((0,), (0,)), x=np.empty(0))
    assert reduction.total(empty, skip_missing=False) == 0
    assert math.isnan(reduction.extreme(empty, largest=True))
    assert np.isnan(reduction.column_means(cloud, empty, skip_missing=True)).all()
    assert np.isnan(reduction.column_deviations(empty, skip_missing=True)).all()
    assert np.isnan(dispersion.covariance(cloud, empty, empty, "everything")).all()
    assert tabulation.counts(cloud, empty).rows == 0
    assert tabulation.unique(cloud, empty.columns[0], True).rows == 0
    assert tabulation.true_rows(cloud, empty.columns[0]).rows == 0


def test_choices_follow_the_test(cloud: Cloud, make: Make, read: Read) -> None:
    test = make(m=[1.0, 0.0, np.nan, -2.0])
    numbers, kinds = make(x=[10.0, 20.0, 30.0, 40.0]), make(k=pd.Categorical(["a", "b", "a", "b"]))
    text, time = make(s=["p", "q", "r", None]), make(t=pd.to_datetime(["1970-01-01"] * 4))
    np.testing.assert_array_equal(read(choose(cloud, test, numbers, -1.0))["C1"], [10, -1, np.nan, 40])
    np.testing.assert_array_equal(
        read(choose(cloud, test, np.nan, numbers))["C1"], [np.nan, 20, np.nan, np.nan]
    )
    np.testing.assert_array_equal(read(choose(cloud, test, time, np.nan))["C1"], [0, np.nan, np.nan, 0])
    assert list(read(choose(cloud, test, "yes", "no"))["C1"]) == ["yes", "no", None, "yes"]
    assert list(read(choose(cloud, test, kinds, "z"))["C1"]) == ["a", "z", None, "b"]
    assert list(read(choose(cloud, test, text, "z"))["C1"]) == ["p", "z", None, None]
    assert list(read(choose(cloud, test, text, kinds))["C1"]) == ["p", "b", None, None]
    assert choose(cloud, test, kinds, "z").columns[0].domain == ("a", "b", "z")
    with pytest.raises(InvalidArgument, match="one type"):
        choose(cloud, test, numbers, "z")
    with pytest.raises(InvalidArgument, match="4 and 1 rows"):
        choose(cloud, test, make(x=[1.0]), 0.0)


@pytest.mark.parametrize(
    ("method", "numpy_method"),
    [("interpolate", "linear"), ("low", "lower"), ("high", "higher"), ("average", "midpoint")],
)
def test_a_weight_is_how_often_a_row_is_there(
    cloud: Cloud, make: Make, method: str, numpy_method: str
) -> None:
    random = np.random.default_rng(5)
    values, weights = random.normal(size=300).round(1), random.integers(0, 4, 300).astype(float)
    values[::17] = np.nan
    frame = make(x=values, w=weights)
    known = ~np.isnan(values)
    repeated = np.repeat(values[known], weights[known].astype(int))
    probabilities = [0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1]
    found = quantiles.weighted_quantiles(cloud, *frame.columns, probabilities, method)
    np.testing.assert_allclose(found, np.quantile(repeated, probabilities, method=numpy_method))


def test_weights_may_be_fractions_and_what_weighs_nothing_has_no_quantile(cloud: Cloud, make: Make) -> None:
    frame = make(x=[1.0, 2, 3, 4, 5, np.nan, 7], w=[2.0, 0, 1, 3, 0.5, 4, 1], none=[0.0, 0, 0, 0, 0, 1, 0])
    x, weights, none = frame.columns
    found = quantiles.weighted_quantiles(cloud, x, weights, [0, 0.25, 0.9, 1], "interpolate")
    np.testing.assert_allclose(found, [1, 2.25, 6.55, 7])
    assert np.isnan(quantiles.weighted_quantiles(cloud, x, none, [0.5], "low")).all()
    table = quantiles.quantile_frame(cloud, frame.select([0, 1]), [0.5], "low", weights=1)
    assert table.names == ("Probs", "xQuantiles")


@pytest.mark.parametrize("weights", [[1.0, -1.0], [1.0, np.nan], [0.0, 0.0], [1.0, np.inf], ["a", "b"]])
def test_weights_that_are_none_are_refused(cloud: Cloud, make: Make, weights: list[Any]) -> None:
    with pytest.raises(InvalidArgument, match="weights: they are finite numbers, none missing"):
        quantiles.weighted_quantiles(cloud, *make(x=[1.0, 2.0], w=weights).columns, [0.5], "low")
