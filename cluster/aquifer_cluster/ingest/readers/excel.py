"""Excel workbooks, new and old, by calamine: the first sheet, cell by cell."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, ClassVar

import pyarrow as pa
import python_calamine

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.inference import has_header
from aquifer_cluster.ingest.readers.base import Beginning
from aquifer_cluster.ingest.setup import Header

XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = b"PK\x03\x04"
_PARTS = b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/"

MAX_UNPACKED_BYTES = 2 << 30
"""A workbook that claims to unpack to more is not read: it is read as a whole."""

_TYPES: dict[frozenset[type], pa.DataType] = {
    frozenset({int, float}): pa.float64(),
    frozenset({bool}): pa.bool_(),
    frozenset({datetime.date}): pa.date32(),
    frozenset({datetime.date, datetime.datetime}): pa.timestamp("ms"),
    frozenset({datetime.time}): pa.time64("us"),
    frozenset({datetime.timedelta}): pa.duration("us"),
}
"""The type of a column whose cells are all of these types; that of any other is text."""

Cells = list[Any]


def is_xlsx(beginning: Beginning) -> bool:
    """Whether a file is a zip archive with the parts of an Office document."""
    stored = beginning.stored
    return stored.startswith(_ZIP_MAGIC) and any(stored.startswith(part, 30) for part in _PARTS)


class ExcelColumns:
    """The first sheet of an open workbook. A column has the type that all of its cells have, or is text."""

    told: ClassVar[dict[str, ColumnType]] = {}

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        if file.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC:
            _check_size(file)
        file.seek(0)
        with _panics():
            workbook = python_calamine.CalamineWorkbook.from_filelike(file)
            self._sheet = workbook.get_sheet_by_index(0)
        first = [[_text(cell) or "" for cell in row] for row in islice(self._sheet.iter_rows(), 2)]
        if header is Header.GUESS:
            header = Header.PRESENT if has_header(first) else Header.NONE
        self.header = header
        names = first[0] if first and header is Header.PRESENT else []
        width = self._sheet.width
        names = [(names[i].strip() if i < len(names) else "") or f"C{i + 1}" for i in range(width)]
        self.rows: int = max(0, len(first) and self._sheet.height - self._skipped)
        self.schema = pa.schema(list(zip(names, self._types(width), strict=True)))
        self.nbytes = 8 * width * self.rows

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns in batches of `rows` rows."""
        places = [self.schema.get_field_index(name) for name in columns]
        schema = pa.schema([self.schema.field(place) for place in places])
        cells = self._cells()
        while taken := list(islice(cells, rows)):
            arrays = [_array([row[i] for row in taken], self.schema.field(i).type) for i in places]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    @property
    def _skipped(self) -> int:
        return 1 if self.header is Header.PRESENT else 0

    def _cells(self) -> Iterator[Cells]:
        """The rows below the header."""
        with _panics():
            yield from islice(self._sheet.iter_rows(), self._skipped, None)

    def _types(self, width: int) -> list[pa.DataType]:
        seen: list[set[type]] = [set() for _ in range(width)]
        for row in self._cells():
            for types, cell in zip(seen, row, strict=True):
                if cell != "":
                    types.add(type(cell))
        return [_type_of(types) for types in seen]


def _type_of(types: set[type]) -> pa.DataType:
    if not types:
        return pa.null()
    return next((found for known, found in _TYPES.items() if types <= known), pa.string())


def _array(cells: Cells, type: pa.DataType) -> pa.Array:
    if pa.types.is_string(type):
        return pa.array([_text(cell) for cell in cells], type)
    if pa.types.is_timestamp(type):
        return pa.array([_moment(cell) for cell in cells], type)
    return pa.array([None if cell == "" else cell for cell in cells], type)


def _moment(cell: Any) -> datetime.datetime | None:
    if cell == "" or isinstance(cell, datetime.datetime):
        return cell or None
    return datetime.datetime.combine(cell, datetime.time())


def _text(cell: Any) -> str | None:
    """A cell as text; a whole number without its point."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _check_size(file: pa.NativeFile) -> None:
    """Raise ValueError for an archive that unpacks to too much."""
    file.seek(0)
    try:
        size = sum(member.file_size for member in zipfile.ZipFile(file).infolist())
    except zipfile.BadZipFile as broken:
        raise ValueError(str(broken)) from broken
    if size > MAX_UNPACKED_BYTES:
        raise ValueError(f"it unpacks to {size >> 20:,} MB, at most {MAX_UNPACKED_BYTES >> 20:,} MB are read")


@contextmanager
def _panics() -> Iterator[None]:
    """Turn what the library raises, which for some damage is no Exception, into ValueError."""
    try:
        yield
    except python_calamine.CalamineError as broken:
        raise ValueError(str(broken)) from broken
    except BaseException as broken:
        if type(broken).__name__ == "PanicException":
            raise ValueError(str(broken)) from broken
        raise
