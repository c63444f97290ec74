"""Operators element by element, against numpy and against answers of a real H2O server."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.arithmetic import OPERATORS, apply, apply_scalar

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

NUMPY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": lambda a, b: a - b * np.trunc(a / b),
    "^": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@pytest.mark.parametrize("name", NUMPY)
def test_operators_do_what_numpy_does(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, name: str
) -> None:
    frame, expected = make(**people), NUMPY[name]
    left, right = people["height"].to_numpy(), people["age"].to_numpy()
    numbers = (frame.select(["height"]), frame.select(["age"]))
    with np.errstate(all="ignore"):
        cases = [
            (apply(cloud, name, *numbers), expected(left, right)),
            (apply(cloud, name, numbers[0], 2.0), expected(left, 2.0)),
            (apply(cloud, name, 2.0, numbers[0]), expected(np.full(60, 2.0), left)),
        ]
    for found, want in cases:
        assert found.names == ("height",)
        np.testing.assert_allclose(read(found)["height"], want.astype(float), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("%", -5.0, 3.0, -2.0),
        ("%%", -5.0, 3.0, -2.0),
        ("intDiv", -5.0, 2.0, -2.0),
        ("intDiv", 2.5, 0.5, np.nan),
        ("%/%", -2.5, 2.0, -1.0),
        ("/", 1.0, 0.0, np.inf),
        ("&", 0.0, np.nan, 0.0),
        ("&", 1.0, np.nan, np.nan),
        ("&&", 1.0, 0.0, 0.0),
        ("|", 1.0, np.nan, 1.0),
        ("|", 0.0, np.nan, np.nan),
        ("||", 0.0, 0.0, 0.0),
        ("==", np.nan, np.nan, 1.0),
        ("==", np.nan, 1.0, 0.0),
        ("!=", np.nan, 1.0, 1.0),
        ("<", np.nan, 1.0, 0.0),
        (">=", np.nan, 1.0, 0.0),
    ],
)
def test_two_numbers_meet_as_on_h2o(name: str, left: float, right: float, expected: float) -> None:
    np.testing.assert_equal(apply_scalar(name, left, right), expected)


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_works_on_a_frame_without_rows(cloud: Cloud, make: Make, name: str) -> None:
    empty = make(Layout((0,), (0,)), x=np.empty(0))
    assert apply(cloud, name, empty, 1.0).rows == 0
    assert apply(cloud, name, empty, empty).rows == 0


def test_categories_equal_by_label(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(
        a=pd.Categorical(["x", "y", "x", None, "y"], ["x", "y"]),
        b=pd.Categorical(["x", "z", "y", None, "y"], ["z", "y", "x"]),
        s=pd.Series(["x", "x", None, None, "y"]),
    )
    a, b, s = (frame.select([name]) for name in "abs")
    assert list(read(apply(cloud, "==", a, b))["a"]) == [1, 0, 0, 1, 1]
    assert list(read(apply(cloud, "!=", a, b))["a"]) == [0, 1, 1, 0, 0]
    assert list(read(apply(cloud, "==", a, s))["a"]) == [1, 0, 0, 1, 1]
    assert list(read(apply(cloud, "==", a, "y"))["a"]) == [0, 1, 0, 0, 1]
    assert list(read(apply(cloud, "==", "y", a))["a"]) == [0, 1, 0, 0, 1]
    assert list(read(apply(cloud, "!=", a, "no level"))["a"]) == [1, 1, 1, 1, 1]
    assert list(read(apply(cloud, "==", s, "x"))["s"]) == [1, 1, 0, 0, 0]
    assert list(read(apply(cloud, "==", s, np.nan))["s"]) == [0, 0, 1, 1, 0]
    assert list(read(apply(cloud, "==", a, 0.0))["a"]) == [0, 0, 0, 0, 0]


def test_arithmetic_and_order_of_categories_are_missing(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(a=pd.Categorical(["x", "y"]))
    assert read(apply(cloud, "+", frame, 1.0))["a"].isna().all()
    assert read(apply(cloud, ">", frame, 0.0))["a"].isna().all()


def test_text_in_arithmetic_is_refused_by_name(cloud: Cloud, make: Make) -> None:
    frame = make(x=[1.0], s=["a"])
    with pytest.raises(InvalidArgument, match="'s' is text"):
        apply(cloud, "+", frame, 1.0)
    with pytest.raises(InvalidArgument, match="'a' is text"):
        apply(cloud, "<", frame.select(["x"]), "a")


def test_times_count_as_milliseconds(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(t=pd.to_datetime(["1970-01-02", None]))
    np.testing.assert_array_equal(read(apply(cloud, "+", frame, 1.0))["t"], [86_400_001, np.nan])


def test_one_column_or_one_row_serves_for_all(cloud: Cloud, make: Make, read: Read) -> None:
    table = make(x=[1.0, 2.0, 3.0], y=[4.0, 5.0, 6.0])
    column, row = make(c=[10.0, 20.0, 30.0]), make(Layout((1,), (0,)), p=[100.0], q=[200.0])
    assert apply(cloud, "+", column, table).names == ("x", "y")
    np.testing.assert_array_equal(read(apply(cloud, "-", table, column)), [[-9, -6], [-18, -15], [-27, -24]])
    np.testing.assert_array_equal(read(apply(cloud, "+", table, row)), [[101, 204], [102, 205], [103, 206]])
    np.testing.assert_array_equal(read(apply(cloud, "+", row, table)), [[101, 204], [102, 205], [103, 206]])


def test_frames_of_other_shapes_are_refused(cloud: Cloud, make: Make) -> None:
    table = make(x=[1.0, 2.0, 3.0], y=[4.0, 5.0, 6.0])
    with pytest.raises(InvalidArgument, match="3 and 2 rows"):
        apply(cloud, "+", table, make(x=[1.0, 2.0]))
    with pytest.raises(InvalidArgument, match="2 columns and 3 columns"):
        apply(cloud, "+", table, make(a=[1.0] * 3, b=[1.0] * 3, c=[1.0] * 3))


def test_frames_of_other_layouts_meet(cloud: Cloud, make: Make, read: Read) -> None:
    left = make(Layout((1, 4), (0, cloud.size - 1)), x=np.arange(5.0))
    right = make(Layout((5,), (0,)), x=np.arange(5.0))
    np.testing.assert_array_equal(read(apply(cloud, "*", left, right))["x"], np.arange(5.0) ** 2)
