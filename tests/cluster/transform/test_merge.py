"""Merges make the pairs of rows that pandas makes, in H2O's order, for every type of key."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.merge import merge

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

HOW = {"inner": (False, False), "left": (True, False), "right": (False, True), "outer": (True, True)}


def table(seed: int, rows: int, levels: list[str], value: str) -> pd.DataFrame:
    """Keys of every type in a narrow range, so that they repeat, with missing ones; and a row number."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            value: np.arange(rows, dtype=float),
            "whole": random.integers(-2, 5, rows).astype(float),
            "real": random.integers(0, 6, rows) / 4 - 0.5,
            "kind": pd.Categorical.from_codes(random.integers(0, len(levels), rows), levels),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 6, rows), "D"),
            "word": random.choice(["ash", "beech", "cedar", ""], rows),
        }
    )
    for name in frame.columns[1:]:
        frame.loc[random.choice(rows, rows // 9 + 1, replace=False), name] = None
    return frame


LEFT = table(1, 40, ["a", "b", "c", "d"], "x")
RIGHT = table(2, 25, ["d", "z", "b", "a"], "y")
KEYS = [
    ["whole"],
    ["real"],
    ["kind"],
    ["day"],
    ["word"],
    ["whole", "kind"],
    ["kind", "real", "word"],
    ["real", "day"],
]


def pairs(frame: pd.DataFrame) -> list[tuple[float, float]]:
    """The row numbers of both sides, -1 for none."""
    return [(float(x), float(y)) for x, y in zip(frame["x"].fillna(-1), frame["y"].fillna(-1), strict=True)]


def expected(keys: list[str], how: str) -> pd.DataFrame:
    left, right = LEFT[["x", *keys]].copy(), RIGHT[["y", *keys]].copy()
    for frame in (left, right):
        if "kind" in keys:
            frame["kind"] = frame["kind"].astype(object)
    return left.merge(right, how=how, on=keys)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_pairs_are_those_of_pandas_in_the_order_of_keys_and_rows(
    cloud: Cloud, make: Make, read: Read, keys: list[str], how: str
) -> None:
    left, right = make(**LEFT[["x", *keys]]), make(**RIGHT[["y", *keys]])
    found = read(
        merge(cloud, left, right, *([frame.index(k) for k in keys] for frame in (left, right)), *HOW[how])
    )
    want = expected(keys, how)
    assert list(found.columns) == [*keys, "x", "y"]
    assert sorted(pairs(found)) == sorted(pairs(want))
    labels = dict(zip(pairs(want), want[keys].itertuples(index=False), strict=True))
    for pair, row in zip(pairs(found), found[keys].itertuples(index=False), strict=True):
        for a, b in zip(row, labels[pair], strict=True):
            b = b.timestamp() * 1000 if isinstance(b, pd.Timestamp) and not pd.isna(b) else b
            assert (pd.isna(a) and pd.isna(b)) or a == b
    levels = ["d", "z", "b", "a"] if how == "right" else ["a", "b", "c", "d", "z"]
    order = [
        tuple((not pd.isna(v), 0 if pd.isna(v) else levels.index(v) if v in levels else v) for v in row)
        for row in found[keys].itertuples(index=False)
    ]
    numbers = [pair[::-1] if how == "right" else pair for pair in pairs(found)]
    assert [*zip(order, numbers, strict=True)] == sorted(zip(order, numbers, strict=True))


def test_without_keys_the_common_columns_are_the_keys(cloud: Cloud, make: Make, read: Read) -> None:
    left, right = (
        make(a=[1.0, 2.0], b=[1.0, 5.0], c=[7.0, 8.0]),
        make(b=[5.0, 1.0], d=[3.0, 4.0], a=[2.0, 9.0]),
    )
    found = read(merge(cloud, left, right))
    assert found.to_dict("list") == {"a": [2.0], "b": [5.0], "c": [8.0], "d": [3.0]}


def test_names_that_repeat_get_a_number(cloud: Cloud, make: Make) -> None:
    left, right = make(k=[1.0], v=[2.0]), make(k=[1.0], v=[3.0])
    assert merge(cloud, left, right, [0], [0]).names == ("k", "v", "v0")


def test_other_columns_of_every_type_come_along_or_are_missing(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    keys = make(id=[5.0, 59.0, 100.0, 7.0])
    found = read(merge(cloud, keys, make(**people), [0], [0], True))
    want = pd.DataFrame({"id": [5.0, 7.0, 59.0, 100.0]}).merge(people, how="left", on="id")
    assert found["note"].tolist() == [None if pd.isna(v) else v for v in want["note"]]
    assert found["kind"].tolist() == [None if pd.isna(v) else v for v in want["kind"].astype(object)]
    assert found["height"].fillna(0).tolist() == want["height"].fillna(0).tolist()
    assert found["born"].isna().tolist() == want["born"].isna().tolist()


def test_frames_without_rows_merge(cloud: Cloud, make: Make) -> None:
    some, none = make(k=[1.0, 2.0], x=[1.0, 2.0]), make(k=np.empty(0), y=np.empty(0))
    assert merge(cloud, some, none).rows == 0
    assert merge(cloud, some, none, all_left=True).rows == 2
    assert merge(cloud, none, some, all_right=True).rows == 2
    assert merge(cloud, none, none, [0], [0], True, True).names == ("k", "y", "y0")


def test_a_result_that_would_not_fit_is_refused_with_its_size_before_it_is_made(
    cloud: Cloud, make: Make
) -> None:
    rows = 40_000
    left, right = make(k=np.zeros(rows), x=np.arange(rows)), make(k=np.zeros(rows), y=np.arange(rows))
    before = cloud.used_bytes
    with pytest.raises(MemoryExceeded, match="1,600,000,000 rows"):
        merge(cloud, left, right)
    assert cloud.used_bytes == before


@pytest.mark.parametrize(
    ("by_left", "by_right", "message"),
    [
        ([0], [0, 1], "found 1 and 2"),
        ([0], [1], "'n' is int and 's' is string"),
        ([0, 0], [0, 0], "given twice"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(
    embedded: Cloud, by_left: list[int], by_right: list[int], message: str
) -> None:
    import pyarrow as pa
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    columns = [
        NewColumn("n", ColumnType.NUMERIC, np.arange(3.0)),
        NewColumn("s", ColumnType.STRING, pa.array(["a", "b", "c"])),
    ]
    frame = make_frame(embedded, columns)
    with pytest.raises(InvalidArgument, match=message):
        merge(embedded, frame, frame, by_left, by_right)
    with pytest.raises(InvalidArgument, match="no column name in common"):
        merge(embedded, frame, frame.rename(["p", "q"]))
