"""Rows by number, by mask and by completeness are those that pandas takes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.rows import RowRanges, drop_rows, filter_rows, omit_missing, take_rows
from hypothesis import given, settings
from hypothesis import strategies as st

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal in values, whatever pandas calls the types."""
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    for name in found.columns:
        want = expected[name]
        if want.dtype.kind == "M":
            want = [np.nan if pd.isna(moment) else moment.timestamp() * 1000 for moment in want]
        for a, b in zip(found[name], want, strict=True):
            assert (pd.isna(a) and pd.isna(b)) or a == b


@pytest.mark.parametrize(
    "ranges",
    [
        [range(0, 10)],
        [range(25, 45)],
        [range(0, 60, 7)],
        [range(3, 4), range(5, 9), range(30, 60, 5)],
        [range(59, 60)],
        [range(0, 60)],
        [],
    ],
    ids=str,
)
def test_ranges_take_and_drop_the_rows_they_name(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame, ranges: list[range]
) -> None:
    frame, chosen = make(**people), [row for run in ranges for row in run]
    same(read(take_rows(cloud, frame, RowRanges.of(ranges))), people.iloc[chosen])
    same(read(drop_rows(cloud, frame, RowRanges.of(ranges))), people.drop(index=chosen))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.lists(st.integers(0, 9), max_size=6))
@settings(derandomize=True)
def test_only_blocks_that_hold_rows_of_a_range_are_looked_at(sizes: list[int], cuts: list[int]) -> None:
    layout, ends = Layout(tuple(sizes), (0,) * len(sizes)), np.cumsum(cuts).tolist()
    ranges = [range(start, stop) for start, stop in pairwise(ends)][::2]
    holding = {layout.pieces(row, row + 1)[0][0] for run in ranges for row in run if row < layout.rows}
    found = RowRanges.of(ranges).blocks(layout)
    assert found == sorted(found)
    assert holding <= set(found)
    assert all(sizes[block] == 0 for block in set(found) - holding) or found == [0]


def test_a_few_rows_are_one_block_that_keeps_nothing_of_the_others(cloud: Cloud, make: Make) -> None:
    numbers = np.random.default_rng(3).choice(np.random.default_rng(4).normal(size=900), 30_000)
    layout = Layout((3000,) * 10, tuple(block % cloud.size for block in range(10)))
    frame = make(layout, x=numbers)
    assert set(frame.encodings) == {"dictionary"}
    few = take_rows(cloud, frame, RowRanges.of([range(14_990, 15_010)]))
    assert few.layout.blocks <= 2
    assert few.nbytes < 2 * (20 * 8 + 200)


def test_rows_beyond_the_end_are_not_there(cloud: Cloud, make: Make) -> None:
    assert take_rows(cloud, make(x=[1.0, 2.0]), RowRanges.of([range(1, 90)])).rows == 1


@pytest.mark.parametrize(
    "ranges", [[range(5, 6), range(2, 3)], [range(0, 4), range(3, 5)], [range(4, 0, -1)]]
)
def test_rows_out_of_order_or_twice_are_refused(ranges: list[range]) -> None:
    with pytest.raises(InvalidArgument, match="sort the row selection"):
        RowRanges.of(ranges)


def test_a_mask_keeps_true_and_drops_false_and_missing(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    frame = make(**people)
    mask = frame.select(["age"])
    same(read(filter_rows(cloud, frame, mask)), people[people["age"].fillna(0) != 0])


def test_a_mask_of_another_layout_meets_the_frame(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    wanted = np.arange(60) % 3 == 0
    mask = make(Layout((7, 53), (0, cloud.size - 1)), mask=wanted)
    same(read(filter_rows(cloud, make(**people), mask)), people[wanted])


def test_a_mask_that_is_false_throughout_leaves_a_frame_without_rows(cloud: Cloud, make: Make) -> None:
    frame = make(x=[1.0, 2.0, 3.0], y=["a", "b", None])
    empty = filter_rows(cloud, frame, make(mask=[0.0, 0.0, 0.0]))
    assert (empty.rows, empty.names) == (0, ("x", "y"))
    assert omit_missing(cloud, empty).rows == 0
    assert take_rows(cloud, empty, RowRanges.of([range(0, 5)])).rows == 0


def test_a_mask_that_does_not_fit_is_refused(cloud: Cloud, make: Make) -> None:
    frame = make(x=[1.0, 2.0])
    with pytest.raises(InvalidArgument, match="2 and 3 rows"):
        filter_rows(cloud, frame, make(mask=[1.0, 1.0, 1.0]))
    with pytest.raises(InvalidArgument, match="found 2 columns"):
        filter_rows(cloud, frame, make(a=[1.0, 1.0], b=[1.0, 1.0]))


def test_rows_with_a_missing_value_of_any_type_are_omitted(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    same(read(omit_missing(cloud, make(**people))), people.dropna())


def test_a_filter_that_leaves_rows_on_one_node_spreads_them_again(cloud: Cloud, make: Make) -> None:
    rows = 900
    frame = make(Layout((300, 300, 300), tuple(i % cloud.size for i in range(3))), x=np.arange(rows))
    few = take_rows(cloud, frame, RowRanges.of([range(0, 300)]))
    shards = [few.layout.rows_of(node) for node in range(cloud.size)]
    assert max(shards) <= 2 * min(shards)
    np.testing.assert_array_equal(cloud.read(few)[0], np.arange(300))


def test_statistics_and_domain_follow_the_rows(cloud: Cloud, make: Make, people: pd.DataFrame) -> None:
    frame = make(**people)
    half = take_rows(cloud, frame, RowRanges.of([range(0, 30)]))
    assert half.column("age").rollups.missing == people["age"][:30].isna().sum()
    assert half.column("age").rollups.mean == pytest.approx(people["age"][:30].mean())
    assert half.column("kind").domain == ("ash", "beech", "cedar")
