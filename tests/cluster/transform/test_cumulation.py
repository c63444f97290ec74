"""Running values, differences and filled gaps, against pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import cumulation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

TABLE = pd.DataFrame(
    {
        "a": np.random.default_rng(3).normal(size=40),
        "b": np.random.default_rng(4).integers(-3, 4, 40).astype(float),
        "c": [1.0] * 25 + [np.nan] + [2.0] * 14,
    }
)


@pytest.mark.parametrize("operation", cumulation.CUMULATIVE)
@pytest.mark.parametrize("along_rows", [False, True])
def test_running_values_are_those_of_pandas(
    cloud: Cloud, make: Make, read: Read, operation: str, along_rows: bool
) -> None:
    found = read(cumulation.cumulate(cloud, make(**TABLE), operation, along_rows))
    want = getattr(TABLE, operation)(axis=int(along_rows), skipna=False)
    pd.testing.assert_frame_equal(found, want)


def test_categories_do_not_run(cloud: Cloud, make: Make) -> None:
    with pytest.raises(InvalidArgument, match="column 'k' is enum"):
        cumulation.cumulate(cloud, make(k=pd.Categorical(["a", "b"])), "cumsum", False)


def test_differences_are_those_of_pandas(cloud: Cloud, make: Make, read: Read) -> None:
    for name in TABLE:
        found = read(cumulation.difference(cloud, make(**TABLE[[name]])))
        pd.testing.assert_frame_equal(found, TABLE[[name]].diff())


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_gaps_are_filled_as_pandas_does(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, backward: bool, limit: int
) -> None:
    table = people.drop(columns="note")
    table.loc[[0, 1, 29, 30, 31, 59]] = None
    found = read(cumulation.fill_down(cloud, make(**table), backward, limit))
    want = read(make(**(table.bfill(limit=limit) if backward else table.ffill(limit=limit))))
    pd.testing.assert_frame_equal(found, want)


@pytest.mark.parametrize("backward", [False, True])
def test_rows_are_filled_as_pandas_does(cloud: Cloud, make: Make, read: Read, backward: bool) -> None:
    table = TABLE.where(np.random.default_rng(5).random(TABLE.shape) > 0.4)
    found = read(cumulation.fill_along(cloud, make(**table), backward, 1))
    fill = table.bfill if backward else table.ffill
    pd.testing.assert_frame_equal(found, fill(axis=1, limit=1))


def test_text_and_other_types_in_a_row_are_refused(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    with pytest.raises(InvalidArgument, match="column 'note' is string"):
        cumulation.fill_down(cloud, make(**people), False, 1)
    with pytest.raises(InvalidArgument, match="column 'kind' is enum"):
        cumulation.fill_along(cloud, make(**people[["id", "kind"]]), False, 1)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    some.lists(some.one_of(some.none(), some.integers(-9, 9)), min_size=1, max_size=12),
    some.integers(0, 4),
    some.booleans(),
)
def test_any_gap_is_filled_up_to_the_limit(
    make: Make, read: Read, cloud: Cloud, values: list[int | None], limit: int, backward: bool
) -> None:
    series = pd.Series(values, dtype=float)
    found = read(cumulation.fill_down(cloud, make(x=series), backward, limit))["x"]
    filled = series.bfill(limit=limit or None) if backward else series.ffill(limit=limit or None)
    pd.testing.assert_series_equal(found, filled if limit else series, check_names=False)
