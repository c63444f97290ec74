"""Immutable column chunks: types, compressed encodings, and the choice among them."""

from aquifer_cluster.chunk.base import Chunk, ColumnType, NumberChunk, Values, converted, empty, is_missing
from aquifer_cluster.chunk.constant import ConstantChunk
from aquifer_cluster.chunk.encode import ENCODINGS, TITLES, concatenate, encode, encode_all, take
from aquifer_cluster.chunk.sparse import SparseChunk

__all__ = [
    "ENCODINGS",
    "TITLES",
    "Chunk",
    "ColumnType",
    "ConstantChunk",
    "NumberChunk",
    "SparseChunk",
    "Values",
    "concatenate",
    "converted",
    "empty",
    "encode",
    "encode_all",
    "is_missing",
    "take",
]
