"""Bringing data in: sources, guessing a parse set-up, parsing."""

from aquifer_cluster.ingest.access import Access, S3Credentials
from aquifer_cluster.ingest.guess import guess
from aquifer_cluster.ingest.hosts import Hosts
from aquifer_cluster.ingest.local_files import complete
from aquifer_cluster.ingest.parse import parse, require_room
from aquifer_cluster.ingest.readers import READERS, reader_of
from aquifer_cluster.ingest.roots import Roots
from aquifer_cluster.ingest.schemes import SCHEMES, find_sources
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, column_type, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.web import public_name

__all__ = [
    "READERS",
    "SCHEMES",
    "Access",
    "Header",
    "Hosts",
    "ParseSetup",
    "Roots",
    "S3Credentials",
    "Source",
    "Wishes",
    "column_type",
    "complete",
    "destination_of",
    "find_sources",
    "guess",
    "parse",
    "public_name",
    "reader_of",
    "require_room",
]
