"""An interpreter with a frame `f` of every type, on one embedded node and on three Ray nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame, Layout
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
    original: Frame

    def restore(self) -> None:
        """Bind `f` again."""
        self.store.put("f", self.original)

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
    if column.type is ColumnType.STRING:
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


def _furnished(cloud: Cloud) -> Rapids:
    store = Store()
    rapids = Rapids(cloud, store, Interpreter(cloud, store), every_type(cloud))
    rapids.restore()
    return rapids


@pytest.fixture(params=BOTH)
def rapids(request: pytest.FixtureRequest, clouds: Callable[[int], Cloud]) -> Rapids:
    """An interpreter whose store holds `f`."""
    return _furnished(clouds(request.param))


@pytest.fixture
def embedded_rapids(clouds: Callable[[int], Cloud]) -> Rapids:
    """The same on one embedded node."""
    return _furnished(clouds(0))
