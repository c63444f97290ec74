"""Frames on their way out: as text, as Arrow and Parquet, as files, and saved to be loaded again."""

from aquifer_cluster.export.batches import Batches
from aquifer_cluster.export.stream import (
    STREAM_FORMATS,
    StreamFormat,
    arrow_stream,
    csv_stream,
    parquet_stream,
)
from aquifer_cluster.export.text import CsvFormat

__all__ = [
    "STREAM_FORMATS",
    "Batches",
    "CsvFormat",
    "StreamFormat",
    "arrow_stream",
    "csv_stream",
    "parquet_stream",
]
