"""Folds and splits: every level is spread evenly; the same for the same seed, whatever the layout."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform import folds

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

ROWS = 900


@pytest.fixture
def levels() -> pd.Categorical:
    codes = np.random.default_rng(1).choice([-1, 0, 1, 2], ROWS, p=[0.1, 0.6, 0.2, 0.1])
    return pd.Categorical.from_codes(codes, ["x", "y", "z"])


def test_random_folds_are_of_about_equal_size(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(v=np.zeros(ROWS))
    found = read(folds.random_folds(cloud, frame, 3, seed=5))["C1"]
    assert found.value_counts().between(250, 350).all()
    elsewhere = make(Layout((ROWS,), (0,)), v=np.zeros(ROWS))
    assert read(folds.random_folds(cloud, elsewhere, 3, seed=5))["C1"].tolist() == found.tolist()
    assert read(folds.random_folds(cloud, frame, 3, seed=6))["C1"].tolist() != found.tolist()


def test_folds_in_turn(cloud: Cloud, make: Make, read: Read) -> None:
    found = read(folds.modulo_folds(cloud, make(v=np.zeros(10)), 4))["C1"]
    assert found.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    with pytest.raises(InvalidArgument, match="at least 1, found 0"):
        folds.modulo_folds(cloud, make(v=np.zeros(10)), 0)


def test_stratified_folds_spread_every_level(
    cloud: Cloud, make: Make, read: Read, levels: pd.Categorical
) -> None:
    found = read(folds.stratified_folds(cloud, make(k=levels), 4, seed=2))["C1"]
    counts = pd.crosstab(levels.codes, found)
    assert counts.shape == (4, 4)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1
    again = read(folds.stratified_folds(cloud, make(k=levels), 4, seed=2))["C1"]
    other = read(folds.stratified_folds(cloud, make(k=levels), 4, seed=3))["C1"]
    assert again.tolist() == found.tolist() != other.tolist()


def test_a_stratified_split_takes_the_fraction_of_every_level(
    cloud: Cloud, make: Make, read: Read, levels: pd.Categorical
) -> None:
    split = folds.stratified_split(cloud, make(k=levels), 0.3, seed=2)
    assert split.columns[0].domain == folds.SPLIT_DOMAIN
    share = (read(split)["test_train_split"] == "test").groupby(levels.codes).sum()
    sizes = pd.Series(levels.codes).value_counts().sort_index()
    np.testing.assert_allclose(share, np.floor(sizes * 0.3 + 0.5))
    with pytest.raises(InvalidArgument, match="from 0 to 1"):
        folds.stratified_split(cloud, make(k=levels), 1.5, seed=2)
