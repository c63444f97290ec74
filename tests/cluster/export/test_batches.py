"""Frames come out as Arrow and Parquet with the types that their columns have."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aquifer_cluster.chunk import ColumnType, empty, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.export import ArrowEncoder, ParquetEncoder, encoders, stream
from aquifer_cluster.frame import Frame

Columns = dict[str, tuple[ColumnType, Any, tuple[str, ...] | None]]
MakeFrame = Callable[[Cloud, Columns], Frame]

READERS: dict[str, Callable[[Cloud, Frame], pa.Table]] = {
    "arrow": lambda cloud, frame: pa.ipc.open_stream(
        b"".join(stream(cloud, frame, ArrowEncoder.of(frame)))
    ).read_all(),
    "parquet": lambda cloud, frame: pq.read_table(
        io.BytesIO(b"".join(stream(cloud, frame, ParquetEncoder.of(frame))))
    ),
}
TYPES = {
    "whole": pa.int64(),
    "real": pa.float64(),
    "huge": pa.int64(),
    "enum": pa.dictionary(pa.int32(), pa.string()),
    "time": pa.timestamp("ms", "UTC"),
    "string": pa.string(),
    "uuid": pa.string(),
    "nothing": pa.int64(),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_every_type_has_its_arrow_type_and_keeps_its_values(
    cloud: Cloud, mixed: Frame, read: Callable[[Cloud, Frame], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "MOST_BATCH_ROWS", 70)
    table = read(cloud, mixed)
    assert dict(zip(table.column_names, table.schema.types, strict=True)) == TYPES
    for name, column, values in zip(mixed.names, mixed.columns, cloud.read(mixed), strict=True):
        missing = is_missing(values, column.type)
        assert table[name].is_null().to_pylist() == missing.tolist()
        got = table[name].cast(pa.int64()) if name == "time" else table[name]
        if column.domain is not None:
            expected = [column.domain[code] for code in values[~missing]]
        elif isinstance(values, np.ndarray):
            expected = values[~missing].tolist()
        else:
            expected = values.drop_null().to_pylist()
        assert got.drop_null().to_pylist() == expected


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_frame_without_rows_keeps_its_types(
    cloud: Cloud, make_frame: MakeFrame, read: Callable[[Cloud, Frame], pa.Table]
) -> None:
    columns: Columns = {
        str(type): (type, empty(type), ("a", "b") if type is ColumnType.ENUM else None) for type in ColumnType
    }
    table = read(cloud, make_frame(cloud, columns))
    assert table.num_rows == 0
    assert table.column_names == list(columns)
    assert table.schema.field("enum").type == TYPES["enum"]


def test_all_levels_come_along(cloud: Cloud, mixed: Frame) -> None:
    batch = READERS["arrow"](cloud, mixed)["enum"].combine_chunks()
    assert tuple(batch.dictionary.to_pylist()) == mixed.column("enum").domain
