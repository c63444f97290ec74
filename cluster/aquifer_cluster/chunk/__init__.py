"""Immutable column chunks: types, compressed encodings, and the choice among them."""

from aquifer_cluster.chunk.base import Chunk, ColumnType, Values, empty, is_missing
from aquifer_cluster.chunk.encode import ENCODINGS, concatenate, encode, take
from aquifer_cluster.chunk.integers import IntegerChunk

__all__ = [
    "ENCODINGS",
    "Chunk",
    "ColumnType",
    "IntegerChunk",
    "Values",
    "concatenate",
    "empty",
    "encode",
    "is_missing",
    "take",
]
