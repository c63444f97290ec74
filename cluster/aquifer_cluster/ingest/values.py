"""From text to the decoded form of each type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_CODE, MISSING_TIME
from aquifer_cluster.ingest.dialect import NUMBER
from aquifer_cluster.ingest.times import UTC, read_iso_times, read_times

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
"""Words that plainly say missing among numbers, times and uuids; any other word does so with a warning."""

UUID = r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

_READABLE = rf"^(?:{NUMBER}|[+-]?[iI]nf(?:inity)?)$"
_EXACT = 2.0**53
"""From here on float64 does not tell neighbouring whole numbers apart."""

_MISSING_WHOLE = MISSING_TIME
"""The smallest int64 stands for missing among exact whole numbers too."""

_Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Converted:
    """A column of one block: decoded values, for enums their levels, and which rows could not be read."""

    values: Values
    levels: tuple[str, ...] | None = None
    refused: tuple[int, ...] = ()


def from_text(text: pa.Array, type: ColumnType, missing: tuple[str, ...], zone: str = UTC) -> Converted:
    """Convert text, null where there is nothing; `missing` are the words that mean missing as well.

    Times without an offset are those that clocks of `zone` show.
    """
    if type is ColumnType.TIME:
        return _times_of_text(text, missing, zone)
    return _CONVERTERS[type](text, missing)


def from_numbers(numbers: pa.Array) -> Converted:
    """Numbers that Arrow has read, real or whole (int64); null is missing."""
    if pa.types.is_integer(numbers.type):
        return Converted(_whole_numbers(numbers))
    return Converted(numbers.to_numpy(zero_copy_only=False))


def beyond_exact(numbers: pa.Array) -> bool:
    """Whether some of the numbers may be so large that float64 has lost digits of them."""
    if pa.types.is_float64(numbers.type):  # what is where none is known does no harm
        values = np.frombuffer(numbers.buffers()[1] or b"", np.float64)
        return bool((np.abs(values[numbers.offset :][: len(numbers)]) >= _EXACT).any())
    extremes = pc.min_max(numbers)
    return any(abs(extremes[side].as_py() or 0) >= _EXACT for side in ("min", "max"))


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
        text = pc.if_else(_is_one_of(text, missing), _null(), text)
    return Converted(text)


def decoded(text: bytes) -> str:
    """Text as UTF-8, or, where it is not, as Latin-1."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _numbers_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    trimmed, absent = _known(text, missing)
    plain = pc.if_else(absent, _null(), trimmed)
    with suppress(pa.ArrowInvalid):  # a word, or a number as only people write it
        return _converted(plain, plain.cast(pa.float64()), ())
    readable = pc.match_substring_regex(trimmed, _READABLE)
    refused = _rows(pc.invert(pc.or_(readable, absent)))
    plain = pc.if_else(readable, plain, _null())
    with suppress(pa.ArrowInvalid):
        return _converted(plain, plain.cast(pa.float64()), refused)
    digits = pc.replace_substring_regex(plain, r"[$%+\s]|([eE])\+", r"\1")
    numbers = digits.cast(pa.float64())
    percent = _mask(pc.fill_null(pc.ends_with(plain, "%"), False))
    if not percent.any():
        return _converted(digits, numbers, refused)
    values = numbers.to_numpy(zero_copy_only=False)
    return Converted(np.where(percent, values / 100, values), refused=refused)


def _converted(digits: pa.Array, numbers: pa.Array, refused: tuple[int, ...]) -> Converted:
    """The numbers, or what the digits say exactly if they are whole and float64 loses some of them."""
    if beyond_exact(numbers):
        with suppress(pa.ArrowInvalid):  # some have a fraction, or more digits than 64 bits hold
            return Converted(_whole_numbers(digits.cast(pa.int64())), refused=refused)
    return Converted(numbers.to_numpy(zero_copy_only=False), refused=refused)


def _whole_numbers(numbers: pa.Array) -> Values:
    """Exact int64 where float64 would lose digits, else float64."""
    if beyond_exact(numbers) and pc.min(numbers).as_py() != _MISSING_WHOLE:  # which cannot be a value
        return numbers.fill_null(_MISSING_WHOLE).to_numpy()
    return numbers.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)


def _times_of_text(text: pa.Array, missing: tuple[str, ...], zone: str) -> Converted:
    if not missing:
        with suppress(pa.ArrowInvalid):  # most are written so, and then nothing else is to be looked at
            return Converted(read_iso_times(text, zone))
    trimmed, absent = _known(text, missing)
    times = read_times(pc.if_else(absent, _null(), trimmed), zone)
    refused = (times == MISSING_TIME) & ~_mask(absent)
    return Converted(times, refused=tuple(np.flatnonzero(refused).tolist()))


def _uuids_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    trimmed, absent = _known(text, missing)
    readable = pc.match_substring_regex(trimmed, UUID)
    upper = pc.if_else(readable, pc.ascii_upper(trimmed), _null())
    return Converted(upper, refused=_rows(pc.invert(pc.or_(readable, absent))))


def _levels_of_text(text: pa.Array, missing: tuple[str, ...]) -> Converted:
    return from_dictionary(text.dictionary_encode(), missing)


def _known(text: pa.Array, missing: tuple[str, ...]) -> tuple[pa.Array, pa.Array]:
    """The texts without spaces around them, and which of them say missing."""
    trimmed = pc.fill_null(pc.utf8_trim_whitespace(text), "")
    return trimmed, _is_one_of(trimmed, (*NUMERIC_MISSING, *missing))


def _null() -> pa.Scalar:
    """A missing text; not made at import, since Arrow then looks for pandas, which takes long."""
    return pa.scalar(None, pa.string())


def _is_one_of(text: pa.Array, words: tuple[str, ...]) -> pa.Array:
    return pc.is_in(text, value_set=pa.array(words, pa.string()))


def _rows(condition: pa.Array) -> tuple[int, ...]:
    return tuple(np.flatnonzero(_mask(condition)).tolist())


def _mask(condition: pa.Array) -> _Mask:
    mask: _Mask = condition.to_numpy(zero_copy_only=False)
    return mask


_CONVERTERS: dict[ColumnType, Callable[[pa.Array, tuple[str, ...]], Converted]] = {
    ColumnType.NUMERIC: _numbers_of_text,
    ColumnType.ENUM: _levels_of_text,
    ColumnType.STRING: from_strings,
    ColumnType.UUID: _uuids_of_text,
}
