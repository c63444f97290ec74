"""From text to the decoded form of each type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_CODE
from aquifer_cluster.ingest.dialect import NUMBER

NUMERIC_MISSING = (
    "",
    "NA",
    "N/A",
    "n/a",
    "na",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "None",
    "?",
    "-",
    "#N/A",
)
"""Words among numbers that plainly say missing; any other word does so too, but with a warning."""

_INFINITY = r"\s*[+-]?[iI]nf(?:inity)?\s*"


@dataclass(frozen=True)
class Converted:
    """A column of one block: decoded values, for enums their levels, and which rows could not be read."""

    values: Values
    levels: tuple[str, ...] | None = None
    refused: np.ndarray[Any, np.dtype[np.int64]] | None = None


def from_text(text: pa.Array, type: ColumnType, missing: tuple[str, ...]) -> Converted:
    """Convert text (trimmed of nothing); `missing` are the words that mean missing besides the usual."""
    return _CONVERTERS[type](text, missing)


def from_numbers(numbers: pa.Array) -> Converted:
    """Numbers that Arrow has read; null is NaN."""
    return Converted(numbers.to_numpy(zero_copy_only=False))


def from_dictionary(encoded: pa.DictionaryArray, missing: tuple[str, ...]) -> Converted:
    """Enum codes in the order of the sorted levels; empty and missing words have the code −1."""
    levels = encoded.dictionary
    codes = encoded.indices.fill_null(MISSING_CODE).to_numpy(zero_copy_only=False).astype(np.int32)
    kept = pc.invert(pc.is_in(levels, value_set=pa.array(["", *missing], pa.string())))
    order = pc.sort_indices(levels).to_numpy()
    order = order[kept.to_numpy(zero_copy_only=False)[order]]
    rank = np.full(len(levels) + 1, MISSING_CODE, np.int32)  # the last entry is for the code −1
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Converted(rank[codes], tuple(levels.take(pa.array(order)).to_pylist()))


def from_strings(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    """Strings; empty ones and missing words are null."""
    absent = pc.is_in(text, value_set=pa.array(["", *missing], pa.string()))
    return Converted(pc.if_else(absent, pa.scalar(None, pa.string()), text))


def _numbers_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    trimmed = pc.utf8_trim_whitespace(text)
    absent = pc.or_(pc.is_null(trimmed), pc.is_in(trimmed, value_set=pa.array([*NUMERIC_MISSING, *missing])))
    readable = pc.match_substring_regex(trimmed, f"^(?:{NUMBER}|{_INFINITY})$")
    percent = pc.ends_with(trimmed, "%")
    digits = pc.replace_substring_regex(trimmed, r"[$%+\s]", "")
    wanted = pc.and_(readable, pc.invert(absent))
    numbers = pc.if_else(wanted, digits, pa.scalar(None, pa.string())).cast(pa.float64())
    values = numbers.to_numpy(zero_copy_only=False).copy()
    hundredths = pc.and_(wanted, percent).to_numpy(zero_copy_only=False).astype(bool)
    values[hundredths] /= 100
    refused = pc.and_(pc.invert(readable), pc.invert(absent)).fill_null(False)
    return Converted(values, refused=np.flatnonzero(refused.to_numpy(zero_copy_only=False)))


def _levels_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    return from_dictionary(text.dictionary_encode(), missing)


_CONVERTERS: dict[ColumnType, Callable[[pa.Array, tuple[str, ...]], Converted]] = {
    ColumnType.NUMERIC: _numbers_of_text,
    ColumnType.ENUM: _levels_of_text,
    ColumnType.STRING: from_strings,
}
