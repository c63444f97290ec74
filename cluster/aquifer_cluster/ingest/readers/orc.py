"""ORC, by Arrow: stripe by stripe, only the columns that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

import pyarrow as pa
import pyarrow.orc as arrow_orc

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.setup import Header

MAGIC = b"ORC"


class OrcColumns:
    """An open ORC file."""

    header = Header.PRESENT
    told: ClassVar[dict[str, ColumnType]] = {}

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        self._opened = arrow_orc.ORCFile(file)
        self.schema: pa.Schema = self._opened.schema
        self.rows: int = self._opened.nrows
        self.nbytes: int = max(self._opened.content_length, self.rows)

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns of each stripe."""
        for stripe in range(self._opened.nstripes):
            batch = self._opened.read_stripe(stripe, columns=list(columns))
            batch.validate(full=True)
            yield batch.select(list(columns))
