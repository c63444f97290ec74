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

_READABLE = rf"^(?:{NUMBER}|[+-]?[iI]nf(?:inity)?)$"


@dataclass(frozen=True)
class Converted:
    """A column of one block: decoded values, for enums their levels, and which rows could not be read."""

    values: Values
    levels: tuple[str, ...] | None = None
    refused: tuple[int, ...] = ()


def from_text(text: pa.Array, type: ColumnType, missing: tuple[str, ...]) -> Converted:
    """Convert text, null where there is nothing; `missing` are the words that mean missing as well."""
    return _CONVERTERS[type](text, missing)


def from_numbers(numbers: pa.Array) -> Converted:
    """Numbers that Arrow has read; null is NaN."""
    return Converted(numbers.to_numpy(zero_copy_only=False))


def from_dictionary(encoded: pa.DictionaryArray, missing: tuple[str, ...]) -> Converted:
    """Enum codes in the order of the sorted levels; null and the missing words have the code −1."""
    levels = encoded.dictionary
    codes = encoded.indices.fill_null(MISSING_CODE).to_numpy(zero_copy_only=False)
    order = pc.sort_indices(levels).to_numpy()
    if missing:
        kept = pc.invert(_is_one_of(levels, missing)).to_numpy(zero_copy_only=False)
        order = order[kept[order]]
    rank = np.full(len(levels) + 1, MISSING_CODE, np.int32)  # the entry at the end is for the code −1
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Converted(rank[codes], tuple(levels.take(pa.array(order)).to_pylist()))


def from_strings(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    """Strings; the missing words are null."""
    if missing:
        text = pc.if_else(_is_one_of(text, missing), pa.scalar(None, pa.string()), text)
    return Converted(text)


def decoded(text: bytes) -> str:
    """Text as UTF-8, or, where it is not, as Latin-1."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _numbers_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    trimmed = pc.fill_null(pc.utf8_trim_whitespace(text), "")
    absent = _is_one_of(trimmed, (*NUMERIC_MISSING, *missing))
    readable = pc.match_substring_regex(trimmed, _READABLE)
    wanted = pc.and_(readable, pc.invert(absent))
    digits = pc.replace_substring_regex(trimmed, r"[$%+\s]|([eE])\+", r"\1")
    numbers = pc.if_else(wanted, digits, pa.scalar(None, pa.string())).cast(pa.float64())
    values = numbers.to_numpy(zero_copy_only=False).copy()
    values[_mask(pc.and_(wanted, pc.ends_with(trimmed, "%")))] /= 100
    refused = _mask(pc.invert(pc.or_(readable, absent)))
    return Converted(values, refused=tuple(np.flatnonzero(refused).tolist()))


def _levels_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    return from_dictionary(text.dictionary_encode(), missing)


def _is_one_of(text: pa.Array, words: tuple[str, ...]) -> pa.Array:
    return pc.is_in(text, value_set=pa.array(words, pa.string()))


def _mask(condition: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    mask: np.ndarray[Any, np.dtype[np.bool_]] = condition.to_numpy(zero_copy_only=False)
    return mask


_CONVERTERS: dict[ColumnType, Callable[[pa.Array, tuple[str, ...]], Converted]] = {
    ColumnType.NUMERIC: _numbers_of_text,
    ColumnType.ENUM: _levels_of_text,
    ColumnType.STRING: from_strings,
}
