"""The choice of an encoding: a survey of the values says what each would take, and the smallest is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import (
    KERNELS,
    MISSING_TIME,
    Array,
    Chunk,
    ColumnType,
    NumberChunk,
    Values,
    as_bits,
    converted,
    decoded_dtype,
    empty,
    missing_value,
)
from aquifer_cluster.chunk.constant import ConstantChunk, shared_value
from aquifer_cluster.chunk.dictionary import DictionaryChunk
from aquifer_cluster.chunk.identifiers import IdentifierChunk
from aquifer_cluster.chunk.packed import NO_CODE, PackedChunk, packed, shared_scale, word_count
from aquifer_cluster.chunk.plain import Float32Chunk, Float64Chunk, Int64Chunk, PlainChunk
from aquifer_cluster.chunk.sparse import BitmapChunk, ScatteredChunk, SparseChunk
from aquifer_cluster.chunk.strings import TextChunk, WordsChunk, text_bytes
from aquifer_cluster.chunk.survey import Survey, survey

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

_EXACT = 2**53
_FEWEST_FOR_TABLE = 16
_LARGEST_TABLE_BITS = 16
_FEWEST_FOR_SPARSE = 128
_WORTH_A_BITMAP = 0.9
"""A bitmap must save as much: to read it takes longer than to read packed codes."""
_WORD_SAMPLE = 256


def encode(values: Values, type: ColumnType) -> Chunk:
    """Hold values of the decoded form in the smallest encoding; they come back from it bit for bit.

    Numbers may be any numpy array of numbers. One of int64 (missing = the smallest int64) keeps all digits:
    see the description of `chunk.base`. Text may be any Arrow array that can be cast to strings.
    """
    if type.dtype is None:
        return _encode_text(_own_text(values), type)
    return _encode_numbers(np.ascontiguousarray(_accepted(np.asarray(values), type)), type)


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
    if (known != np.rint(known)).any() or (np.abs(known) > _EXACT).any():
        return None
    return np.where(missing, MISSING_TIME, known.astype(np.int64))


# numbers


def _accepted(values: Array, type: ColumnType) -> Array:
    """The array in the type's decoded form, or as int64 if that may say more."""
    if type is ColumnType.NUMERIC and values.dtype == np.int64:
        return values
    return values.astype(decoded_dtype(type), copy=False)


def _encode_numbers(values: Array, type: ColumnType, dtype: np.dtype[Any] | None = None) -> NumberChunk:
    """The smallest encoding, which gives the values back as `dtype`.

    Unless that is given, exact whole numbers that float64 holds as well become ordinary numbers.
    """
    if not len(values):
        nothing = np.array([missing_value(decoded_dtype(type))], decoded_dtype(type))
        return ConstantChunk(nothing, type, 0)
    found = survey(values)
    if dtype is None:
        dtype = values.dtype if values.dtype.kind == "i" and _needs_digits(found) else decoded_dtype(type)
    rows, missing, common = found.rows, found.missing, found.common
    if rows in (missing, common):
        value = values[:1] if common == rows else np.array([missing_value(dtype)])
        return ConstantChunk(shared_value(value.tobytes(), value.dtype, dtype), type, rows)
    bits, plain = found.packed_bits(), _plain(found, dtype)
    best = rows * (bits or 8 * plain.stored.itemsize)
    sparse = _sparse_bits(found, plain)
    limit = _table_limit(rows, min(best, sparse))
    if limit and (table := _dictionary(values, limit, dtype, type)):
        worth = _sparse_bits(found, plain, table.bits) + 8 * table.table.nbytes < 8 * table.payload
        return _sparse(values, found, dtype, type) if worth else table
    if sparse < _WORTH_A_BITMAP * best:
        return _sparse(values, found, dtype, type)
    if bits and (chunk := _packed(values, found, bits, dtype, type)):
        return chunk
    return plain.of(values, type)


def _needs_digits(found: Survey) -> bool:
    """Whether there are whole numbers that float64 does not tell from their neighbours."""
    bounds = found.range
    return bounds is not None and max(-bounds[0], bounds[1]) > _EXACT


def _plain(found: Survey, dtype: np.dtype[Any]) -> type[PlainChunk]:
    if dtype.kind == "i":
        return Int64Chunk
    return Float32Chunk if found.single else Float64Chunk


def _packed(
    values: Array, found: Survey, bits: int, dtype: np.dtype[Any], type: ColumnType
) -> PackedChunk | None:
    """Packed codes; None if a value would not come back from them as it was."""
    bounds, spacing, exponent = found.range, found.spacing, found.exponent
    assert bounds is not None
    assert exponent is not None
    absent = (bounds[1] - bounds[0]) // spacing + 1 if found.missing else NO_CODE
    words = np.empty(word_count(found.rows, bits), np.uint64)
    low, kernels = bounds[0], KERNELS.load()
    if values.dtype.kind == "f":
        if not kernels.pack_floats(values, 10.0**exponent, low, spacing, bits, absent, words):
            return None
    else:
        whole = values.astype(np.int64, copy=False)
        kernels.pack_integers(whole, missing_value(values.dtype), low, spacing, bits, absent, words)
    return PackedChunk(
        words.tobytes(), bits, found.rows, shared_scale(low, spacing, exponent, absent, type, dtype)
    )


def _sparse_bits(found: Survey, plain: type[PlainChunk], bits: int | None = None) -> float:
    """What a bitmap of the commonest value's rows, and the others at so many bits each, would take."""
    if found.rows < _FEWEST_FOR_SPARSE:
        return math.inf
    if bits is None:
        bits = found.packed_bits(without_zeros=_zeros_prevail(found), without_missing=_missing_prevail(found))
    bits = 8 * plain.stored.itemsize if bits is None else bits
    return found.rows * (_marks(found).bits_per_row(_density(found)) + _density(found) * bits)


def _density(found: Survey) -> float:
    """The part of the rows that do not hold the commonest value."""
    return 1 - max(found.zeros, found.missing, found.common) / found.rows


def _marks(found: Survey) -> type[SparseChunk]:
    """How the rows are marked in the least room."""
    return min(BitmapChunk, ScatteredChunk, key=lambda kind: kind.bits_per_row(_density(found)))


def _missing_prevail(found: Survey) -> bool:
    return found.missing >= max(found.zeros, found.common)


def _zeros_prevail(found: Survey) -> bool:
    return not _missing_prevail(found) and found.zeros >= found.common


def _sparse(values: Array, found: Survey, dtype: np.dtype[Any], type: ColumnType) -> SparseChunk:
    """Mark the rows that hold another value than the commonest."""
    if _missing_prevail(found):
        common = np.array([missing_value(values.dtype)], values.dtype)
        marked = ~np.isnan(values) if values.dtype.kind == "f" else values != common
    else:
        common = np.zeros(1, values.dtype) if _zeros_prevail(found) else values[found.common_at :][:1]
        marked = as_bits(values) != as_bits(common)
    kind = _marks(found)
    others = _encode_numbers(values[marked], type, dtype)
    return kind(
        shared_value(common.tobytes(), values.dtype, dtype), kind.mark(marked), others, found.rows, type
    )


def _table_limit(rows: int, best: float) -> int:
    """The most different values for which a table of them and their numbers are smaller than `best` bits."""
    if rows < _FEWEST_FOR_TABLE:
        return 0
    sizes = range(1, _LARGEST_TABLE_BITS + 1)
    fitting = [min(1 << bits, int((best - rows * bits) / 64)) for bits in sizes if rows * bits < best]
    return max(fitting, default=0)


def _dictionary(values: Array, limit: int, dtype: np.dtype[Any], type: ColumnType) -> DictionaryChunk | None:
    """A table of the different values; None if they are more than `limit`."""
    floats = values.dtype.kind == "f"
    bits = values.view(np.int64) if floats else values.astype(np.int64, copy=False)
    table, codes = np.empty(limit, np.int64), np.empty(len(values), np.int32)
    count = KERNELS.load().distinct(bits, floats, limit, table, codes)
    if count < 0:
        return None
    entries = table[:count].view(np.float64) if floats else table[:count].astype(values.dtype)
    order = np.argsort(entries, kind="stable")
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    width = max(1, int(count - 1).bit_length())
    data = packed(rank[codes], width)
    return DictionaryChunk(data, width, len(values), converted(entries[order], dtype), type)


# text


def _own_text(values: Values) -> pa.Array:
    """As one string array that shares no memory with another."""
    return pa.concat_arrays([pa.array(values, pa.string())])


def _encode_text(text: pa.Array, type: ColumnType) -> Chunk:
    """Identifiers as bits, words that repeat as their numbers, other text as it is."""
    if type is ColumnType.UUID and (chunk := IdentifierChunk.fit(text, type)):
        return chunk
    if len(text) >= _FEWEST_FOR_TABLE and _repeats(text):
        encoded = text.dictionary_encode()
        codes = _encode_numbers(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), ColumnType.ENUM)
        words = WordsChunk(encoded.dictionary, codes, type)
        if words.payload < text_bytes(text):
            return words
    return TextChunk(text, type)


def _repeats(text: pa.Array) -> bool:
    """Whether words repeat in a sample, so that numbering all is worth the while."""
    step = max(1, len(text) // _WORD_SAMPLE)
    sample = text.take(pa.array(np.arange(0, len(text), step))).drop_null()
    return bool(len(sample.unique()) <= 0.75 * len(sample)) if len(sample) else False
