"""Small frames of every type, laid out so that blocks are uneven and one is empty; and a way to read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame, Layout
from aquifer_cluster.transform.creation import NewColumn, make_frame

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def _new_column(name: str, values: Any) -> NewColumn:
    """Numbers become a numeric column, a pandas categorical an enum, dates times, the rest text."""
    series = pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy(np.int32)
        return NewColumn(name, ColumnType.ENUM, codes, tuple(series.cat.categories))
    if series.dtype.kind == "M":
        times = series.astype("datetime64[ms]").astype("int64").to_numpy(copy=True)
        times[series.isna().to_numpy()] = MISSING_TIME
        return NewColumn(name, ColumnType.TIME, times)
    if series.dtype.kind in "fiub":
        return NewColumn(name, ColumnType.NUMERIC, series.to_numpy(np.float64))
    return NewColumn(name, ColumnType.STRING, pa.array(series, pa.string(), from_pandas=True))


def uneven_layout(rows: int, nodes: int) -> Layout:
    """Four blocks of about 1/2, 0, 1/6 and 1/3 of the rows, dealt to the nodes in turn."""
    first, third = rows // 2, rows // 6
    sizes = (first, 0, third, rows - first - third)
    return Layout(sizes, tuple(block % nodes for block in range(len(sizes))))


@pytest.fixture
def make(cloud: Cloud) -> Make:
    """Makes a frame of named columns, of pandas or numpy values."""

    def run(layout: Layout | None = None, **columns: Any) -> Frame:
        made = [_new_column(name, values) for name, values in columns.items()]
        return make_frame(cloud, made, layout or uneven_layout(len(made[0].values), cloud.size))

    return run


def _series(column: Column, values: Any) -> pd.Series:
    if column.type is ColumnType.ENUM:
        domain = column.domain or ()
        return pd.Series([None if code < 0 else domain[code] for code in values], dtype=object)
    if column.type is ColumnType.STRING:
        return pd.Series(values.to_pylist(), dtype=object)
    if column.type is ColumnType.TIME:
        return pd.Series(np.where(values == MISSING_TIME, np.nan, values.astype(np.float64)))
    return pd.Series(values)


@pytest.fixture
def read(cloud: Cloud) -> Read:
    """Reads a frame: labels for categories, milliseconds for times."""

    def run(frame: Frame) -> pd.DataFrame:
        values = cloud.read(frame)
        series = [_series(column, found) for column, found in zip(frame.columns, values, strict=True)]
        return pd.DataFrame(dict(zip(frame.names, series, strict=True)))

    return run


@pytest.fixture
def people() -> pd.DataFrame:
    """Sixty rows with a column of each type, all but `id` with missing values."""
    random = np.random.default_rng(7)
    rows = 60
    frame = pd.DataFrame(
        {
            "id": np.arange(rows, dtype=float),
            "age": random.integers(-3, 4, rows).astype(float),
            "height": random.normal(size=rows),
            "kind": pd.Categorical.from_codes(random.integers(0, 3, rows), ["ash", "beech", "cedar"]),
            "note": [f"n{i % 7}" for i in range(rows)],
            "born": pd.date_range("2020-01-01", periods=rows, freq="D"),
        }
    )
    for position, name in enumerate(frame.columns[1:]):
        frame.loc[random.choice(rows, 4 + position, replace=False), name] = None
    return frame
