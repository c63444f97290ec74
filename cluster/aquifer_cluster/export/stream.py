"""A frame as a stream of bytes in one of the formats of the table; a slow reader costs no memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.export.batches import Batches
from aquifer_cluster.export.text import CsvFormat, TextColumn, header_line, lines
from aquifer_cluster.frame import Frame

MOST_ROWS = 16_384
MOST_CELLS = 400_000
MOST_BYTES = 8 << 20
"""What one piece of text is made of, as far as the average row tells."""


@dataclass(frozen=True)
class StreamFormat:
    """A format that frames can be downloaded in: its name and file ending, media type, and writer."""

    name: str
    media_type: str
    stream: Callable[[Cloud, Frame], Iterator[bytes]]


def csv_stream(cloud: Cloud, frame: Frame, format: CsvFormat | None = None) -> Iterator[bytes]:
    """The frame as CSV, piece by piece: whole lines, the header first."""
    format = format or CsvFormat()
    yield header_line(frame, format)
    if frame.columns:
        columns = [TextColumn.of(column) for column in frame.columns]
        yield from cloud.stream(frame, lines, columns, format, rows=text_rows(frame))


def text_rows(frame: Frame) -> int:
    """How many rows of the frame are made text at once."""
    row_bytes = max(1, frame.nbytes // max(1, frame.rows))
    return max(1, min(MOST_ROWS, MOST_CELLS // max(1, len(frame.columns)), MOST_BYTES // row_bytes))


def arrow_stream(cloud: Cloud, frame: Frame) -> Iterator[bytes]:
    """The frame in Arrow's streaming format (IPC), batch by batch."""
    batches, written = Batches(cloud, frame), io.BytesIO()
    with pa.ipc.new_stream(written, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield _taken(written)
    yield _taken(written)


def parquet_stream(cloud: Cloud, frame: Frame, compression: str = "snappy") -> Iterator[bytes]:
    """The frame as a Parquet file, a row group for each batch."""
    batches, written = Batches(cloud, frame), io.BytesIO()
    with pq.ParquetWriter(written, batches.schema, compression=compression) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield _taken(written)
    yield _taken(written)


STREAM_FORMATS = {
    format.name: format
    for format in (
        StreamFormat("csv", "application/octet-stream;charset=utf-8", csv_stream),
        StreamFormat("arrow", "application/vnd.apache.arrow.stream", arrow_stream),
        StreamFormat("parquet", "application/vnd.apache.parquet", parquet_stream),
    )
}
"""By name."""


def _taken(written: io.BytesIO) -> bytes:
    """What was written since the last time."""
    content = written.getvalue()
    written.seek(0)
    written.truncate()
    return content
