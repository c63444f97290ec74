"""Files of every format of typed columns."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import ParseSetup, Source, Wishes, guess
from aquifer_cluster.jobs import Job
from pyarrow import feather, orc, parquet

ROW_GROUP = 70

Write = Callable[[pa.Table], bytes]


@pytest.fixture
def parse_bytes(
    source_of: Callable[..., Source], parse_with: Callable[[Cloud, ParseSetup], tuple[Frame, Job]]
) -> Callable[..., tuple[Frame, Job]]:
    """Guesses the set-up of files of the given contents, given wishes, and parses them."""

    def run(cloud: Cloud, *contents: bytes, **wishes: object) -> tuple[Frame, Job]:
        sources = [source_of(content, f"file-{i}.dat") for i, content in enumerate(contents)]
        return parse_with(cloud, guess(sources, Wishes(**wishes), cloud))  # type: ignore[arg-type]

    return run


@pytest.fixture
def written() -> dict[str, Write]:
    """Writes a table in each format, with the format's own library."""
    return {
        "PARQUET": _bytes(lambda table, sink: parquet.write_table(table, sink, row_group_size=ROW_GROUP)),
        "ARROW": _bytes(lambda table, sink: feather.write_feather(table, sink, chunksize=ROW_GROUP)),
        "ARROW stream": _bytes(_write_stream),
        "ORC": _bytes(orc.write_table),
        "AVRO": _bytes(_write_avro),
    }


def _bytes(write: Callable[[pa.Table, io.BytesIO], Any]) -> Write:
    def run(table: pa.Table) -> bytes:
        sink = io.BytesIO()
        write(table, sink)
        return sink.getvalue()

    return run


def _write_stream(table: pa.Table, sink: io.BytesIO) -> None:
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=ROW_GROUP)


def _write_avro(table: pa.Table, sink: io.BytesIO) -> None:
    fields = [{"name": field.name, "type": ["null", _avro_type(field)]} for field in table.schema]
    schema = fastavro.parse_schema({"type": "record", "name": "Row", "fields": fields})
    fastavro.writer(sink, schema, table.to_pylist(), codec="deflate", sync_interval=500)


def _avro_type(field: pa.Field) -> Any:
    simple = {"bool": "boolean", "int32": "int", "int64": "long", "float": "float", "double": "double"}
    logical = {"date32[day]": ("int", "date"), "timestamp[ms, tz=UTC]": ("long", "timestamp-millis")}
    logical |= {"timestamp[us]": ("long", "local-timestamp-micros"), "time32[ms]": ("int", "time-millis")}
    shown = str(field.type)
    if shown in logical:
        base, name = logical[shown]
        return {"type": base, "logicalType": name}
    if pa.types.is_decimal(field.type):
        digits = {"precision": field.type.precision, "scale": field.type.scale}
        return {"type": "bytes", "logicalType": "decimal", **digits}
    return simple.get(shown) or {"string": "string", "binary": "bytes"}[shown]
