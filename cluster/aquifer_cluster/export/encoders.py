"""Formats that frames go out in: nodes encode runs of rows, a writer puts them into a file or a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.export.batches import arrow_arrays, domain_array, record_batch, schema_of
from aquifer_cluster.export.compression import COMPRESSIONS
from aquifer_cluster.export.text import CsvFormat, TextColumn, header_line, lines
from aquifer_cluster.frame import Frame

MOST_TEXT_ROWS, MOST_BATCH_ROWS = 16_384, 65_536
MOST_CELLS = 400_000
MOST_BYTES = 8 << 20
"""What is encoded at once: no more rows, cells, or bytes as far as the average row tells."""


class Writer(Protocol):
    """What puts encoded rows into a file."""

    def put(self, encoded: Any) -> None:
        """Write what `encode` made, in the order of the rows."""

    def close(self) -> None:
        """Write what comes at the end; the file itself stays open."""


class Encoder(Protocol):
    """A format, set up for one frame. It travels to the nodes."""

    @property
    def rows(self) -> int:
        """The most rows to encode at once."""

    def encode(self, values: Sequence[Values]) -> Any:
        """Encode a run of rows: the decoded values of all columns."""

    def open(self, sink: Any) -> Writer:
        """A writer into a binary file, which has written what comes first."""


@dataclass(frozen=True)
class CsvEncoder:
    """Separated text, perhaps compressed (a name in COMPRESSIONS)."""

    columns: tuple[TextColumn, ...]
    header: bytes
    format: CsvFormat
    compression: str
    rows: int

    @classmethod
    def of(cls, frame: Frame, format: CsvFormat | None = None, compression: str = "none") -> CsvEncoder:
        """For the columns of a frame."""
        format = format or CsvFormat()
        columns = tuple(TextColumn.of(column) for column in frame.columns)
        return cls(
            columns, header_line(frame, format), format, compression, _rows_at_once(frame, MOST_TEXT_ROWS)
        )

    def encode(self, values: Sequence[Values]) -> bytes:
        """The rows as lines."""
        text = lines(values, self.columns, self.format) if self.columns else b""
        return COMPRESSIONS[self.compression].compress(text)

    def open(self, sink: Any) -> Writer:
        """Write the header."""
        method = COMPRESSIONS[self.compression]
        sink.write(method.magic + (method.compress(self.header) if self.header else b""))
        return _BytesWriter(sink)


@dataclass(frozen=True)
class ArrowEncoder:
    """Arrow's streaming format (IPC); the schema's metadata says how many `rows` there are in all."""

    schema: pa.Schema
    total: int
    kinds: tuple[tuple[ColumnType, bool], ...]
    domains: tuple[pa.Array | None, ...]
    rows: int

    @classmethod
    def of(cls, frame: Frame, **options: Any) -> ArrowEncoder:
        """For the columns of a frame."""
        kinds = tuple((column.type, column.rollups.whole) for column in frame.columns)
        domains = tuple(map(domain_array, frame.columns))
        at_once = _rows_at_once(frame, MOST_BATCH_ROWS)
        return cls(schema_of(frame), frame.rows, kinds, domains, at_once, **options)

    def encode(self, values: Sequence[Values]) -> list[pa.Array]:
        """The rows as Arrow arrays, without the domains."""
        return arrow_arrays(values, self.kinds)

    def open(self, sink: Any) -> Writer:
        """Write the schema."""
        schema = self.schema.with_metadata({"rows": str(self.total)})
        return _BatchWriter(self, pa.ipc.new_stream(sink, schema))


@dataclass(frozen=True)
class ParquetEncoder(ArrowEncoder):
    """Parquet, a row group for each run of rows; `checksum` adds one to every page."""

    compression: str = "snappy"
    checksum: bool = True

    def open(self, sink: Any) -> Writer:
        """Begin a file."""
        writer = pq.ParquetWriter(
            sink, self.schema, compression=self.compression, write_page_checksum=self.checksum
        )
        return _BatchWriter(self, writer)


@dataclass(frozen=True)
class _BytesWriter:
    sink: Any

    def put(self, encoded: bytes) -> None:
        self.sink.write(encoded)

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class _BatchWriter:
    encoder: ArrowEncoder
    writer: Any

    def put(self, encoded: list[pa.Array]) -> None:
        self.writer.write_batch(record_batch(encoded, self.encoder.domains, self.encoder.schema))

    def close(self) -> None:
        self.writer.close()


def _rows_at_once(frame: Frame, most: int) -> int:
    row_bytes = max(1, frame.nbytes // max(1, frame.rows))
    return max(1, min(most, MOST_CELLS // max(1, len(frame.columns)), MOST_BYTES // row_bytes))
