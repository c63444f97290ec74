"""Avro container files, by fastavro: block by block. Types as H2O has them: strings are strings."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import fastavro
import pyarrow as pa
from fastavro.schema import SchemaParseException

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.setup import Header

MAGIC = b"Obj\x01"
_BUFFER_BYTES = 1 << 20

_PRIMITIVES: dict[str, pa.DataType] = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "fixed": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
}
_LOGICAL: dict[str, pa.DataType] = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms", "UTC"),
    "timestamp-micros": pa.timestamp("us", "UTC"),
    "timestamp-nanos": pa.timestamp("ns", "UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
    "local-timestamp-nanos": pa.timestamp("ns"),
}
_TOLD: dict[str, ColumnType] = {
    "boolean": ColumnType.NUMERIC,
    "bytes": ColumnType.STRING,
    "fixed": ColumnType.STRING,
    "string": ColumnType.STRING,
    "enum": ColumnType.ENUM,
}


class AvroColumns:
    """An open Avro file, whose records have one field for each column."""

    header = Header.PRESENT
    rows = None

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        self._buffered = io.BufferedReader(file, _BUFFER_BYTES)
        self.nbytes: int = file.size()
        writer = self._reader().writer_schema
        if not isinstance(writer, dict) or writer.get("type") != "record":
            raise ValueError(f"its schema is no record but {_name(writer)}")
        fields = [(field["name"], _without_null(field["type"])) for field in writer["fields"]]
        self.schema = pa.schema([(name, _arrow_type(type, {})) for name, type in fields])
        self.told = {name: _TOLD[_name(type)] for name, type in fields if _is_told(type)}
        self._uuids = {name for name, type in fields if _logical(type) == "uuid"}
        self.told |= dict.fromkeys(self._uuids, ColumnType.UUID)

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns of each block of the file."""
        schema = pa.schema([self.schema.field(name) for name in columns])
        for block in self._reader():
            records = list(block)
            values = [[record[name] for record in records] for name in columns]
            for name, column in zip(columns, values, strict=True):
                if name in self._uuids:
                    column[:] = [None if value is None else str(value) for value in column]
            arrays = [pa.array(column, type) for column, type in zip(values, schema.types, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _reader(self) -> Any:
        self._buffered.seek(0)
        try:
            return fastavro.block_reader(self._buffered)
        except SchemaParseException as broken:
            raise ValueError(str(broken)) from broken


def _name(type: Any) -> str:
    """What Avro calls a type."""
    if isinstance(type, list):
        return "union"
    return _name(type["type"]) if isinstance(type, dict) else str(type)


def _logical(type: Any) -> str | None:
    return type.get("logicalType") if isinstance(type, dict) else None


def _is_told(type: Any) -> bool:
    return _name(type) in _TOLD and _logical(type) is None


def _without_null(type: Any) -> Any:
    """The type of what is not missing."""
    if not isinstance(type, list):
        return type
    others = [member for member in type if _name(member) != "null"]
    return others[0] if len(others) == 1 else others or "null"


def _arrow_type(type: Any, named: dict[str, pa.DataType]) -> pa.DataType:
    """The Arrow type of an Avro type; `named` are the types that were defined before, by name."""
    type, name = _without_null(type), _name(_without_null(type))
    if name == "union":
        return _union([_arrow_type(member, named) for member in type])
    found = named.get(name) or _defined(type, name, named)
    if isinstance(type, dict) and "name" in type:
        named[type["name"]] = found
    return found


def _defined(type: Any, name: str, named: dict[str, pa.DataType]) -> pa.DataType:
    logical = _logical(type)
    if logical in _LOGICAL:
        return _LOGICAL[logical]
    if logical == "decimal":
        digits, scale = type["precision"], type.get("scale", 0)
        return pa.decimal128(digits, scale) if digits <= 38 else pa.decimal256(digits, scale)
    if logical == "uuid":
        return pa.string()
    if name == "array":
        return pa.list_(_arrow_type(type["items"], named))
    if name == "map":
        return pa.map_(pa.string(), _arrow_type(type["values"], named))
    if name in ("record", "error"):
        named[type["name"]] = pa.struct([])  # should it hold itself
        return pa.struct([(field["name"], _arrow_type(field["type"], named)) for field in type["fields"]])
    return _PRIMITIVES[name]


def _union(members: Sequence[pa.DataType]) -> pa.DataType:
    """One type for a union of numbers; else a union, which has no single value."""
    if all(pa.types.is_integer(member) for member in members):
        return pa.int64()
    if all(pa.types.is_integer(member) or pa.types.is_floating(member) for member in members):
        return pa.float64()
    return pa.dense_union([pa.field(str(member), member) for member in members])
