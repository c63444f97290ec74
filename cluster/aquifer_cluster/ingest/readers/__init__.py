"""The formats that can be read: one table."""

from __future__ import annotations

from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.ingest.readers import csv, csv_setup
from aquifer_cluster.ingest.readers.base import ParsedBlock, Reader, SourceBlock
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import head, text_bytes

_HEAD_BYTES = 1 << 12

READERS: tuple[Reader, ...] = (
    Reader(
        parse_type="CSV",
        recognises=lambda head, name: True,
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
        if reader.parse_type == parse_type.upper():
            return reader
    known = ", ".join(reader.parse_type for reader in READERS)
    raise InvalidArgument("parse_type", f"'{parse_type}' is not one of GUESS, {known}")


def recognise(source: Source) -> Reader:
    """The reader whose format `source` has, told by its beginning and its name."""
    beginning, _ = head(source, _HEAD_BYTES)
    return next(reader for reader in READERS if reader.recognises(beginning, source.name))


__all__ = ["READERS", "ParsedBlock", "Reader", "SourceBlock", "reader_of", "recognise"]
