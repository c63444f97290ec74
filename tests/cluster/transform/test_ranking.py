"""Ranks within groups, rows without duplicates, and the largest and smallest values are those of pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.ranking import drop_duplicates, extreme_rows, rank_within_groups

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


@pytest.mark.parametrize("keep", ["first", "last"])
@pytest.mark.parametrize(
    "keys", [["age"], ["kind"], ["note"], ["born"], ["kind", "note"], ["height", "age"]], ids=str
)
def test_one_row_of_those_alike_stays_where_it_is(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, keys: list[str], keep: str
) -> None:
    frame = make(**people)
    found = read(drop_duplicates(cloud, frame, [frame.index(key) for key in keys], keep))
    want = people.drop_duplicates(keys, keep=keep)  # type: ignore[call-overload]
    assert found["id"].tolist() == want["id"].tolist()


def test_many_rows_without_duplicates(cloud: Cloud, make: Make) -> None:
    keys = np.random.default_rng(4).integers(0, 3000, 10_000).astype(float)
    found = cloud.read(drop_duplicates(cloud, make(k=keys, row=np.arange(len(keys))), [0], "last"))
    assert found[1].tolist() == pd.Series(keys).drop_duplicates(keep="last").index.tolist()


def test_duplicates_need_columns_and_a_known_rule(embedded: Cloud) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    frame = make_frame(embedded, [NewColumn("x", ColumnType.NUMERIC, np.arange(3.0))])
    with pytest.raises(InvalidArgument, match="name at least one"):
        drop_duplicates(embedded, frame, [])
    with pytest.raises(InvalidArgument, match="'middle' is none of first, last"):
        drop_duplicates(embedded, frame, [0], "middle")


@pytest.mark.parametrize("rises", [True, False], ids=["up", "down"])
@pytest.mark.parametrize("groups", [["age"], ["kind", "note"], ["note"]], ids=str)
def test_ranks_count_the_known_rows_of_a_group_in_order(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, groups: list[str], rises: bool
) -> None:
    frame = make(**people)
    places = [frame.index(name) for name in groups]
    found = read(rank_within_groups(cloud, frame, places, [frame.index("height")], [rises], "rank"))
    want = people.assign(kind=people["kind"].astype(object))
    want = want.sort_values(
        [*groups, "height"], ascending=[*([True] * len(groups)), rises], na_position="first"
    )
    ranks = want["height"].notna().groupby([want[name] for name in groups], dropna=False).cumsum()
    assert found["id"].tolist() == want["id"].tolist()
    assert found["rank"].fillna(0).tolist() == ranks.where(want["height"].notna(), 0).tolist()


def test_ranked_rows_may_be_sorted_by_the_columns_alone(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    frame = make(**people)
    found = read(
        rank_within_groups(cloud, frame, [frame.index("kind")], [frame.index("height")], [], "id", True)
    )
    assert found["height"].dropna().is_monotonic_increasing
    assert list(found.columns)[-1] == "id0"


def test_groups_and_columns_of_many_words_are_ranked_on_every_node(
    cloud: Cloud, make: Make, read: Read
) -> None:
    random = np.random.default_rng(8)
    frame = pd.DataFrame({"g": random.normal(size=50).repeat(40), "v": random.normal(size=2000)})
    found = read(rank_within_groups(cloud, make(**frame), [0], [1], [False], "rank"))
    want = frame.sort_values(["g", "v"], ascending=[True, False])
    assert found["rank"].tolist() == (want.groupby("g").cumcount() + 1).tolist()


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("percent", [0, 10, 33, 100])
def test_the_extreme_rows_are_those_of_pandas(
    cloud: Cloud, make: Make, people: pd.DataFrame, percent: float, largest: bool
) -> None:
    frame = make(**people)
    numbers, values = cloud.read(extreme_rows(cloud, frame, frame.index("age"), percent, largest))
    known = people["age"].dropna().sort_values(ascending=not largest, kind="stable")
    count = round(len(people) * percent / 100)
    assert numbers.tolist() == known.index[:count].tolist()
    assert values.tolist() == known.tolist()[:count]


def test_extremes_are_of_numbers_and_shares_of_a_whole(
    cloud: Cloud, make: Make, people: pd.DataFrame
) -> None:
    frame = make(**people)
    with pytest.raises(InvalidArgument, match="'kind' is enum"):
        extreme_rows(cloud, frame, frame.index("kind"), 10, True)
    with pytest.raises(InvalidArgument, match="101 is not between 0 and 100"):
        extreme_rows(cloud, frame, frame.index("age"), 101, True)
