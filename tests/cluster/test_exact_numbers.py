"""Whole numbers beyond 2^53 keep their digits wherever rows are moved, chosen, changed or written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.assignment import assign
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_cluster.transform.rows import RowRanges, filter_rows, take_rows

BIG = 2**60 + 1
VALUES = np.array([BIG, 3, MISSING_TIME, -BIG, BIG + 2, 0, BIG + 4])
LAYOUT = Layout((3, 0, 4), (0, 0, 0))


@pytest.fixture
def frame(cloud: Cloud) -> Frame:
    owners = tuple(block % cloud.size for block in range(3))
    return make_frame(cloud, [NewColumn("id", ColumnType.NUMERIC, VALUES)], Layout(LAYOUT.block_rows, owners))


def digits(cloud: Cloud, frame: Frame) -> list[int]:
    (values,) = cloud.read(frame)
    assert values.dtype == np.int64
    return [int(value) for value in values]


def evenly(cloud: Cloud, frame: Frame) -> Frame:
    return cloud.redistribute(frame, Layout((2, 2, 3), tuple((block + 1) % cloud.size for block in range(3))))


def doubled(cloud: Cloud, frame: Frame) -> Frame:
    return cloud.concatenate([frame, frame], Layout((7, 7), (0, cloud.size - 1)))


def every_second(cloud: Cloud, frame: Frame) -> Frame:
    return take_rows(cloud, frame, RowRanges.of([range(0, 7, 2)]))


def large_ones(cloud: Cloud, frame: Frame) -> Frame:
    (mask,) = cloud.map_columns(frame, _is_large, types=[ColumnType.NUMERIC])
    return filter_rows(cloud, frame, Frame(("mask",), (mask,), mask.layout))


def one_changed(cloud: Cloud, frame: Frame) -> Frame:
    return assign(cloud, frame, [0], 7.0, RowRanges.of([range(1, 2)]))


def some_exchanged(cloud: Cloud, frame: Frame) -> Frame:
    given = make_frame(cloud, [NewColumn("new", ColumnType.NUMERIC, np.array([BIG + 6, BIG + 8]))])
    return assign(cloud, frame, [0], given, RowRanges.of([range(4, 6)]))


def _is_large(block: Any) -> list[Any]:
    return [block.decode(0) > 2**59]


MOVES: list[tuple[Callable[[Cloud, Frame], Frame], Any]] = [
    (evenly, VALUES),
    (doubled, np.concatenate([VALUES, VALUES])),
    (every_second, VALUES[::2]),
    (large_ones, VALUES[VALUES > 2**59]),
    (one_changed, np.array([BIG, 7, *VALUES[2:]])),
    (some_exchanged, np.array([*VALUES[:4], BIG + 6, BIG + 8, BIG + 4])),
]


@pytest.mark.parametrize(("move", "expected"), MOVES, ids=[move.__name__ for move, _ in MOVES])
def test_digits_survive(
    cloud: Cloud, frame: Frame, move: Callable[[Cloud, Frame], Frame], expected: Any
) -> None:
    assert digits(cloud, frame) == VALUES.tolist()
    assert digits(cloud, move(cloud, frame)) == expected.tolist()


def test_what_is_computed_is_computed_with_the_nearest_float(cloud: Cloud, frame: Frame) -> None:
    (column,) = cloud.map_columns(frame, _halved, types=[ColumnType.NUMERIC])
    (values,) = cloud.read(Frame(("half",), (column,), column.layout))
    expected = [np.nan if value == MISSING_TIME else float(value) / 2 for value in VALUES.tolist()]
    np.testing.assert_array_equal(values, expected)


def _halved(block: Any) -> list[Any]:
    return [block.decode(0) / 2]
