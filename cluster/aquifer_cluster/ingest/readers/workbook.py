"""Convert the first sheet of an Excel workbook into an Arrow file: `python workbook.py HEADER TARGET < FILE`.

HEADER is 1, -1 or 0 (guess) and says whether the first row names the columns; what was found is in the
schema's metadata. This is a program of its own, which imports no other module of ours, because the library
reads a workbook as a whole, and may end its process when that is damaged.
"""

from __future__ import annotations

import datetime
import io
import sys
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import python_calamine

MAX_BYTES = 4 << 30
"""What the process may take, and what a workbook may claim to unpack to."""

BATCH_ROWS = 8192
HEADER_KEY, ROWS_KEY = b"header", b"rows"

_ZIP_MAGIC = b"PK\x03\x04"
_LOOKED_AT = 10
_TYPES: dict[frozenset[type], pa.DataType] = {
    frozenset({int, float}): pa.float64(),
    frozenset({bool}): pa.bool_(),
    frozenset({datetime.date}): pa.date32(),
    frozenset({datetime.date, datetime.datetime}): pa.timestamp("ms"),
    frozenset({datetime.time}): pa.time64("us"),
    frozenset({datetime.timedelta}): pa.duration("us"),
}
"""The type of a column all of whose cells have these types; that of any other is text."""

Cells = Sequence[Any]


def main(header: str, target: str) -> None:
    """Convert what comes in."""
    limit_memory()
    content = sys.stdin.buffer.read()
    if content.startswith(_ZIP_MAGIC):
        check_size(content)
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    first = list(islice(sheet.iter_rows(), _LOOKED_AT))
    headed = bool(first) and (has_header(first) if header == "0" else header == "1")
    types = types_of(islice(sheet.iter_rows(), headed, None), sheet.width)
    facts = {HEADER_KEY: b"1" if headed else b"-1", ROWS_KEY: b"%d" % (sheet.height - headed)}
    fields = list(zip(names_of(first[0] if headed else (), sheet.width), types, strict=True))
    schema = pa.schema(fields, metadata=facts)
    with pa.OSFile(target, "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        rows = islice(sheet.iter_rows(), headed, None)
        while taken := list(islice(rows, BATCH_ROWS)):
            arrays = [
                array_of(column, type) for column, type in zip(zip(*taken, strict=True), types, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def limit_memory() -> None:
    """Let this process fail before the machine's memory is full, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    except (ImportError, ValueError, OSError):
        pass


def check_size(content: bytes) -> None:
    """Raise ValueError for an archive that unpacks to too much."""
    size = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(content)).infolist())
    if size > MAX_BYTES:
        raise ValueError(f"it unpacks to {size >> 20:,} MB; at most {MAX_BYTES >> 20:,} MB are read")


def has_header(first: Sequence[Cells]) -> bool:
    """Whether the first row holds nothing but words, and a row below it something else."""
    if not all(isinstance(cell, str) for cell in first[0]) or not any(first[0]):
        return False
    return len(first) == 1 or any(not isinstance(cell, str) for row in first[1:] for cell in row)


def names_of(row: Cells, width: int) -> list[str]:
    """A name for each column: one without a name is called by its number."""
    given = [text_of(cell) for cell in row]
    return [(i < len(given) and given[i]) or f"C{i + 1}" for i in range(width)]


def types_of(rows: Iterator[Cells], width: int) -> list[pa.DataType]:
    """The type of each column, from all of its cells."""
    seen: list[set[type]] = [set() for _ in range(width)]
    for row in rows:
        for types, cell in zip(seen, row, strict=True):
            if cell != "":
                types.add(type(cell))
    return [
        next((found for known, found in _TYPES.items() if types <= known), pa.string())
        if types
        else pa.null()
        for types in seen
    ]


def array_of(cells: Cells, type: pa.DataType) -> pa.Array:
    """The cells as an array; an empty one is missing."""
    if pa.types.is_string(type):
        return pa.array([text_of(cell) for cell in cells], type)
    if pa.types.is_timestamp(type):
        return pa.array([moment_of(cell) for cell in cells], type)
    return pa.array([None if cell == "" else cell for cell in cells], type)


def text_of(cell: Any) -> str | None:
    """A cell as text; a whole number without its point."""
    if cell == "":
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def moment_of(cell: Any) -> datetime.datetime | None:
    """A day is its beginning."""
    if cell == "" or isinstance(cell, datetime.datetime):
        return cell or None
    return datetime.datetime.combine(cell, datetime.time())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BaseException as failure:  # the library's panics are no Exceptions
        sys.exit(f"{failure}")
