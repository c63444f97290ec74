"""Excel workbooks, new and old: the first sheet, as a process of its own reads it."""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.readers import workbook
from aquifer_cluster.ingest.readers.base import Beginning
from aquifer_cluster.ingest.setup import Header

XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = b"PK\x03\x04"
_NAME_OFFSET = 30  # of the first member's name in a zip archive
_PARTS = b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/"


def is_xlsx(beginning: Beginning) -> bool:
    """Whether a file is a zip archive with the parts of an Office document."""
    stored = beginning.stored
    return stored.startswith(_ZIP_MAGIC) and any(stored.startswith(part, _NAME_OFFSET) for part in _PARTS)


_TYPES: dict[str, tuple[pa.DataType, pa.DataType]] = {
    "nothing": (pa.null(), pa.null()),
    "number": (pa.float64(), pa.float64()),
    "boolean": (pa.bool_(), pa.bool_()),
    "milliseconds": (pa.int64(), pa.timestamp("ms")),
    "microseconds of the day": (pa.int64(), pa.time64("us")),
    "microseconds": (pa.int64(), pa.duration("us")),
    "text": (pa.string(), pa.string()),
}
"""How the types that a workbook's columns have come, and what they are."""


class ExcelColumns:
    """The first sheet of an open workbook. A column has the type that all of its cells have, or is text."""

    told: ClassVar[dict[str, ColumnType]] = {}

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        self._lines = _converted(file, header)
        found = json.loads(self._lines.readline())
        self._start = self._lines.tell()
        self._types = {name: _TYPES[type] for name, type in found["columns"]}
        self.schema = pa.schema([(name, _TYPES[type][1]) for name, type in found["columns"]])
        self.header = Header(found["header"])
        self.rows: int = found["rows"]
        self.nbytes = 8 * len(self.schema) * self.rows

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns, in batches as they were written."""
        self._lines.seek(self._start)
        places = [self.schema.get_field_index(name) for name in columns]
        while line := self._lines.readline():
            cells = json.loads(line)
            arrays = [
                pa.array(cells[place], self._types[name][0]).cast(self._types[name][1])
                for name, place in zip(columns, places, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _converted(file: pa.NativeFile, header: Header) -> mmap.mmap:
    """The lines that `workbook` writes. Raises ValueError for a workbook that cannot be read."""
    command = [sys.executable, "-I", workbook.__file__, str(int(header))]
    with tempfile.TemporaryFile() as lines:
        done = subprocess.run(command, input=file.read(), stdout=lines, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().split("\n")
            raise ValueError(said[-1] if done.returncode > 0 else f"its reader was ended by it: {said[0]}")
        return mmap.mmap(lines.fileno(), 0, access=mmap.ACCESS_READ)
