"""The formats that can be read: one table."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.ingest.readers import (
    arff,
    avro,
    columnar,
    columnar_setup,
    csv,
    csv_setup,
    excel,
    ipc,
    orc,
    parquet,
    svmlight,
)
from aquifer_cluster.ingest.readers.base import Beginning, ParsedBlock, Reader, SourceBlock
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import text_bytes


def _columnar(
    parse_type: str, title: str, summary: str, opener: columnar.Opener, *beginnings: bytes
) -> Reader:
    """The reader of files of typed columns that `opener` opens; `beginnings` are their first bytes."""
    return Reader(
        parse_type=parse_type,
        title=title,
        summary=summary,
        recognises=lambda beginning: beginning.stored.startswith(beginnings),
        guess=partial(columnar_setup.guess, parse_type=parse_type, opener=opener),
        volume=partial(columnar.volume, opener=opener),
        blocks=partial(columnar.read_blocks, opener=opener),
        parse=columnar.parse_block,
    )


READERS: tuple[Reader, ...] = (
    replace(
        _columnar(
            "PARQUET",
            "Parquet",
            "only the columns that are kept are read; the row groups of a file by all nodes",
            parquet.ParquetColumns,
            parquet.MAGIC,
            parquet.ENCRYPTED_MAGIC,
        ),
        shares=partial(columnar.shares, opener=parquet.ParquetColumns),
    ),
    _columnar(
        "ARROW",
        "Arrow, Feather",
        "files and streams of record batches; Feather of version 2",
        ipc.open_ipc,
        ipc.FILE_MAGIC,
        ipc.STREAM_START,
    ),
    _columnar("ORC", "ORC", "only the columns that are kept are read", orc.OrcColumns, orc.MAGIC),
    _columnar("AVRO", "Avro", "container files of records; text stays text", avro.AvroColumns, avro.MAGIC),
    replace(
        _columnar("XLSX", "Excel (.xlsx)", "the first sheet", excel.ExcelColumns),
        recognises=excel.is_xlsx,
    ),
    _columnar("XLS", "Excel (.xls)", "the first sheet", excel.ExcelColumns, excel.XLS_MAGIC),
    Reader(
        parse_type="ARFF",
        title="ARFF",
        summary="names and types are the header's; may be compressed",
        recognises=arff.recognises,
        guess=arff.guess,
        volume=text_bytes,
        blocks=arff.read_blocks,
        parse=arff.parse_block,
    ),
    Reader(
        parse_type="SVMLight",
        title="SVMLight",
        summary="`C1` is the target, `C2` feature 1 and so on; may be compressed",
        recognises=svmlight.recognises,
        guess=svmlight.guess,
        volume=text_bytes,
        blocks=svmlight.read_blocks,
        parse=svmlight.parse_block,
    ),
    Reader(
        parse_type="CSV",
        title="Separated text",
        summary="all that is none of the others; may be compressed",
        recognises=lambda beginning: True,
        guess=csv_setup.guess,
        volume=text_bytes,
        blocks=csv.read_blocks,
        parse=csv.parse_block,
    ),
)
"""In the order in which they are asked whether a source is theirs; separated text takes all that is left."""


def reader_of(parse_type: str) -> Reader:
    """The reader that the protocol calls `parse_type` (in any case). Raises InvalidArgument."""
    for reader in READERS:
        if reader.parse_type.upper() == parse_type.upper():
            return reader
    known = ", ".join(reader.parse_type for reader in READERS)
    raise InvalidArgument("parse_type", f"'{parse_type}' is not one of GUESS, {known}")


def recognise(source: Source) -> Reader:
    """The reader whose format `source` has, told by its beginning and its name."""
    beginning = Beginning(source)
    return next(reader for reader in READERS if reader.recognises(beginning))


__all__ = ["READERS", "ParsedBlock", "Reader", "SourceBlock", "reader_of", "recognise"]
