"""Bringing data in: sources, guessing a parse set-up, parsing."""

from aquifer_cluster.ingest.guess import guess
from aquifer_cluster.ingest.parse import parse
from aquifer_cluster.ingest.readers import READERS, reader_of
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, column_type, destination_of
from aquifer_cluster.ingest.source import Roots, Source, find_sources

__all__ = [
    "READERS",
    "Header",
    "ParseSetup",
    "Roots",
    "Source",
    "Wishes",
    "column_type",
    "destination_of",
    "find_sources",
    "guess",
    "parse",
    "reader_of",
]
