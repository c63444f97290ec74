"""The choice of an encoding for numbers: a survey says what each would take, and the smallest is made."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from aquifer_cluster.chunk.base import (
    EXACT,
    KERNELS,
    Array,
    ColumnType,
    NumberChunk,
    as_bits,
    converted,
    decoded_dtype,
    missing_value,
)
from aquifer_cluster.chunk.constant import ConstantChunk, shared_value
from aquifer_cluster.chunk.dictionary import DictionaryChunk
from aquifer_cluster.chunk.packed import NO_CODE, PackedChunk, packed, shared_scale, word_count
from aquifer_cluster.chunk.plain import Float32Chunk, Float64Chunk, Int64Chunk, PlainChunk
from aquifer_cluster.chunk.sparse import BitmapChunk, ScatteredChunk, SparseChunk
from aquifer_cluster.chunk.survey import Survey, survey

_FEWEST_FOR_TABLE = 16
_LARGEST_TABLE_BITS = 16
_FEWEST_FOR_SPARSE = 128
_WORTH_A_BITMAP = 0.9
"""A bitmap must save as much: to read it takes longer than to read packed codes."""


def encode_numbers(values: Array, type: ColumnType, dtype: np.dtype[Any] | None = None) -> NumberChunk:
    """The smallest encoding of a contiguous float64, int32 or int64 array, which it gives back as `dtype`.

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
    bits, plain = found.bits, _plain(found, dtype)
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
    bounds = found.bounds
    return bounds is not None and max(-bounds[0], bounds[1]) > EXACT


def _plain(found: Survey, dtype: np.dtype[Any]) -> type[PlainChunk]:
    if dtype.kind == "i":
        return Int64Chunk
    return Float32Chunk if found.single else Float64Chunk


def _packed(
    values: Array, found: Survey, bits: int, dtype: np.dtype[Any], type: ColumnType
) -> PackedChunk | None:
    """Packed codes; None if a value would not come back from them as it was."""
    bounds, spacing, exponent = found.bounds, found.spacing, found.exponent
    assert bounds is not None
    assert exponent is not None
    absent = (bounds[1] - bounds[0]) // spacing + 1 if found.missing else NO_CODE
    words = np.empty(word_count(found.rows, bits), np.uint64)
    low, kernels = bounds[0], KERNELS.load()
    if values.dtype.kind == "f":
        if not kernels.pack_floats(values, float(10**exponent), low, spacing, bits, absent, words):
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
        bits = found.others_bits
    bits = 8 * plain.stored.itemsize if bits is None else bits
    return found.rows * (_marks(found).bits_per_row(found.density) + found.density * bits)


def _marks(found: Survey) -> type[SparseChunk]:
    """How the rows are marked in the least room."""
    return min(BitmapChunk, ScatteredChunk, key=lambda kind: kind.bits_per_row(found.density))


def _sparse(values: Array, found: Survey, dtype: np.dtype[Any], type: ColumnType) -> SparseChunk:
    """Mark the rows that hold another value than the commonest."""
    if found.missing_prevail:
        common = np.array([missing_value(values.dtype)], values.dtype)
        marked = ~np.isnan(values) if values.dtype.kind == "f" else values != common
    else:
        common = np.zeros(1, values.dtype) if found.zeros_prevail else values[found.common_at :][:1]
        marked = as_bits(values) != as_bits(common)
    kind = _marks(found)
    others = encode_numbers(values[marked], type, dtype)
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
