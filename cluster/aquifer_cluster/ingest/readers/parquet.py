"""Parquet, by Arrow: row groups are read page by page, only the columns that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.readers.arrow_types import is_words
from aquifer_cluster.ingest.setup import Header

MAGIC = b"PAR1"
ENCRYPTED_MAGIC = b"PARE"


class ParquetColumns:
    """An open Parquet file."""

    header = Header.PRESENT
    told: ClassVar[dict[str, ColumnType]] = {}

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        self._file = file
        self._opened = pq.ParquetFile(file)
        self.schema: pa.Schema = self._opened.schema_arrow
        metadata = self._opened.metadata
        self.rows: int = metadata.num_rows
        groups = range(metadata.num_row_groups)
        self.nbytes = sum(metadata.row_group(group).total_byte_size for group in groups)

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns in batches of `rows` rows; text that is to be encoded comes as Parquet holds it."""
        words = [name for name in encoded if is_words(self.schema.field(name).type)]
        opened = pq.ParquetFile(self._file, read_dictionary=words, metadata=self._opened.metadata)
        for batch in opened.iter_batches(batch_size=rows, columns=list(columns)):
            batch.validate(full=True)
            yield batch.select(list(columns))
