"""Histograms at breaks, against numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.breaks import RULES, histogram

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

VALUES = np.random.default_rng(8).gamma(2.0, size=500)


@pytest.mark.parametrize("rule", RULES)
def test_rules_give_numpy_s_breaks(cloud: Cloud, make: Make, read: Read, rule: str) -> None:
    found = read(histogram(cloud, make(x=VALUES), rule))
    edges = np.histogram_bin_edges(VALUES, rule)
    # numpy's Scott has (24 √π)^⅓ = 3.4908 for 3.49
    np.testing.assert_allclose(found["breaks"], edges)
    assert found["counts"][1:].tolist() == pytest.approx(np.histogram(VALUES, edges)[0].tolist(), abs=1)
    assert found["counts"].sum() == len(VALUES)


def test_breaks_may_be_given(cloud: Cloud, make: Make, read: Read) -> None:
    found = read(histogram(cloud, make(x=[1.0, 2.0, 3.0, 4.0, np.nan, 9.0]), [1, 2, 5, 7]))
    assert found["breaks"].tolist() == [1, 2, 5, 7]
    assert found["counts"].tolist()[1:] == [2, 2, 0]
    assert found["mids"].tolist()[1:] == [1.5, 3.5, 6.0]
    assert found["mids_true"].tolist()[1:3] == [1.5, 3.5]
    assert found.iloc[0, 1:].isna().all()
    assert read(histogram(cloud, make(x=VALUES), [4]))["counts"].sum() == 500


@pytest.mark.parametrize(
    ("breaks", "reason"), [("some", "'some' is not one of"), ([0], "from 1 to"), ([1, np.nan], "no number")]
)
def test_breaks_that_are_none(cloud: Cloud, make: Make, breaks: str | list[float], reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        histogram(cloud, make(x=VALUES), breaks)


def test_only_finite_numbers_have_a_histogram(cloud: Cloud, make: Make) -> None:
    with pytest.raises(InvalidArgument, match="column 'k' is enum"):
        histogram(cloud, make(k=pd.Categorical(["a"])), "rice")
    with pytest.raises(InvalidArgument, match="no finite range"):
        histogram(cloud, make(x=[1.0, np.inf]), "rice")
