"""Pivot and melt make what pandas makes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import MAX_BLOCK_ROWS, Frame
from aquifer_cluster.transform import reshape
from aquifer_cluster.transform.reshape import melt, pivot

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


@pytest.mark.parametrize("value", ["height", "kind", "note", "id"])
@pytest.mark.parametrize(("index", "column"), [("age", "kind"), ("kind", "age"), ("born", "kind")])
def test_a_cell_has_the_first_known_value(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, index: str, column: str, value: str
) -> None:
    people = people.dropna(subset=[index, column])
    people = people.assign(kind=people["kind"].cat.remove_unused_categories())
    frame = make(**people.reset_index(drop=True))
    found = read(pivot(cloud, frame, frame.index(index), frame.index(column), frame.index(value)))
    plain = people.assign(kind=people["kind"].astype(object))
    want = pd.DataFrame({"i": plain[index], "c": plain[column], "v": plain[value]})
    want = want.pivot_table(index="i", columns="c", values="v", aggfunc="first", dropna=False)
    assert len(found) == plain[index].nunique()
    assert list(found.columns) == [
        index,
        *(label if column == "kind" else f"{label:g}" for label in want.columns),
    ]
    for name, label in zip(list(found.columns)[1:], want.columns, strict=True):
        cells = [None if pd.isna(v) else v for v in found[name]]
        assert cells == [None if pd.isna(v) else v for v in want[label]]


def test_a_pivot_of_many_rows_is_spread_over_the_nodes(cloud: Cloud, make: Make) -> None:
    rows, random = 3000, np.random.default_rng(2)
    frame = make(i=random.permutation(rows).repeat(2), c=np.tile([0.0, 1.0], rows), v=np.arange(2.0 * rows))
    wide = pivot(cloud, frame, 0, 1, 2)
    index, zero, one = cloud.read(wide)
    np.testing.assert_array_equal(index, np.arange(rows))
    np.testing.assert_array_equal(one, zero + 1)
    assert all(wide.layout.rows_of(node) for node in range(cloud.size))


def test_a_pivot_needs_labels_in_every_row_and_not_too_many(
    cloud: Cloud, make: Make, people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = make(**people)
    names = [frame.index(name) for name in ("id", "note", "kind")]
    with pytest.raises(InvalidArgument, match="column 'note' is string"):
        pivot(cloud, frame, names[0], names[1], 0)
    with pytest.raises(InvalidArgument, match="column 'kind' has 6 missing values"):
        pivot(cloud, frame, names[2], names[0], 0)
    monkeypatch.setattr(reshape, "MOST_COLUMNS", 59)
    with pytest.raises(InvalidArgument, match="'id' has 60 values"):
        pivot(cloud, frame, names[0], names[0], 0)


def test_a_pivot_that_would_not_fit_is_refused_with_its_size(
    embedded: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aquifer_cluster.chunk import ColumnType
    from aquifer_cluster.transform.creation import NewColumn, make_frame

    values = np.arange(1000.0)
    frame = make_frame(embedded, [NewColumn(name, ColumnType.NUMERIC, values) for name in "icv"])
    monkeypatch.setattr(embedded, "memory", embedded.used_bytes + 100_000)
    with pytest.raises(MemoryExceeded, match="1,000 rows and 1,001 columns"):
        pivot(embedded, frame, 0, 1, 2)


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("ids", [["kind"], ["note", "born"]], ids=str)
def test_melted_rows_are_those_of_pandas_row_by_row(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, ids: list[str], skip: bool
) -> None:
    frame = make(**people)
    values = ["age", "height", "id"]
    places = ([frame.index(name) for name in names] for names in (ids, values))
    found = read(melt(cloud, frame, *places, "what", "much", skip))
    want = people.assign(row=people.index).melt([*ids, "row"], values, "what", "much")
    want = want.sort_values("row", kind="stable")
    want = want.dropna(subset="much") if skip else want
    assert found["what"].tolist() == want["what"].tolist()
    assert found["much"].fillna(-9).tolist() == want["much"].fillna(-9).tolist()
    assert found[ids[0]].isna().tolist() == want[ids[0]].isna().tolist()


def test_without_values_all_other_columns_are_melted_into_blocks_of_usual_size(
    cloud: Cloud, make: Make
) -> None:
    rows = 40_000
    frame = make(k=np.arange(rows), a=np.arange(rows), b=np.arange(rows), c=np.arange(rows))
    found = melt(cloud, frame, [0])
    assert (found.rows, found.names) == (3 * rows, ("k", "variable", "value"))
    assert max(found.layout.block_rows) <= MAX_BLOCK_ROWS


def test_what_cannot_be_melted_is_named(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    frame = make(**people)
    at = frame.index
    with pytest.raises(InvalidArgument, match="at least one column"):
        melt(cloud, frame, [])
    with pytest.raises(InvalidArgument, match="no column is left"):
        melt(cloud, frame.select(["id"]), [0])
    with pytest.raises(InvalidArgument, match="'note' is string"):
        melt(cloud, frame, [at("id")], [at("note")])
    with pytest.raises(InvalidArgument, match="'id' is given twice"):
        melt(cloud, frame, [at("id")], [at("id")])
