"""Frames on their way out: as text, Arrow or Parquet, to readers and files, and saved to be loaded again."""

from aquifer_cluster.export.encoders import ArrowEncoder, CsvEncoder, Encoder, ParquetEncoder
from aquifer_cluster.export.files import Export, export
from aquifer_cluster.export.stream import stream
from aquifer_cluster.export.text import CsvFormat

__all__ = [
    "ArrowEncoder",
    "CsvEncoder",
    "CsvFormat",
    "Encoder",
    "Export",
    "ParquetEncoder",
    "export",
    "stream",
]
