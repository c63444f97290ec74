"""Uuid columns are compared without regard to capitals, selected, bound, written and exported as they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform import factors
from aquifer_cluster.transform.arithmetic import apply
from aquifer_cluster.transform.assignment import assign
from aquifer_cluster.transform.binding import bind_rows
from aquifer_cluster.transform.choice import choose
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_cluster.transform.maths import missing
from aquifer_cluster.transform.rows import RowRanges, take_rows

Read = Callable[[Frame], pd.DataFrame]

A, B = "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "00000000-0000-0000-0000-0000000000ff"
LEFT, RIGHT = [A, B, None, A, None], [A, A, None, None, B]


@pytest.fixture
def frame(cloud: Cloud) -> Frame:
    """Two columns of uuids in uneven blocks, and the same as text with capitals."""
    columns = [
        NewColumn("u", ColumnType.UUID, pa.array(LEFT)),
        NewColumn("v", ColumnType.UUID, pa.array(RIGHT)),
        NewColumn("text", ColumnType.STRING, pa.array([text and text.upper() for text in RIGHT])),
    ]
    return make_frame(cloud, columns, Layout((2, 0, 3), tuple(block % cloud.size for block in range(3))))


def uuids(cloud: Cloud, frame: Frame, index: int = 0) -> list[str | None]:
    return [text and text.lower() for text in cloud.read(frame)[index].to_pylist()]


@pytest.mark.parametrize("other", ["v", "text"])
def test_uuids_are_compared(cloud: Cloud, frame: Frame, read: Read, other: str) -> None:
    want = np.array([a == b for a, b in zip(LEFT, RIGHT, strict=True)])
    for operator, expected in (("==", want), ("!=", ~want)):
        found = apply(cloud, operator, frame.select(["u"]), frame.select([other]))
        np.testing.assert_array_equal(read(found)["u"], expected)


@pytest.mark.parametrize("constant", [A, A.upper()])
def test_uuids_are_compared_with_a_text(cloud: Cloud, frame: Frame, read: Read, constant: str) -> None:
    found = apply(cloud, "==", frame.select(["u"]), constant)
    np.testing.assert_array_equal(read(found)["u"], [uuid == A for uuid in LEFT])


def test_uuids_have_no_order_and_no_number(cloud: Cloud, frame: Frame) -> None:
    with pytest.raises(InvalidArgument, match="column 'u' is text"):
        apply(cloud, "<", frame.select(["u"]), frame.select(["v"]))
    for change in (factors.as_numeric, factors.as_factor):
        with pytest.raises(InvalidArgument, match="column 'u' holds uuids"):
            change(cloud, frame.select(["u"]))


def test_uuids_are_selected_bound_chosen_and_written(cloud: Cloud, frame: Frame, read: Read) -> None:
    assert uuids(cloud, take_rows(cloud, frame, RowRanges.of([range(1, 4)]))) == LEFT[1:4]
    both = bind_rows(cloud, [frame.select(["u"]), frame.select(["u"])])
    assert (both.columns[0].type, uuids(cloud, both)) == (ColumnType.UUID, LEFT * 2)
    absent = missing(cloud, frame.select(["u"]))
    np.testing.assert_array_equal(read(absent)["isNA(u)"], [uuid is None for uuid in LEFT])
    chosen = choose(cloud, absent, frame.select(["v"]), frame.select(["u"]))
    assert uuids(cloud, chosen) == [A, B, None, A, B]
    written = assign(cloud, frame, [0], frame.select(["v"]), None)
    assert uuids(cloud, written) == RIGHT
    assert uuids(cloud, assign(cloud, frame, [0], np.nan, RowRanges.of([range(2)]))) == [
        None,
        None,
        *LEFT[2:],
    ]


def test_uuids_become_text(cloud: Cloud, frame: Frame) -> None:
    text = factors.as_character(cloud, frame.select(["u"]))
    assert (text.columns[0].type, uuids(cloud, text)) == (ColumnType.STRING, LEFT)
