"""Changes of type keep what the values mean; levels are in the order that H2O's users expect."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.factors import (
    as_character,
    as_factor,
    as_numeric,
    constant_level,
    levels,
    relabel,
    relevel,
    with_domain,
)
from aquifer_cluster.transform.text_form import number_texts

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def test_numbers_become_levels_in_ascending_order(cloud: Cloud, make: Make, read: Read) -> None:
    found = as_factor(cloud, make(x=[10.0, 2.0, np.nan, -1.0, 2.0, 10.0]))
    assert found.columns[0].type is ColumnType.ENUM
    assert found.columns[0].domain == ("-1", "2", "10")
    assert list(read(found)["x"]) == ["10", "2", None, "-1", "2", "10"]


def test_text_becomes_levels_in_byte_order(cloud: Cloud, make: Make, read: Read) -> None:
    found = as_factor(cloud, make(s=["b", "é", None, "B", "b", "a"]))
    assert found.columns[0].domain == ("B", "a", "b", "é")
    assert list(read(found)["s"]) == ["b", "é", None, "B", "b", "a"]


def test_a_column_without_known_values_has_no_levels(cloud: Cloud, make: Make, read: Read) -> None:
    found = as_factor(cloud, make(x=[np.nan, np.nan], s=[None, None]))
    assert [column.domain for column in found.columns] == [(), ()]
    assert read(found).isna().to_numpy().all()


def test_categories_stay_and_share_their_column(cloud: Cloud, make: Make) -> None:
    frame = make(k=pd.Categorical(["b", "a"], ["b", "a"]))
    assert as_factor(cloud, frame).columns[0] is frame.columns[0]


def test_times_are_no_levels(cloud: Cloud, make: Make) -> None:
    with pytest.raises(InvalidArgument, match="'t' holds times"):
        as_factor(cloud, make(t=pd.to_datetime(["2020-01-01"])))


def test_levels_that_are_whole_numbers_come_back_as_numbers(cloud: Cloud, make: Make, read: Read) -> None:
    values = [10.0, 2.0, np.nan, -1.0]
    back = as_numeric(cloud, as_factor(cloud, make(x=values)))
    np.testing.assert_array_equal(read(back)["x"], values)


def test_other_levels_come_back_as_codes(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(k=pd.Categorical(["b", "a", None, "b"], ["b", "a"]))
    np.testing.assert_array_equal(read(as_numeric(cloud, frame))["k"], [0, 1, np.nan, 0])


def test_text_becomes_the_number_that_it_spells(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(s=["1", " -2.5e3 ", "+.5", "7.", "x", "1 2", "", None, "nan", "0x10"])
    want = [1, -2500, 0.5, 7, *[np.nan] * 6]
    np.testing.assert_array_equal(read(as_numeric(cloud, frame))["s"], want)


def test_everything_becomes_text(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(
        whole=[1.0, -20.0, np.nan],
        real=[1.0, 2.5, np.nan],
        kind=pd.Categorical(["b", None, "a"]),
        time=pd.to_datetime(["1970-01-02", None, "1970-01-01"]),
    )
    found = read(as_character(cloud, frame))
    assert found.where(found.notna(), None).to_numpy().tolist() == [
        ["1", "1.0", "b", "86400000"],
        ["-20", "2.5", None, None],
        [None, None, "a", "0"],
    ]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.0, -0.0, 1e15], ["1", "0", "1000000000000000"]),
        ([1.0, 0.1], ["1.0", "0.1"]),
        ([1e16, 2.0], ["10000000000000000", "2"]),
        ([1e7, 0.5], ["1.0E7", "0.5"]),
        ([9999999.5], ["9999999.5"]),
        ([0.001, 0.00099], ["0.001", "9.9E-4"]),
        ([1.5000000000000002e-5], ["1.5000000000000002E-5"]),
        ([np.inf, -np.inf, 0.5], ["Infinity", "-Infinity", "0.5"]),
        ([1e300, 0.5], ["1.0E300", "0.5"]),
    ],
)
def test_numbers_are_spelt_as_h2o_spells_them(values: list[float], texts: list[str]) -> None:
    assert number_texts(np.array(values), all(value % 1 == 0 for value in values)).to_pylist() == texts


def test_texts_of_numbers_read_back_as_the_same_numbers() -> None:
    random = np.random.default_rng(3)
    values = random.normal(size=500) * 10.0 ** random.integers(-20, 20, 500)
    assert [float(text) for text in number_texts(values, whole=False).to_pylist()] == values.tolist()


def test_levels_stand_below_each_other(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(a=pd.Categorical(["x", "y"]), n=[1.0, 2.0], b=pd.Categorical(["p", "p"]))
    found = levels(cloud, frame)
    assert found.names == ("C1", "C2", "C3")
    assert list(read(found)["C1"]) == ["x", "y"]
    assert read(found)["C2"].isna().all()
    assert list(read(found)["C3"]) == ["p", None]
    assert levels(cloud, make(n=[1.0])).rows == 0


def test_levels_can_be_reordered_renamed_added_and_filled(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(k=pd.Categorical(["b", "a", None, "b"], ["a", "b"]))
    column = frame.columns[0]
    front = relevel(cloud, column, "b")
    more = with_domain(cloud, column, ("z", "a", "b"))
    named = relabel(cloud, column, ("one", "two"))
    filled = constant_level(cloud, column, "b")
    for changed, domain, values in [
        (front, ("b", "a"), ["b", "a", None, "b"]),
        (more, ("z", "a", "b"), ["b", "a", None, "b"]),
        (named, ("one", "two"), ["two", "one", None, "two"]),
        (filled, ("a", "b"), ["b"] * 4),
    ]:
        assert changed.domain == domain
        assert list(read(frame.replace(0, changed))["k"]) == values


def test_a_level_that_is_not_there_is_named(cloud: Cloud, make: Make) -> None:
    frame = make(k=pd.Categorical(["a"]), n=[1.0])
    with pytest.raises(InvalidArgument, match="'q'"):
        relevel(cloud, frame.column("k"), "q")
    with pytest.raises(InvalidArgument, match="needs a categorical column"):
        relevel(cloud, frame.column("n"), "q")


def test_frames_without_rows_change_type(cloud: Cloud, make: Make) -> None:
    empty = make(Layout((0,), (0,)), x=np.empty(0), s=pd.Series([], dtype=str))
    for change in (as_factor, as_character, as_numeric):
        assert change(cloud, empty).rows == 0
