"""Random frames are as their recipe says, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.generation import Recipe, create_frame, insert_missing

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

MIXED = Recipe(
    rows=4000,
    cols=10,
    real_range=5,
    categorical_fraction=0.2,
    factors=7,
    integer_fraction=0.2,
    integer_range=3,
    binary_fraction=0.1,
    binary_ones_fraction=0.3,
    time_fraction=0.1,
    string_fraction=0.2,
    missing_fraction=0.25,
    has_response=True,
    seed=11,
)


def of_kind(recipe: Recipe, kind: str) -> list[str]:
    return [f"C{i + 1}" for i, found in enumerate(recipe.kinds()) if found == kind]


def test_every_kind_of_column_is_there_and_keeps_its_range(cloud: Cloud, read: Read) -> None:
    frame = create_frame(cloud, MIXED)
    found = read(frame)
    assert found.shape == (4000, 11)
    assert [len(of_kind(MIXED, kind)) for kind in ("real", "categorical", "integer")] == [2, 2, 2]
    for name in of_kind(MIXED, "real"):
        assert found[name].between(-5, 5).sum() + found[name].isna().sum() == 4000
        assert abs(found[name].mean()) < 0.5 < found[name].std()
    for name in of_kind(MIXED, "integer"):
        assert set(found[name].dropna()) == set(range(-3, 4))
    for name in of_kind(MIXED, "binary"):
        assert found[name].mean() == pytest.approx(0.3, abs=0.05)
    for name in of_kind(MIXED, "categorical"):
        assert frame.column(name).domain == tuple(f"c{name[1:]}.l{i}" for i in range(7))
        assert found[name].nunique() == 7
    for name in of_kind(MIXED, "string"):
        assert found[name].dropna().str.fullmatch("[A-Z]{8}").all()
    (time,) = of_kind(MIXED, "time")
    assert frame.column(time).type is ColumnType.TIME
    assert found["response"].notna().all()
    assert frame.column("response").domain == ("0", "1")
    missing = found.drop(columns="response").isna().mean()
    assert missing.between(0.2, 0.3).all()
    assert missing.nunique() > 5, "each column has gaps of its own"


def test_the_seed_decides(cloud: Cloud, read: Read) -> None:
    first, again = (read(create_frame(cloud, MIXED)) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def test_a_frame_of_one_value(cloud: Cloud, read: Read) -> None:
    nothing = dict.fromkeys(
        ["categorical_fraction", "integer_fraction", "binary_fraction", "missing_fraction"], 0.0
    )
    recipe = Recipe(rows=3, cols=2, randomize=False, value=7, **nothing)
    assert read(create_frame(cloud, recipe)).to_numpy().tolist() == [[7, 7]] * 3


@pytest.mark.parametrize(
    ("wishes", "error", "words"),
    [
        ({"time_fraction": 0.9}, InvalidArgument, "add up to more than 1"),
        ({"randomize": False}, InvalidArgument, "let it be true"),
        ({"rows": 10**12}, MemoryExceeded, "random frame"),
    ],
)
def test_recipes_that_cannot_be_made(
    cloud: Cloud, wishes: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        create_frame(cloud, Recipe(**{"rows": 10, "cols": 10, **wishes}))  # type: ignore[arg-type]


def test_missing_values_are_put_anywhere_and_all_else_stays(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    table = pd.concat([people] * 20, ignore_index=True)
    frame = make(**table)
    found, before = read(insert_missing(cloud, frame, 0.4, seed=3)), read(frame)
    gone = found.isna() & before.notna()
    assert (gone.sum() / before.notna().sum()).between(0.35, 0.45).all()
    pd.testing.assert_frame_equal(found.where(~gone, before), before)
    elsewhere = make(Layout((len(table),), (0,)), **table)
    pd.testing.assert_frame_equal(read(insert_missing(cloud, elsewhere, 0.4, seed=3)), found)
    with pytest.raises(InvalidArgument, match="from 0 to 1"):
        insert_missing(cloud, frame, 2, seed=3)
