"""Group-by agrees with pandas: every aggregate, rule for missing values and type of key, by either way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import grouping
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.tally import AGGREGATES, MISSING_RULES, Aggregation

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

KEYS = [["age"], ["height"], ["kind"], ["note"], ["born"], ["kind", "age"], ["note", "height", "kind"]]


def middle(values: pd.Series) -> float:
    """The median where a missing value is smaller than all others."""
    ordered = sorted(values, key=lambda value: -np.inf if np.isnan(value) else value)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def expected(name: str, rule: str, values: pd.Series) -> float:
    """An aggregate of one group, as H2O's documentation has it."""
    known = values.dropna()
    if rule == "all" and len(known) < len(values) and name not in ("nrow", "median", "mode"):
        return np.nan
    counted = values.fillna(0) if rule == "ignore" else known
    with np.errstate(all="ignore"):
        return {
            "nrow": lambda: len(values) if rule == "all" else len(known),
            "mean": lambda: np.nan if not len(counted) else known.sum() / len(counted),
            "sum": known.sum,
            "min": known.min,
            "max": known.max,
            "var": counted.var,
            "sdev": counted.std,
            "sumSquares": lambda: (known**2).sum(),
            "median": lambda: known.median() if rule == "rm" else middle(values),
            "mode": lambda: known.mode().min() if len(known) else np.nan,
        }[name]()


@pytest.mark.parametrize("bits", [16, 0], ids=["by number", "by sorting"])
@pytest.mark.parametrize("rule", MISSING_RULES)
@pytest.mark.parametrize("name", AGGREGATES)
def test_every_aggregate_is_that_of_pandas(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch,
    name: str, rule: str, bits: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(grouping, "_FEW_BITS", bits)
    frame = make(**people)
    column = "kind" if name == "mode" else "height"
    found = read(group_by(cloud, frame, [frame.index("age")], [Aggregation(name, frame.index(column), rule)]))
    codes = people["kind"].cat.codes.where(people["kind"].notna()).astype(float)
    source = pd.DataFrame({"age": people["age"], "value": codes if name == "mode" else people["height"]})
    groups = source.groupby("age", dropna=False)["value"]
    want = pd.Series({age: expected(name, rule, values) for age, values in groups})
    want = pd.concat([want[want.index.isna()], want[want.index.notna()]])
    np.testing.assert_array_equal(found["age"], want.index)
    np.testing.assert_allclose(found.iloc[:, 1], want.to_numpy(float), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bits", [16, 0], ids=["by number", "by sorting"])
@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_groups_of_any_keys_are_those_of_pandas_missing_ones_first(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch,
    keys: list[str], bits: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(grouping, "_FEW_BITS", bits)
    frame = make(**people)
    found = read(group_by(cloud, frame, [frame.index(key) for key in keys], [Aggregation("sum", 0, "rm")]))
    shown = people.assign(kind=people["kind"].astype(object))
    want = shown.groupby(keys, dropna=False)["id"].sum().reset_index()
    want = want.sort_values(keys, na_position="first", kind="stable")
    assert found["sum_id"].tolist() == want["id"].tolist()
    for key in keys:
        assert found[key].isna().tolist() == want[key].isna().tolist()


def test_many_groups_on_every_node(cloud: Cloud, make: Make) -> None:
    random = np.random.default_rng(3)
    keys, values = random.integers(0, 10**9, 20_000).astype(float), random.normal(size=20_000)
    keys[::7] = keys[0]
    found = cloud.read(group_by(cloud, make(k=keys, v=values), [0], [Aggregation("mean", 1, "rm")]))
    want = pd.Series(values).groupby(keys).mean()
    np.testing.assert_array_equal(found[0], want.index)
    np.testing.assert_allclose(found[1], want, rtol=1e-12)


def test_a_spread_that_is_small_beside_the_mean_keeps_its_digits(cloud: Cloud, make: Make) -> None:
    values = 1e9 + np.tile([1.0, 2.0, 3.0, 4.0], 100)
    found = cloud.read(group_by(cloud, make(k=np.zeros(400), v=values), [0], [Aggregation("var", 1, "all")]))
    assert found[1][0] == pytest.approx(np.var(values, ddof=1), rel=1e-7)


def test_no_key_makes_one_group_and_no_aggregate_only_the_keys(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    frame = make(**people)
    assert read(group_by(cloud, frame, [], [Aggregation("nrow", 0)])).to_dict("list") == {"nrow": [60.0]}
    assert group_by(cloud, frame, [frame.index("kind")]).names == ("kind",)


def test_names_say_what_of_which_column(cloud: Cloud, make: Make) -> None:
    asked = [
        Aggregation("nrow", 0),
        Aggregation("mean", 1),
        Aggregation("mean", 1, "rm"),
        Aggregation("max", 2),
    ]
    found = group_by(cloud, make(k=[1.0], v=[2.0], s=["text"]), [0], asked)
    assert found.names == ("k", "nrow", "mean_v", "mean_v0")


def test_a_frame_without_rows_has_no_groups(cloud: Cloud, make: Make) -> None:
    frame = make(k=np.empty(0), s=[], v=np.empty(0))
    for keys in ([0], [1], [0, 1], []):
        found = group_by(cloud, frame, keys, [Aggregation("mean", 2), Aggregation("median", 2)])
        assert (found.rows, len(found.names)) == (0, len(keys) + 2)


@pytest.mark.parametrize(
    ("aggregation", "message"),
    [
        (Aggregation("first", 0), "no aggregate 'first'; there are nrow, mean"),
        (Aggregation("mean", 0, "drop"), "no rule 'drop'"),
        (Aggregation("mode", 0), "mode: it is of categorical columns, and 'x' is int"),
    ],
)
def test_what_there_is_not_is_refused(embedded: Cloud, aggregation: Aggregation, message: str) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    frame = make_frame(embedded, [NewColumn("x", ColumnType.NUMERIC, np.arange(3.0))])
    with pytest.raises(InvalidArgument, match=message):
        group_by(embedded, frame, [0], [aggregation])
