"""Frames beside and below each other, against pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.binding import append_column, bind_columns, bind_rows, unique_names

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def test_columns_of_two_layouts_stand_beside_each_other(cloud: Cloud, make: Make, read: Read) -> None:
    left = make(Layout((1, 4), (0, cloud.size - 1)), x=np.arange(5.0), s=list("abcde"))
    right = make(Layout((5,), (0,)), x=-np.arange(5.0))
    found = bind_columns(cloud, [left, right])
    assert found.names == ("x", "s", "x0")
    assert found.columns[0] is left.columns[0] or found.columns[2] is right.columns[0]
    assert read(found).to_numpy().tolist() == [[float(i), "abcde"[i], -float(i)] for i in range(5)]


def test_a_column_is_appended(cloud: Cloud, make: Make, read: Read) -> None:
    frame = append_column(cloud, make(x=[1.0, 2.0]), "x", make(y=[3.0, 4.0]).columns[0])
    assert read(frame).to_numpy().tolist() == [[1, 3], [2, 4]]
    assert frame.names == ("x", "x0")


def test_names_that_repeat_get_the_first_free_number() -> None:
    assert unique_names(["x", "x", "x", "x0", "y"]) == ("x", "x0", "x1", "x00", "y")


def test_rows_stand_below_each_other(cloud: Cloud, make: Make, read: Read, people: pd.DataFrame) -> None:
    parts = [people.iloc[:20], people.iloc[20:21], people.iloc[21:]]
    frames = [make(**part.reset_index(drop=True)) for part in parts]
    found = bind_rows(cloud, frames)
    whole = make(**people)
    pd.testing.assert_frame_equal(read(found), read(whole))
    assert found.column("age").rollups.mean == pytest.approx(whole.column("age").rollups.mean)
    assert found.column("kind").domain == ("ash", "beech", "cedar")


def test_levels_are_united_in_order_of_appearance(cloud: Cloud, make: Make, read: Read) -> None:
    found = bind_rows(
        cloud,
        [
            make(k=pd.Categorical(["b", None], ["b"])),
            make(k=pd.Categorical(["a", "b"], ["a", "b"])),
        ],
    )
    assert found.columns[0].domain == ("b", "a")
    assert list(read(found)["k"]) == ["b", None, "a", "b"]


def test_a_frame_without_rows_adds_none(cloud: Cloud, make: Make, read: Read) -> None:
    empty = make(Layout((0,), (0,)), x=np.empty(0))
    assert list(read(bind_rows(cloud, [empty, make(x=[1.0, 2.0]), empty]))["x"]) == [1, 2]
    assert bind_columns(cloud, [empty, empty]).rows == 0


def test_rows_that_do_not_fit_are_refused(cloud: Cloud, make: Make) -> None:
    frame = make(x=np.random.default_rng(1).random(10_000))
    with pytest.raises(MemoryExceeded, match="rbind needs about"):
        bind_rows(cloud, [frame] * (cloud.memory // frame.nbytes + 1))


def test_frames_that_do_not_match_are_refused(cloud: Cloud, make: Make) -> None:
    frame = make(x=[1.0])
    with pytest.raises(InvalidArgument, match="'x' and 'y'"):
        bind_rows(cloud, [frame, make(y=[1.0])])
    with pytest.raises(InvalidArgument, match="numeric and string in column 'x'"):
        bind_rows(cloud, [frame, make(x=["a"])])
    with pytest.raises(InvalidArgument, match="found 1 and 2 columns"):
        bind_rows(cloud, [frame, make(x=[1.0], y=[1.0])])
    with pytest.raises(InvalidArgument, match="1 and 2 rows"):
        bind_columns(cloud, [frame, make(y=[1.0, 2.0])])
