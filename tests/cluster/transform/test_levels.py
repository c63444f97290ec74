"""Levels by frequency, places in lists, and intervals, against pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ColumnNotFound, InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.cutting import Intervals, cut
from aquifer_cluster.transform.levels import relevel_by_frequency
from aquifer_cluster.transform.matching import match

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


@pytest.mark.parametrize("top", [None, 1, 2, 9])
@pytest.mark.parametrize("weighted", [False, True])
def test_frequent_levels_come_first(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, top: int | None, weighted: bool
) -> None:
    people["weight"] = (people["kind"] == "ash") * 10.0 + people["id"] % 3
    frame = make(**people)
    found = relevel_by_frequency(cloud, frame, "weight" if weighted else None, top)
    weights = people["weight"] if weighted else pd.Series(1.0, people.index)
    totals = weights.groupby(people["kind"], observed=False).sum()
    front = list(totals.sort_values(ascending=False, kind="stable").index[:top])
    assert found.column("kind").domain == (*front, *(level for level in totals.index if level not in front))
    assert list(read(found)["kind"]) == [None if pd.isna(kind) else kind for kind in people["kind"]]
    assert [a is b for a, b in zip(frame.columns, found.columns, strict=True)].count(False) == 1


def test_weights_must_be_known_and_not_negative(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    frame = make(**people)
    for name in ("age", "height"):
        with pytest.raises(InvalidArgument, match="missing or negative weights"):
            relevel_by_frequency(cloud, frame, name, None)
    with pytest.raises(InvalidArgument, match="weights are numbers"):
        relevel_by_frequency(cloud, frame, "note", None)
    with pytest.raises(ColumnNotFound):
        relevel_by_frequency(cloud, frame, "nope", None)


def test_levels_of_no_rows_keep_their_order(cloud: Cloud, make: Make) -> None:
    frame = make(k=pd.Categorical([None, None], ["b", "a"]), e=pd.Categorical([None, None], []))
    found = relevel_by_frequency(cloud, frame, None, None)
    assert [column.domain for column in found.columns] == [("b", "a"), ()]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("kind", ["cedar", "ash", "cedar", "none"]),
        ("note", ["n3", "n0", "none"]),
        ("age", [2.0, -1.0, np.nan, 2.0]),
        ("height", [1e300, np.inf]),
        ("kind", []),
        ("age", []),
    ],
)
@pytest.mark.parametrize(("no_match", "first"), [(np.nan, 1), (0.0, 0), (-1.0, 5)])
def test_places_are_those_of_the_first_equal(
    cloud: Cloud,
    make: Make,
    read: Read,
    people: pd.DataFrame,
    name: str,
    table: list[str] | list[float],
    no_match: float,
    first: int,
) -> None:
    found = match(cloud, make(**people).select([name]), table, no_match, first)
    want = [table.index(value) + first if value in table else no_match for value in people[name].tolist()]
    np.testing.assert_array_equal(read(found)["C1"], want)


def test_times_are_matched_by_milliseconds_and_other_kinds_refused(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    frame = make(**people)
    day = people["born"].dropna().iloc[3]
    found = match(cloud, frame.select(["born"]), [day.timestamp() * 1000], 0.0, 1)
    np.testing.assert_array_equal(read(found)["C1"], people["born"] == day)
    for name, table, kind in (("kind", [1.0], "texts"), ("note", [1.0], "texts"), ("age", ["1"], "numbers")):
        with pytest.raises(InvalidArgument, match=f"look its values up among {kind}"):
            match(cloud, frame.select([name]), table, 0.0, 1)


BREAKS = [-3.0, -1.0, 0.0, 2.5]


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("labels", [(), ("low", "middle", "high")])
@pytest.mark.parametrize("name", ["age", "height"])
def test_intervals_are_pandas_s(
    cloud: Cloud,
    make: Make,
    read: Read,
    people: pd.DataFrame,
    name: str,
    labels: tuple[str, ...],
    right: bool,
) -> None:
    column = make(**people).select([name])
    found = cut(cloud, column, Intervals(tuple(reversed(BREAKS)), labels, lowest=True, right=right))
    names = labels or (
        ("[-3.0,-1.0]", "(-1.0,0.0]", "(0.0,2.5]") if right else ("[-3.0,-1.0)", "[-1.0,0.0)", "[0.0,2.5)")
    )
    want = pd.cut(people[name], BREAKS, right=right, labels=names, include_lowest=True)
    assert (found.names, found.columns[0].type, found.columns[0].domain) == ((name,), ColumnType.ENUM, names)
    assert list(read(found)[name]) == [None if pd.isna(label) else label for label in want]


@pytest.mark.parametrize("right", [True, False])
def test_without_lowest_the_lowest_break_is_outside(
    cloud: Cloud, make: Make, read: Read, right: bool
) -> None:
    found = cut(cloud, make(x=[0.0, 1.0, 2.0]), Intervals((0.0, 1.0, 2.0), right=right))
    inside = "(0.0,1.0]" if right else "[1.0,2.0)"
    assert list(read(found)["x"]) == ([None, inside, "(1.0,2.0]"] if right else [None, inside, None])


def test_intervals_with_one_label_are_one_category(cloud: Cloud, make: Make, read: Read) -> None:
    months = Intervals((0.0, 2.0, 10.0, 12.0), ("winter", "summer", "winter"))
    found = cut(cloud, make(month=[1.0, 7.0, 12.0, 13.0]), months)
    assert found.columns[0].domain == ("winter", "summer")
    assert list(read(found)["month"]) == ["winter", "summer", "winter", None]


def test_a_number_of_equal_intervals(cloud: Cloud, make: Make, read: Read) -> None:
    values = [0.0, 2.5, 5.0, 7.5, 10.0]
    found = cut(cloud, make(x=values), Intervals((4.0,)))
    assert found.columns[0].domain == ("(-0.01,2.5]", "(2.5,5.0]", "(5.0,7.5]", "(7.5,10.01]")
    want = pd.cut(pd.Series(values), [-0.01, 2.5, 5, 7.5, 10.01], labels=found.columns[0].domain)
    assert list(read(found)["x"]) == list(want)


@pytest.mark.parametrize(
    ("values", "intervals", "said"),
    [
        ([1.0], Intervals((1.0,)), "2 to 1,000,000 intervals, or the breaks, found 1"),
        ([1.0], Intervals((np.nan,)), "2 to 1,000,000 intervals"),
        ([1.0], Intervals(()), "two or more"),
        ([1.0], Intervals((0.0, 0.0001, 1.0)), "different when rounded to 3 digits"),
        ([1.0, np.nan], Intervals((0.0, np.nan)), "two or more"),
        ([np.nan], Intervals((5.0,)), "two or more"),
        ([1.0], Intervals((0.0, 1.0, 2.0), ("a",)), "2 labels"),
        (["a"], Intervals((0.0, 1.0)), "works on numbers, found a column of type string"),
    ],
)
def test_intervals_that_are_none_are_refused(
    cloud: Cloud, make: Make, values: list[float], intervals: Intervals, said: str
) -> None:
    with pytest.raises(InvalidArgument, match=said):
        cut(cloud, make(x=values), intervals)
