"""Rows as time series in symbols, against the definition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.series import symbolic_aggregates
from scipy.stats import norm, zscore

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def by_definition(series: np.ndarray, words: int, symbols: int) -> np.ndarray:
    means = [word.mean(1) for word in np.array_split(zscore(series, axis=1, ddof=1), words, axis=1)]
    return np.floor(norm.cdf(np.stack(means, 1)) * symbols)


@pytest.mark.parametrize(("words", "symbols"), [(2, 2), (4, 5), (5, 10), (12, 100)])
def test_symbols_are_equally_likely_intervals_of_the_normal_distribution(
    cloud: Cloud, make: Make, read: Read, words: int, symbols: int
) -> None:
    series = np.random.default_rng(8).normal(size=(40, 12)).cumsum(1)
    frame = make(**{f"t{i}": column for i, column in enumerate(series.T)})
    found = read(symbolic_aggregates(cloud, frame, words, symbols, fewest=False))
    want = by_definition(series, words, symbols)
    np.testing.assert_array_equal(found[[f"c{i}" for i in range(words)]], want)
    assert found["iSax_index"][7] == "_".join(f"{code:.0f}^{symbols}" for code in want[7])


def test_symbols_that_do_not_occur_can_be_left_out(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(a=[1.0, 9, 1], b=[2.0, 1, 9], c=[9.0, 2, 2])
    assert read(symbolic_aggregates(cloud, frame, 3, 10, fewest=False))["iSax_index"][0] == "2^10_3^10_8^10"
    found = read(symbolic_aggregates(cloud, frame, 3, 10, fewest=True))
    assert found["iSax_index"].tolist() == ["0^2_1^3_1^2", "1^2_0^3_0^2", "0^2_2^3_0^2"]
    assert found["c1"].tolist() == [1, 0, 2]


def test_what_is_missing_is_left_out_and_what_never_changes_is_in_the_middle(
    cloud: Cloud, make: Make, read: Read
) -> None:
    frame = make(a=[1.0, 5, np.nan], b=[np.nan, 5, np.nan], c=[3.0, 5, 1], d=[3.0, 5, 2])
    found = read(symbolic_aggregates(cloud, frame, 2, 4, fewest=False))
    assert found["iSax_index"].tolist() == ["0^4_2^4", "1^4_1^4", None]
    assert np.isnan(found["c0"][2])


@pytest.mark.parametrize(
    ("words", "symbols", "reason"),
    [(0, 4, "1 to 2"), (3, 4, "1 to 2"), (2, 1, "2 to 65,536"), (2, 10**6, "2 to 65,536")],
)
def test_what_makes_no_symbols_is_refused(
    cloud: Cloud, make: Make, words: int, symbols: int, reason: str
) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        symbolic_aggregates(cloud, make(a=[1.0], b=[2.0]), words, symbols, fewest=False)
    with pytest.raises(InvalidArgument, match="column 's' is string"):
        symbolic_aggregates(cloud, make(s=["x"]), 1, 4, fewest=False)
