"""An interpreter with frames of every kind, on one embedded node and on three of Ray:

f every type, d numbers and groups, w words, c the calendar, u uuids, and those of `trade.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame, Layout
from aquifer_cluster.ingest import Roots
from aquifer_cluster.store import Store
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_server.rapids.interpreter import FrameResult, Interpreter, Result

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
SESSION = "_sid_1"


@dataclass(frozen=True)
class Rapids:
    """The interpreter, its cloud and its store."""

    cloud: Cloud
    store: Store
    interpreter: Interpreter
    frames: dict[str, Frame]

    def restore(self, keys: str = "f") -> None:
        """Bind frames again, those of the given (one-letter) keys."""
        for key in keys:
            self.store.put(key, self.frames[key])

    def __call__(self, text: str, session: str = SESSION) -> Result:
        return self.interpreter.evaluate(text, session)

    def frame(self, text: str) -> Frame:
        """The frame that an expression gives."""
        result = self(text)
        assert isinstance(result, FrameResult)
        return result.frame

    def rows(self, frame: Frame) -> list[list[Any]]:
        """All rows, None for missing."""
        values = zip(frame.columns, self.cloud.read(frame), strict=True)
        return [list(row) for row in zip(*(_cells(column, found) for column, found in values), strict=True)]


def _cells(column: Column, values: Any) -> list[Any]:
    if column.type is ColumnType.ENUM:
        return [None if code < 0 else (column.domain or ())[code] for code in values]
    if column.type is ColumnType.TIME:
        return [None if value == MISSING_TIME else float(value) for value in values]
    if column.type.dtype is None:
        return list(values.to_pylist())
    return [None if np.isnan(value) else float(value) for value in values]


def every_type(cloud: Cloud) -> Frame:
    """Four rows of numbers n, r and m (one missing), categories e and g, text s and times t."""
    numeric, enum = ColumnType.NUMERIC, ColumnType.ENUM
    times = [1577923200000, 1578009600000, 1580601600000, MISSING_TIME]
    columns = [
        NewColumn("n", numeric, np.array([3.0, -5.0, 0.0, 2.0])),
        NewColumn("r", numeric, np.array([1.5, -2.5, 0.5, 2.5])),
        NewColumn("e", enum, np.array([0, 1, 0, -1], np.int32), ("a", "b")),
        NewColumn("g", enum, np.array([0, 1, 0, 2], np.int32), ("10", "2", "5")),
        NewColumn("s", ColumnType.STRING, pa.array(["foo", "bar", "a", None])),
        NewColumn("t", ColumnType.TIME, np.array(times)),
        NewColumn("m", numeric, np.array([1.0, np.nan, 3.0, 4.0])),
    ]
    layout = Layout((2, 0, 1, 1), tuple(block % cloud.size for block in range(4)))
    return make_frame(cloud, columns, layout)


def numbers_and_groups(cloud: Cloud) -> Frame:
    """Eight rows of numbers x, y (two missing) and z, and categories k and h (one missing each)."""
    numeric, enum, nan = ColumnType.NUMERIC, ColumnType.ENUM, np.nan
    columns = [
        NewColumn("x", numeric, np.arange(1.0, 9.0)),
        NewColumn("y", numeric, np.array([2.0, nan, 8.0, 1.0, nan, 5.0, 7.0, 3.0])),
        NewColumn("z", numeric, np.array([0.5, 1.5, -1.0, 2.0, 7.0, 0.0, 3.0, 3.0])),
        NewColumn("k", enum, np.array([0, 1, 0, -1, 2, 1, 0, 2], np.int32), ("a", "b", "c")),
        NewColumn("h", enum, np.array([0, 1, -1, 1, 0, 0, 1, 1], np.int32), ("p", "q")),
    ]
    layout = Layout((3, 0, 1, 4), tuple(block % cloud.size for block in range(4)))
    return make_frame(cloud, columns, layout)


def words(cloud: Cloud) -> Frame:
    """Eight rows of texts s (one empty) and t, and of categories e and g; one missing in each."""
    string, enum = ColumnType.STRING, ColumnType.ENUM
    s = ["  Hello World ", "foo-bar", "aaa", "", "Ärger und Öl", None, "a.b.c", "foo-baz-qux"]
    t = ["hello world", "foo_bar", "aab", "x", "Arger", "none", None, "foo-bar"]
    e = np.array([1, 2, 4, 2, -1, 1, 0, 3], np.int32)
    g = np.array([3, 2, 0, 2, 1, -1, 3, 2], np.int32)
    columns = [
        NewColumn("s", string, pa.array(s)),
        NewColumn("t", string, pa.array(t)),
        NewColumn("e", enum, e, ("Down", "Up-1", "down", "mid-dle", "up-1")),
        NewColumn("g", enum, g, ("b", "c", "down", "foo bar")),
    ]
    return make_frame(cloud, columns, Layout((3, 0, 1, 4), tuple(block % cloud.size for block in range(4))))


def calendar(cloud: Cloud) -> Frame:
    """Six rows of times t, dates as text x and as categories k, and years y, months m, days a, hours h."""
    numeric, nan = ColumnType.NUMERIC, np.nan
    t = [1582979696789, -1, 1609632000000, MISSING_TIME, 962427967008, 1603587599999]
    x = ["2020-02-29", "1969-12-31", "2021-01-03", None, "2000-07-01", "2020-10-25"]
    k = ("01.07.2000 05:06", "03.01.2021 00:00", "29.02.2020 10:05", "31.12.1969 23:59")
    columns = [
        NewColumn("t", ColumnType.TIME, np.array(t)),
        NewColumn("x", ColumnType.STRING, pa.array(x)),
        NewColumn("k", ColumnType.ENUM, np.array([2, 3, 1, -1, 0, 2], np.int32), k),
        NewColumn("y", numeric, np.array([2020, 1969, 2021, 2000, nan, 2020])),
        NewColumn("m", numeric, np.array([2.0, 12, 1, 13, 7, 10])),
        NewColumn("a", numeric, np.array([29, 31, nan, 1, 1, 25])),
        NewColumn("h", numeric, np.array([12.9, 23, 0, 0, 5, 0])),
    ]
    return make_frame(cloud, columns, Layout((3, 0, 1, 2), tuple(block % cloud.size for block in range(4))))


def identifiers(cloud: Cloud) -> Frame:
    """Four rows of uuids u and v (some missing) and numbers n."""
    first, zeros = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "00000000-0000-0000-0000-00000000000"
    columns = [
        NewColumn("u", ColumnType.UUID, pa.array([first, None, f"{zeros}1", first])),
        NewColumn("v", ColumnType.UUID, pa.array([first, None, f"{zeros}2", None])),
        NewColumn("n", ColumnType.NUMERIC, np.arange(4.0)),
    ]
    return make_frame(cloud, columns, Layout((2, 2), tuple(block % cloud.size for block in range(2))))


TRADE: dict[str, list[Any]] = json.loads((Path(__file__).parent / "trade.json").read_text())
"""Frames to be merged, a with b (some keys missing) and o with s, by columns [name, type, domain, values]."""


def trade(key: str, cloud: Cloud) -> Frame:
    """One of the frames of TRADE."""
    columns = [NewColumn(*_given(*column)) for column in TRADE[key]]
    return make_frame(
        cloud, columns, Layout((2, 0, 1, len(columns[0].values) - 3), (0, 0, 0, cloud.size - 1))
    )


def _given(
    name: str, type: str, domain: list[str] | None, values: list[Any]
) -> tuple[str, ColumnType, Any, tuple[str, ...] | None]:
    if type == ColumnType.STRING:
        return name, ColumnType.STRING, pa.array(values, pa.string()), None
    if domain is not None:
        return (
            name,
            ColumnType.ENUM,
            np.array([-1 if v is None else domain.index(v) for v in values]),
            tuple(domain),
        )
    if type == ColumnType.TIME:
        return name, ColumnType.TIME, np.array([MISSING_TIME if v is None else v for v in values]), None
    return name, ColumnType.NUMERIC, np.array(values, np.float64), None


FRAMES = {
    "f": every_type,
    "d": numbers_and_groups,
    "w": words,
    "c": calendar,
    "u": identifiers,
    **{key: partial(trade, key) for key in TRADE},
}


@cache
def _frames(cloud: Cloud) -> dict[str, Frame]:
    return {key: make(cloud) for key, make in FRAMES.items()}


def _furnished(cloud: Cloud) -> Rapids:
    store, frames = Store(), _frames(cloud)
    rapids = Rapids(cloud, store, Interpreter(cloud, store, roots=Roots()), frames)
    rapids.restore()
    return rapids


@pytest.fixture(params=BOTH)
def rapids(request: pytest.FixtureRequest, clouds: Callable[[int], Cloud]) -> Rapids:
    """An interpreter whose store holds `f`; `restore` adds others of the FRAMES."""
    return _furnished(clouds(request.param))


@pytest.fixture
def embedded_rapids(clouds: Callable[[int], Cloud]) -> Rapids:
    """The same on one embedded node."""
    return _furnished(clouds(0))
