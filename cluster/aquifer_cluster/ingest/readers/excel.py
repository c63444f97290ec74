"""Excel workbooks, new and old: the first sheet, converted into an Arrow file by a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.readers import workbook
from aquifer_cluster.ingest.readers.base import Beginning
from aquifer_cluster.ingest.readers.ipc import IpcFile
from aquifer_cluster.ingest.setup import Header

XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = b"PK\x03\x04"
_NAME_OFFSET = 30  # of the first member's name in a zip archive
_PARTS = b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/"


def is_xlsx(beginning: Beginning) -> bool:
    """Whether a file is a zip archive with the parts of an Office document."""
    stored = beginning.stored
    return stored.startswith(_ZIP_MAGIC) and any(stored.startswith(part, _NAME_OFFSET) for part in _PARTS)


class ExcelColumns:
    """The first sheet of an open workbook. A column has the type that all of its cells have, or is text."""

    told: ClassVar[dict[str, ColumnType]] = {}

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        with tempfile.TemporaryDirectory(prefix="aquifer-") as folder:
            target = Path(folder) / "sheet.arrow"
            _convert(file, header, target)
            self._sheet = IpcFile(pa.memory_map(str(target)), header)  # which outlives its name
        facts = self._sheet.schema.metadata
        self.schema: pa.Schema = self._sheet.schema.remove_metadata()
        self.header = Header(int(facts[workbook.HEADER_KEY]))
        self.rows = int(facts[workbook.ROWS_KEY])
        self.nbytes: int = self._sheet.nbytes

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns in batches of at most `rows` rows."""
        return self._sheet.batches(columns, encoded, rows)


def _convert(file: pa.NativeFile, header: Header, target: Path) -> None:
    """Write the sheet to `target`. Raises ValueError for a workbook that cannot be read."""
    command = [sys.executable, "-P", workbook.__file__, str(int(header)), str(target)]
    done = subprocess.run(command, input=file.read(), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")
        raise ValueError(said[-1] if done.returncode > 0 else f"its reader was ended by it: {said[0]}")
