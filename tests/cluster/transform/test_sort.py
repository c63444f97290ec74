"""Sorting agrees with pandas for every type of key, with missing values, in both directions."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import MAX_BLOCK_ROWS, Frame
from aquifer_cluster.transform.sort import sort_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

KEYS = [["id"], ["age"], ["height"], ["kind"], ["note"], ["born"], ["age", "height", "born"]]
PAIRS = [list(pair) for pair in itertools.permutations(["age", "kind", "note"], 2)]


def ordered(people: pd.DataFrame, keys: list[str], ascending: list[bool]) -> pd.DataFrame:
    """What pandas makes of it; categories ascend, whatever is asked for."""
    up = [rises or key == "kind" for key, rises in zip(keys, ascending, strict=True)]
    return people.sort_values(keys, ascending=up, kind="stable", na_position="first")


@pytest.mark.parametrize("rises", [True, False], ids=["up", "down"])
@pytest.mark.parametrize("keys", [*KEYS, *PAIRS], ids=str)
def test_rows_come_in_the_order_of_pandas(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, keys: list[str], rises: bool
) -> None:
    frame = make(**people)
    columns = [frame.index(key) for key in keys]
    ascending = [rises] * len(keys)
    found = read(sort_rows(cloud, frame, columns, ascending))
    expected = ordered(people, list(keys), ascending)
    assert found["id"].fillna(-1).tolist() == expected["id"].fillna(-1).tolist()
    assert found["note"].tolist() == [None if pd.isna(note) else note for note in expected["note"]]


def test_every_key_has_its_own_direction(cloud: Cloud, make: Make, read: Read, people: pd.DataFrame) -> None:
    frame = make(**people)
    found = read(sort_rows(cloud, frame, [frame.index("age"), frame.index("born")], [False, True]))
    assert found["id"].tolist() == ordered(people, ["age", "born"], [False, True])["id"].tolist()


def test_statistics_domain_and_balance_survive(cloud: Cloud, make: Make) -> None:
    rows = 3000
    frame = make(
        x=np.random.default_rng(1).permutation(rows).astype(float),
        kind=pd.Categorical.from_codes(np.arange(rows) % 3, ["a", "b", "c"]),
    )
    found = sort_rows(cloud, frame, [0])
    np.testing.assert_array_equal(cloud.read(found)[0], np.arange(rows))
    assert found.column("kind").domain == ("a", "b", "c")
    assert found.column("x").rollups.mean == pytest.approx((rows - 1) / 2)
    shards = [found.layout.rows_of(node) for node in range(cloud.size)]
    assert max(shards) <= 2 * min(shards)
    assert max(found.layout.block_rows) <= MAX_BLOCK_ROWS


def test_extremes_of_numbers_have_their_place(cloud: Cloud, make: Make) -> None:
    values = [0.0, np.inf, -0.0, 5e-324, np.nan, -np.inf, 1e308, -5e-324, -1.5]
    frame = make(x=values, row=np.arange(len(values)))
    assert cloud.read(sort_rows(cloud, frame, [0]))[1].tolist() == [4, 5, 8, 7, 0, 2, 3, 6, 1]
    assert cloud.read(sort_rows(cloud, frame, [0], [False]))[1].tolist() == [4, 1, 6, 3, 0, 2, 7, 8, 5]


def test_whole_numbers_beyond_floats_are_told_apart(cloud: Cloud) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    big = 2**60
    values = np.array([big + 2, big, np.iinfo(np.int64).min, big + 1, -big - 1, -big])
    frame = make_frame(cloud, [NewColumn("x", ColumnType.NUMERIC, values)])
    found = cloud.read(sort_rows(cloud, frame, [0]))[0]
    assert found.tolist() == [np.iinfo(np.int64).min, -big - 1, -big, big, big + 1, big + 2]


def test_a_frame_without_rows_and_no_key_at_all_are_left_alone(cloud: Cloud, make: Make) -> None:
    assert sort_rows(cloud, make(x=np.empty(0), s=[]), [0, 1]).rows == 0
    frame = make(x=[3.0, 1.0])
    assert sort_rows(cloud, frame, []) is frame


def test_too_few_directions_are_refused(embedded: Cloud) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    frame = make_frame(embedded, [NewColumn(name, ColumnType.NUMERIC, np.arange(3.0)) for name in "xy"])
    with pytest.raises(InvalidArgument, match="2 columns need as many directions, found 1"):
        sort_rows(embedded, frame, [0, 1], [True])


def test_what_does_not_fit_twice_is_refused_beforehand(
    embedded: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    frame = make_frame(
        embedded, [NewColumn("x", ColumnType.NUMERIC, np.random.default_rng(0).normal(size=9999))]
    )
    monkeypatch.setattr(embedded, "memory", embedded.used_bytes + 1000)
    with pytest.raises(MemoryExceeded, match="sort needs"):
        sort_rows(embedded, frame, [0])


_numbers = some.one_of(
    some.lists(some.floats(width=64), min_size=1, max_size=60),
    some.lists(some.integers(-300, 300).map(float) | some.just(float("nan")), min_size=1, max_size=200),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=_numbers, rises=some.booleans())
def test_any_numbers_are_sorted_stably(embedded: Cloud, values: list[float], rises: bool) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    columns = [np.array(values), np.arange(len(values), dtype=float)]
    frame = make_frame(
        embedded, [NewColumn(n, ColumnType.NUMERIC, v) for n, v in zip("xy", columns, strict=True)]
    )
    found = embedded.read(sort_rows(embedded, frame, [0], [rises]))[1]
    expected = pd.Series(columns[0]).sort_values(ascending=rises, kind="stable", na_position="first").index
    assert found.tolist() == expected.tolist()
