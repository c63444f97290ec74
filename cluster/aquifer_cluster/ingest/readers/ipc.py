"""Arrow's own format for files (which is Feather's, version 2) and for streams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.setup import Header

FILE_MAGIC = b"ARROW1"
STREAM_START = b"\xff\xff\xff\xff"


def open_ipc(file: pa.NativeFile, header: Header) -> IpcFile | IpcStream:
    """Open either."""
    start = file.read(len(FILE_MAGIC))
    file.seek(0)
    return IpcFile(file, header) if start == FILE_MAGIC else IpcStream(file, header)


class IpcStream:
    """An open stream of record batches."""

    header = Header.PRESENT
    told: ClassVar[dict[str, ColumnType]] = {}
    rows = None

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        self._file = file
        self.schema: pa.Schema = pa.ipc.open_stream(file).schema
        self.nbytes: int = file.size()

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns, in batches of at most `rows` rows."""
        self._file.seek(0)
        for batch in pa.ipc.open_stream(self._file, options=_only(self.schema, columns)):
            yield from _pieces(batch.select(list(columns)), rows)


class IpcFile:
    """An open file of record batches."""

    header = Header.PRESENT
    told: ClassVar[dict[str, ColumnType]] = {}
    rows = None

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        self._file = file
        self.schema: pa.Schema = pa.ipc.open_file(file).schema
        self.nbytes: int = file.size()

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns, in batches of at most `rows` rows."""
        opened = pa.ipc.open_file(self._file, options=_only(self.schema, columns))
        for number in range(opened.num_record_batches):
            yield from _pieces(opened.get_batch(number).select(list(columns)), rows)


def _only(schema: pa.Schema, columns: Sequence[str]) -> pa.ipc.IpcReadOptions:
    return pa.ipc.IpcReadOptions(included_fields=[schema.get_field_index(name) for name in columns])


def _pieces(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """Copies of at most `rows` rows each: what is mapped from the file is not to be held, and not trusted."""
    batch.validate()
    for start in range(0, batch.num_rows, rows):
        piece = batch.slice(start, rows)
        piece.validate(full=True)
        yield piece.take(pa.array(np.arange(piece.num_rows)))
