"""Values into chunks: the table of encodings, the choice among them, and joining what comes out of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import (
    EXACT,
    MISSING_TIME,
    Array,
    Chunk,
    ColumnType,
    Values,
    converted,
    decoded_dtype,
    empty,
    is_floats,
)
from aquifer_cluster.chunk.constant import ConstantChunk
from aquifer_cluster.chunk.dictionary import DictionaryChunk
from aquifer_cluster.chunk.identifiers import IdentifierChunk
from aquifer_cluster.chunk.numeric import encode_columns, encode_numbers
from aquifer_cluster.chunk.packed import PackedChunk
from aquifer_cluster.chunk.plain import Float32Chunk, Float64Chunk, Int64Chunk
from aquifer_cluster.chunk.sparse import BitmapChunk, ScatteredChunk
from aquifer_cluster.chunk.strings import TextChunk, WordsChunk
from aquifer_cluster.chunk.textual import encode_text

ENCODINGS: tuple[type[Chunk], ...] = (
    ConstantChunk,
    PackedChunk,
    BitmapChunk,
    ScatteredChunk,
    DictionaryChunk,
    Float32Chunk,
    Float64Chunk,
    Int64Chunk,
    TextChunk,
    WordsChunk,
    IdentifierChunk,
)

TITLES = {encoding.name: encoding.title for encoding in ENCODINGS}
"""What people are told of an encoding, by its name."""


def encode(values: Values, type: ColumnType) -> Chunk:
    """Hold values of the decoded form in the smallest encoding; they come back from it bit for bit.

    Numbers may be any numpy array of numbers. One of int64 (missing = the smallest int64) keeps all digits:
    see the description of `chunk.base`. Text may be any Arrow array that can be cast to strings.
    """
    if type.dtype is None:
        own = pa.concat_arrays([pa.array(values, pa.string())])  # it shares no memory with what was given
        return encode_text(own, type)
    return encode_numbers(_contiguous(values, type), type)


def encode_all(columns: Sequence[Values], types: Sequence[ColumnType]) -> list[Chunk]:
    """Hold columns of as many rows each: as `encode`, but numbers all at once, which a wide frame needs.

    What is a chunk already stays as it is.
    """
    numbers = {
        i: values
        for i, (values, type) in enumerate(zip(columns, types, strict=True))
        if is_floats(values) and type is ColumnType.NUMERIC
    }
    contiguous = [np.ascontiguousarray(values) for values in numbers.values()]
    encoded = encode_columns(contiguous, ColumnType.NUMERIC) if numbers else []
    made: dict[int, Chunk] = dict(zip(numbers, encoded, strict=True))
    for i, (values, type) in enumerate(zip(columns, types, strict=True)):
        if i not in made:
            made[i] = values if isinstance(values, Chunk) else encode(values, type)
    return [made[i] for i in range(len(columns))]


def concatenate(pieces: Sequence[Values], type: ColumnType) -> Values:
    """Join decoded or exact pieces into one.

    Exact whole numbers stay exact, unless a number that is not whole is among the pieces.
    """
    if not pieces:
        return empty(type)
    if type.dtype is None:
        return pa.concat_arrays([piece.cast(pa.string()) for piece in pieces])
    if len({piece.dtype for piece in pieces}) > 1:
        pieces = _of_one_dtype(pieces)
    return np.concatenate(pieces)


def take(values: Values, rows: Array, type: ColumnType) -> Values:
    """The `rows` (indices) of decoded `values`, in that order."""
    return values.take(pa.array(rows)) if type.dtype is None else values[rows]


def _of_one_dtype(pieces: Sequence[Array]) -> list[Array]:
    """Exact whole numbers and others, all of them as int64 if they can be."""
    whole = np.dtype(np.int64)
    exact = [piece if piece.dtype == whole else _as_whole(piece) for piece in pieces]
    if any(piece is None for piece in exact):
        return [converted(piece, np.dtype(np.float64)) for piece in pieces]
    return [piece for piece in exact if piece is not None]


def _as_whole(values: Array) -> Array | None:
    """Numbers as exact whole ones; None if one is not whole or is not told from its neighbours."""
    missing = np.isnan(values)
    known = np.where(missing, 0.0, values)
    if (known != np.rint(known)).any() or (np.abs(known) > EXACT).any():
        return None
    return np.where(missing, MISSING_TIME, known.astype(np.int64))


def _contiguous(values: Values, type: ColumnType) -> Array:
    """The array in the type's decoded form, or as int64 if that may say more."""
    found = np.asarray(values)
    if type is not ColumnType.NUMERIC or found.dtype != np.int64:
        found = found.astype(decoded_dtype(type), copy=False)
    return np.ascontiguousarray(found)
