"""Missing values replaced, against pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import imputation

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


@pytest.mark.parametrize("method", ["mean", "median"])
def test_columns_are_filled_with_their_own(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, method: str
) -> None:
    frame = make(**people)
    values = imputation.fill_values(cloud, frame, range(6), method, "interpolate")
    found = read(imputation.fill(cloud, frame, values))
    for name in ("age", "height"):
        want = people[name].fillna(getattr(people[name], method)())
        np.testing.assert_allclose(found[name], want)
    mode = people["kind"].value_counts().sort_index().idxmax()
    assert found["kind"].tolist() == people["kind"].fillna(mode).tolist()
    assert found["note"].isna().sum() == people["note"].isna().sum()
    assert found["born"].isna().any() == (method == "median")


@pytest.mark.parametrize("method", ["mean", "median"])
def test_groups_are_filled_with_their_own(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, method: str
) -> None:
    table = people[["height", "kind", "age"]]
    frame = make(**table)
    groups = imputation.group_values(cloud, frame, 0, method, [1, 2])
    found = read(imputation.fill_by_group(cloud, frame, 0, [1, 2], groups))
    own = table.groupby(["kind", "age"], dropna=False, observed=True)["height"].transform(method)
    np.testing.assert_allclose(found["height"], table["height"].fillna(own))
    assert found["kind"].tolist() == read(frame)["kind"].tolist()


def test_a_group_s_mode(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(k=pd.Categorical(["u", "v", "v", None, "u", None]), by=[1.0, 1.0, 1.0, 1.0, 2.0, 2.0])
    groups = imputation.group_values(cloud, frame, 0, "mode", [1])
    found = read(imputation.fill_by_group(cloud, frame, 0, [1], groups))
    assert found["k"].tolist() == ["u", "v", "v", "v", "u", "u"]


def test_the_mode_of_numbers_is_the_commonest_one(cloud: Cloud, make: Make) -> None:
    frame = make(
        x=[3.5, 9, 2, np.nan, 3.5, 9, np.nan, np.nan],
        never=[np.nan] * 8,
        day=pd.to_datetime(["2020-01-02", None, "2020-01-02"] + ["2019-01-01", None] * 2 + ["2020-01-02"]),
    )
    x, never, day = imputation.fill_values(cloud, frame, range(3), "mode", "low")
    assert x == 3.5
    assert np.isnan(never)
    assert day == pd.Timestamp("2020-01-02").timestamp() * 1000


def test_given_values_are_taken(cloud: Cloud, make: Make, read: Read) -> None:
    found = read(imputation.fill(cloud, make(x=[1.0, np.nan], y=[np.nan, 2.0]), [9.0, np.nan]))
    assert found["x"].tolist() == [1, 9]
    assert np.isnan(found["y"][0])


def test_methods_that_do_not_fit_are_refused(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    frame = make(**people)
    with pytest.raises(InvalidArgument, match="'some' is not one of mean, median, mode"):
        imputation.fill_values(cloud, frame, [1], "some", "low")
    note = frame.names.index("note")
    with pytest.raises(InvalidArgument, match="column 'note' is string"):
        imputation.fill_values(cloud, frame, [note], "mode", "low")
