"""Immutable column chunks: types, compressed encodings, and the choice among them."""

from aquifer_cluster.chunk.base import Chunk, ColumnType, Values, empty, is_missing
from aquifer_cluster.chunk.encode import ENCODINGS, concatenate, encode, take

__all__ = [
    "ENCODINGS",
    "Chunk",
    "ColumnType",
    "Values",
    "concatenate",
    "empty",
    "encode",
    "is_missing",
    "take",
]
