"""What becomes of Arrow's types: one table of the kinds of columns that files of typed columns hold.

Text (and bytes, which are text to us) is converted as that of separated files is, and its type is told from
its values as there; all else says itself what it is, and is text only where the user wants it to be.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_CODE, MISSING_TIME
from aquifer_cluster.ingest.values import Converted, decoded, from_dictionary, from_numbers, from_text

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Times = np.ndarray[Any, np.dtype[np.int64]]

_DAY_MILLISECONDS = 86_400_000
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_UUID_DIGITS = np.delete(np.arange(36), (8, 13, 18, 23))  # where digits stand between the dashes


@dataclass(frozen=True)
class Kind:
    """A kind of column: the type it has unless the user wants another, and how each type is made of it.

    `natural` is None where the type is told from the values; `text` gives these as strings; `numbers` and
    `times` are None where that makes no sense. `words` says that the text may hold any type.
    """

    matches: Callable[[pa.DataType], bool]
    natural: ColumnType | None
    text: Callable[[pa.Array], pa.Array]
    numbers: Callable[[pa.Array], Values] | None = None
    times: Callable[[pa.Array], Times] | None = None
    words: bool = False

    @property
    def allowed(self) -> tuple[ColumnType, ...]:
        """The types that it can be read as."""
        if self.words:
            return tuple(ColumnType)
        direct = {ColumnType.NUMERIC: self.numbers, ColumnType.TIME: self.times}
        others = {ColumnType.ENUM, ColumnType.STRING, self.natural}
        return tuple(type for type in ColumnType if direct.get(type) or type in others)


def kind_of(type: pa.DataType) -> Kind | None:
    """The kind of a column of that type; None for nested columns and others that hold no single values."""
    if pa.types.is_dictionary(type):
        kind = kind_of(type.value_type)
        return _CATEGORY if kind in (_TEXT, _BYTES) else kind
    return next((kind for kind in KINDS if kind.matches(type)), None)


def convert(values: pa.Array, type: ColumnType, missing: tuple[str, ...] = ()) -> Converted:
    """The decoded form of `type`; `missing` are the words of a text column that mean missing.

    Raises pa.ArrowInvalid for values that do not fit (a time beyond 64 bits of milliseconds). The type is
    one of those that the kind of the column allows.
    """
    if type is ColumnType.ENUM and kind_of(values.type) is _CATEGORY:
        return from_dictionary(_compact(values), missing)
    values, kind = _plain(values)
    if type is ColumnType.NUMERIC and kind.numbers:
        return Converted(kind.numbers(values))
    if type is ColumnType.TIME and kind.times:
        return Converted(kind.times(values))
    return from_text(kind.text(values), type, missing if kind.words else ())


def is_words(type: pa.DataType) -> bool:
    """Whether a column of that type holds text."""
    return kind_of(type) in (_TEXT, _BYTES)


def as_text(values: pa.Array) -> pa.Array:
    """The values as strings."""
    values, kind = _plain(values)
    return kind.text(values)


def _plain(values: pa.Array) -> tuple[pa.Array, Kind]:
    """The values without a dictionary, and their kind."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = kind_of(values.type)
    if kind is None:
        raise pa.ArrowNotImplementedError(f"values of type {values.type} are no single values")
    return values, kind


def _compact(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """The same with the levels that occur, codes of 32 bits, and levels that are strings."""
    codes = values.indices.cast(pa.int32()).fill_null(MISSING_CODE).to_numpy(zero_copy_only=False)
    used = np.bincount(codes[codes >= 0], minlength=len(values.dictionary)) > 0
    rank = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(MISSING_CODE))
    levels = _bytes_text(values.dictionary.filter(pa.array(used)))
    merged = levels.dictionary_encode()  # bytes that differ may be one text, and levels may occur twice
    names = np.append(merged.indices.to_numpy(), np.int32(MISSING_CODE))
    codes = names[rank[codes]]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), merged.dictionary)


# numbers


def _float_numbers(values: pa.Array) -> Numbers:
    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)


def _exact_numbers(values: pa.Array) -> Values:
    """Whole numbers with all of their digits as far as 64 bits hold them."""
    is_whole = pa.types.is_integer(values.type) or (
        pa.types.is_decimal(values.type) and not values.type.scale
    )
    if is_whole:
        with suppress(pa.ArrowInvalid):  # some are beyond 64 bits
            return from_numbers(values.cast(pa.int64())).values
    return _float_numbers(values)


def _no_numbers(values: pa.Array) -> Numbers:
    return np.full(len(values), np.nan)


def _milliseconds_as_numbers(values: pa.Array) -> Numbers:
    times = _timestamp_times(values)
    return np.where(times == MISSING_TIME, np.nan, times.astype(np.float64))


def _clock_numbers(values: pa.Array) -> Numbers:
    """Milliseconds of a time of day or of a duration, with fractions."""
    per_millisecond = {"s": 1e-3, "ms": 1.0, "us": 1e3, "ns": 1e6}[values.type.unit]
    storage = pa.int32() if pa.types.is_time32(values.type) else pa.int64()
    return _float_numbers(values.cast(storage)) / per_millisecond


# times


def _timestamp_times(values: pa.Array) -> Times:
    """Milliseconds since the epoch, in UTC; finer units are rounded down. Days begin at midnight, UTC."""
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("ms"))
    unit = values.type.unit
    if unit == "s":
        values, unit = values.cast(pa.timestamp("ms", values.type.tz)), "ms"
    counts = values.cast(pa.int64())
    times = counts.fill_null(0).to_numpy(zero_copy_only=False) // {"ms": 1, "us": 1000, "ns": 1_000_000}[unit]
    return np.where(_null_mask(counts), MISSING_TIME, times) if counts.null_count else times


def _no_times(values: pa.Array) -> Times:
    return np.full(len(values), MISSING_TIME)


def _null_mask(values: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(values.is_null().to_numpy(zero_copy_only=False))


# text


def _cast_text(values: pa.Array) -> pa.Array:
    return values.cast(pa.string())


def _boolean_text(values: pa.Array) -> pa.Array:
    """`True` and `False`, as H2O calls them."""
    return pc.if_else(values, "True", "False")


def _timestamp_text(values: pa.Array) -> pa.Array:
    times = _timestamp_times(values)
    shown = pa.array(times, pa.timestamp("ms"), mask=times == MISSING_TIME)
    return shown.cast(pa.string())


def _bytes_text(values: pa.Array) -> pa.Array:
    """Bytes as UTF-8, or, where they are not, as Latin-1."""
    try:
        return values.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array(
            [value if value is None else decoded(value) for value in values.to_pylist()], pa.string()
        )


def _uuid_text(values: pa.Array) -> pa.Array:
    """Hexadecimal digits in groups of 8, 4, 4, 4 and 12 (RFC 9562)."""
    storage = values.storage
    known = storage.drop_null()
    raw = np.frombuffer(b"".join(known.to_pylist()), np.uint8).reshape(-1, 16)
    shown = np.full((len(raw), 36), ord("-"), np.uint8)
    shown[:, _UUID_DIGITS] = _HEX[np.stack([raw >> 4, raw & 15], axis=2).reshape(-1, 32)]
    buffers = [None, pa.py_buffer(np.arange(0, 36 * len(raw) + 1, 36, dtype=np.int32)), pa.py_buffer(shown)]
    text = pa.Array.from_buffers(pa.string(), len(raw), buffers)
    places = np.cumsum(~_null_mask(storage)) - 1
    return text.take(pa.array(places, mask=_null_mask(storage)))


def _is_clock(type: pa.DataType) -> bool:
    return bool(pa.types.is_time(type) or pa.types.is_duration(type))


def _is_number(type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_decimal(type))


def _is_text(type: pa.DataType) -> bool:
    if isinstance(type, pa.BaseExtensionType):
        return bool(type.extension_name == "arrow.json")
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type))


def _is_bytes(type: pa.DataType) -> bool:
    checks = pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary
    return any(check(type) for check in (*checks, pa.types.is_binary_view))


def _is_moment(type: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(type) or pa.types.is_date(type))


_TEXT = Kind(_is_text, None, _cast_text, words=True)
_BYTES = Kind(_is_bytes, None, _bytes_text, words=True)
_CATEGORY = Kind(pa.types.is_dictionary, ColumnType.ENUM, _bytes_text, words=True)

KINDS: tuple[Kind, ...] = (
    Kind(pa.types.is_null, ColumnType.STRING, _cast_text, _no_numbers, _no_times),
    Kind(pa.types.is_boolean, ColumnType.ENUM, _boolean_text, _float_numbers),
    Kind(_is_number, ColumnType.NUMERIC, _cast_text, _exact_numbers),
    Kind(_is_moment, ColumnType.TIME, _timestamp_text, _milliseconds_as_numbers, _timestamp_times),
    Kind(_is_clock, ColumnType.NUMERIC, _cast_text, _clock_numbers),
    Kind(lambda type: type == pa.uuid(), ColumnType.UUID, _uuid_text),
    _TEXT,
    _BYTES,
)
"""Every kind of column that can be read."""
