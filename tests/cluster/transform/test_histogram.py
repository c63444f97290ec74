"""Histograms and where bytes are, against numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.placement import bytes_by_node
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.histogram import MAX_BINS, histograms

PROBABILITIES = (0.001, 0.1, 0.25, 1 / 3, 0.5, 0.9, 0.999)


@pytest.fixture
def cloud(clouds: Callable[[int], Cloud]) -> Cloud:
    return clouds(0)


def test_whole_numbers_of_a_small_range_have_exact_quantiles(cloud: Cloud) -> None:
    values = np.random.default_rng(1).integers(-20, 80, 5000).astype(np.float64)
    frame = make_small_frame(cloud, [NewColumn("x", ColumnType.NUMERIC, values)])
    (histogram,) = histograms(cloud, frame)
    assert histogram is not None
    assert histogram.bins.exact
    assert histogram.counts.tolist() == np.bincount((values - values.min()).astype(int)).tolist()
    assert histogram.quantiles(PROBABILITIES) == pytest.approx(np.quantile(values, PROBABILITIES))


def test_real_numbers_are_counted_in_equal_bins(cloud: Cloud) -> None:
    values = np.random.default_rng(2).normal(size=5000)
    values[::7] = np.nan
    frame = make_small_frame(cloud, [NewColumn("x", ColumnType.NUMERIC, values)])
    (histogram,) = histograms(cloud, frame)
    assert histogram is not None
    known = values[~np.isnan(values)]
    expected, _ = np.histogram(known, MAX_BINS)
    assert histogram.counts.sum() == len(known)
    assert np.abs(histogram.counts - expected).sum() <= 4  # a value on a bin's edge may round either way


def test_levels_are_counted_and_text_is_not(cloud: Cloud) -> None:
    frame = make_small_frame(
        cloud,
        [
            NewColumn("level", ColumnType.ENUM, np.array([0, 2, 2, -1], np.int32), ("a", "b", "c")),
            NewColumn("constant", ColumnType.NUMERIC, np.full(4, 0.5)),
            NewColumn("nothing", ColumnType.NUMERIC, np.full(4, np.nan)),
        ],
    )
    levels, constant, nothing = histograms(cloud, frame)
    assert levels is not None
    assert levels.counts.tolist() == [1, 0, 2]
    assert constant is not None
    assert constant.counts.tolist() == [4]
    assert nothing is None
    assert sum(bytes_by_node(cloud, frame)) == frame.nbytes
