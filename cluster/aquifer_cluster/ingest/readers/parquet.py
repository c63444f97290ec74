"""Parquet, by Arrow: row groups are read page by page, only the columns that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from typing import ClassVar, Self

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
        self._groups = range(self._opened.metadata.num_row_groups)
        self.group_rows: Sequence[int] = [self._group(group).num_rows for group in self._groups]

    @property
    def rows(self) -> int:
        """Of the groups that are read."""
        return sum(self.group_rows[group] for group in self._groups)

    @property
    def nbytes(self) -> int:
        """Of the groups that are read."""
        return sum(self._group(group).total_byte_size for group in self._groups)

    def of_groups(self, groups: range) -> Self:
        """The file, as if it held only these row groups."""
        part = copy(self)
        part._groups = groups
        return part

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns in batches of `rows` rows; text that is to be encoded comes as Parquet holds it."""
        words = [name for name in encoded if is_words(self.schema.field(name).type)]
        opened = pq.ParquetFile(self._file, read_dictionary=words, metadata=self._opened.metadata)
        for batch in opened.iter_batches(rows, list(self._groups), list(columns)):
            batch.validate(full=True)
            yield batch.select(list(columns))

    def _group(self, number: int) -> pq.RowGroupMetaData:
        return self._opened.metadata.row_group(number)
