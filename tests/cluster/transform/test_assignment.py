"""Writing into a frame changes what was named and shares the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.assignment import Rows, assign
from aquifer_cluster.transform.rows import RowRanges

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

SOME = RowRanges.of([range(1, 3), range(5, 6)])
"""Rows 1, 2 and 5 of six."""


@pytest.fixture
def six(make: Make) -> Frame:
    return make(
        n=np.arange(6.0),
        k=pd.Categorical(["a", "b", "a", None, "b", "a"]),
        s=["p", "q", None, "r", "s", "t"],
        t=pd.to_datetime(["1970-01-02"] * 6),
    )


def test_untouched_columns_are_shared_and_the_frame_before_stays(
    cloud: Cloud, six: Frame, read: Read
) -> None:
    changed = assign(cloud, six, [0], 7.0, None)
    assert changed.columns[1:] == six.columns[1:]
    assert list(read(changed)["n"]) == [7.0] * 6
    assert list(read(six)["n"]) == list(range(6))


@pytest.mark.parametrize("by_mask", [False, True])
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("n", 9.0, [0, 9, 9, 3, 4, 9]),
        ("n", np.nan, [0, np.nan, np.nan, 3, 4, np.nan]),
        ("k", "b", ["a", "b", "b", None, "b", "b"]),
        ("k", "new", ["a", "new", "new", None, "b", "new"]),
        ("k", np.nan, ["a", None, None, None, "b", None]),
        ("s", "!", ["p", "!", "!", "r", "s", "!"]),
        ("s", np.nan, ["p", None, None, "r", "s", None]),
        ("t", 5.0, [86_400_000, 5, 5, 86_400_000, 86_400_000, 5]),
    ],
)
def test_one_value_goes_into_some_rows(
    cloud: Cloud,
    make: Make,
    six: Frame,
    read: Read,
    by_mask: bool,
    name: str,
    value: float | str,
    expected: list[Any],
) -> None:
    mask = make(Layout((2, 4), (cloud.size - 1, 0)), m=[0.0, 1.0, 1.0, np.nan, 0.0, 1.0])
    rows: Rows = mask if by_mask else SOME
    found = assign(cloud, six, [six.index(name)], value, rows)
    assert found.column(name).type is six.column(name).type
    values = [None if pd.isna(cell) else cell for cell in read(found)[name]]
    assert values == [None if pd.isna(cell) else cell for cell in expected]


def test_a_new_level_comes_after_the_old_ones(cloud: Cloud, six: Frame) -> None:
    assert assign(cloud, six, [1], "0", SOME).column("k").domain == ("a", "b", "0")
    assert assign(cloud, six, [1], "0", None).column("k").domain == ("a", "b", "0")


def test_a_number_over_all_rows_replaces_any_column(cloud: Cloud, six: Frame, read: Read) -> None:
    found = assign(cloud, six, [0, 1, 2, 3], 5.0, None)
    assert {column.type for column in found.columns} == {ColumnType.NUMERIC}
    assert (read(found) == 5).to_numpy().all()


def test_missing_over_all_rows_keeps_types_and_levels(cloud: Cloud, six: Frame, read: Read) -> None:
    found = assign(cloud, six, [0, 1, 2, 3], np.nan, None)
    assert [column.type for column in found.columns] == [column.type for column in six.columns]
    assert found.column("k").domain == ("a", "b")
    assert read(found).isna().to_numpy().all()


@pytest.mark.parametrize(("name", "value"), [("n", "x"), ("k", 1.0), ("s", 1.0), ("t", "x")])
def test_a_value_of_another_type_is_refused_by_name(
    cloud: Cloud, six: Frame, name: str, value: float | str
) -> None:
    with pytest.raises(InvalidArgument, match=f"column '{name}'"):
        assign(cloud, six, [six.index(name)], value, SOME)


@pytest.mark.parametrize("by_mask", [False, True])
def test_a_column_goes_into_some_rows(
    cloud: Cloud, make: Make, six: Frame, read: Read, by_mask: bool
) -> None:
    rows: Rows = make(m=[0.0, 1.0, 1.0, np.nan, 0.0, 1.0]) if by_mask else SOME
    short, whole = make(v=[10.0, 20.0, 30.0]), make(v=np.arange(100.0, 106.0))
    assert list(read(assign(cloud, six, [0], short, rows))["n"]) == [0, 10, 20, 3, 4, 30]
    assert list(read(assign(cloud, six, [0], whole, rows))["n"]) == [0, 101, 102, 3, 4, 105]
    text = make(v=["x", None, "z"])
    assert list(read(assign(cloud, six, [2], text, rows))["s"]) == ["p", "x", None, "r", "s", "z"]
    kinds = make(v=pd.Categorical(["z", "a", "z"], ["z", "a"]))
    found = assign(cloud, six, [1], kinds, rows)
    assert found.column("k").domain == ("a", "b", "z")
    assert list(read(found)["k"]) == ["a", "z", "a", None, "b", "z"]


def test_a_column_over_all_rows_takes_its_type_along(
    cloud: Cloud, make: Make, six: Frame, read: Read
) -> None:
    donor = make(Layout((6,), (0,)), v=pd.Categorical(list("zyzyzy")))
    found = assign(cloud, six, [0], donor, None)
    assert found.column("n").type is ColumnType.ENUM
    assert list(read(found)["n"]) == list("zyzyzy")


def test_a_frame_of_one_value_is_that_value(cloud: Cloud, make: Make, six: Frame, read: Read) -> None:
    assert list(read(assign(cloud, six, [0], make(v=[8.0]), SOME))["n"]) == [0, 8, 8, 3, 4, 8]
    label = make(v=pd.Categorical(["b"]))
    assert list(read(assign(cloud, six, [1], label, SOME))["k"]) == ["a", "b", "b", None, "b", "b"]


def test_a_column_of_another_length_is_refused(cloud: Cloud, make: Make, six: Frame) -> None:
    with pytest.raises(InvalidArgument, match="2 rows, but 3 rows"):
        assign(cloud, six, [0], make(v=[1.0, 2.0]), SOME)
    with pytest.raises(InvalidArgument, match="6 and 2 rows"):
        assign(cloud, six, [0], make(v=[1.0, 2.0]), None)
    with pytest.raises(InvalidArgument, match="2 columns, but 1"):
        assign(cloud, six, [0], make(v=[1.0, 2.0], w=[1.0, 2.0]), SOME)
