"""Files of every format of typed columns."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import fastavro
import pyarrow as pa
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import ParseSetup, Source, Wishes, guess
from aquifer_cluster.jobs import Job
from pyarrow import feather, orc, parquet

ROW_GROUP = 70
DAY_STYLE = 1

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


@pytest.fixture
def xlsx() -> Callable[[list[list[Any]]], bytes]:
    """Makes a workbook of one sheet; a day is a pair of anything and its serial number."""
    return _workbook


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


def _workbook(rows: list[list[Any]]) -> bytes:
    """A workbook of one sheet, as the standard (ECMA-376) has it."""
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>",
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return sink.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    if isinstance(value, tuple):
        return f'<c s="{DAY_STYLE}"><v>{value[1]}</v></c>'
    return f"<c><v>{value}</v></c>"
