"""Keys: the values of one or several columns as unsigned numbers whose order is the order of the rows.

A part of a key stands for one column: 0 is missing, so that missing values come first. Whole numbers, times
and categories take as many bits as their range needs, other numbers the 64 of their float. Parts are packed
into words of 64 bits, the first part uppermost; a part that does not fit begins another word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aquifer_cluster.chunk import Chunk, ColumnType, Values, concatenate, is_missing
from aquifer_cluster.chunk.base import MISSING_CODE, missing_value
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.rollups import Rollups
from aquifer_cluster.transform.factors import distinct
from aquifer_cluster.transform.ordering import Words

_WORD_BITS = 64
_SIGN = np.uint64(1 << 63)
_EXACT = 2.0**53


class Form(StrEnum):
    """What the code of a known value is."""

    OFFSET = "its distance from the smallest, plus one"
    DIGITS = "all 64 bits of a whole number"
    FLOAT = "all 64 bits of a float"
    LEVEL = "the number of its level, plus one"
    TEXT = "its number among all texts, plus one"


@dataclass(frozen=True)
class KeyPart:
    """How the values of one column become codes of `bits` bits; `descending` turns their order round.

    `low` is the smallest of OFFSET, `texts` are those of TEXT in order, and `levels` are the codes of LEVEL
    where they are others than the column's.
    """

    form: Form
    bits: int
    descending: bool = False
    low: int = 0
    levels: NDArray[np.int32] | None = None
    texts: Values = None

    def codes(self, chunk: Chunk) -> Words:
        """The codes of all rows of a chunk."""
        found = self._ascending(chunk)
        if not self.descending:
            return found
        top = np.uint64((1 << self.bits) - 1)
        return np.where(found == 0, found, top - found + np.uint64(1))

    def values(self, codes: Words, type: ColumnType) -> Values:
        """The values of ascending codes in the decoded form, of any but FLOAT and DIGITS."""
        numbers = codes.astype(np.int64) - 1
        if self.form is Form.TEXT:
            return self.texts.take(pa.array(numbers, mask=numbers < 0))
        if self.form is Form.LEVEL:
            return numbers.astype(np.int32)
        found = (numbers + self.low).astype(type.dtype)
        found[numbers < 0] = missing_value(found.dtype)
        return found

    def _ascending(self, chunk: Chunk) -> Words:
        if self.form is Form.TEXT:
            places = pc.fill_null(pc.index_in(chunk.decode(), value_set=self.texts), -1)
            return _next(places.to_numpy(zero_copy_only=False))
        if self.form is Form.LEVEL:
            return _next(chunk.decode() if self.levels is None else self.levels[chunk.decode()])
        if self.form is Form.FLOAT:
            return float_codes(chunk.decode())
        values = chunk.exact() if self.form is Form.DIGITS else chunk.decode()
        missing = is_missing(values, chunk.type)
        with np.errstate(invalid="ignore"):
            whole = (values if self.form is Form.DIGITS else values - (self.low - 1)).astype(np.int64)
        found: Words = whole.view(np.uint64)
        found = found ^ _SIGN if self.form is Form.DIGITS else found
        found[missing] = 0
        return found


@dataclass(frozen=True)
class KeyCoding:
    """How the key columns of a frame become words; `columns` are their positions in it."""

    columns: tuple[int, ...]
    parts: tuple[KeyPart, ...]

    @cached_property
    def bits(self) -> int:
        """The bits of a key."""
        return sum(part.bits for part in self.parts)

    @cached_property
    def begins(self) -> tuple[bool, ...]:
        """For each part whether it begins a word."""
        found, left = [], 0
        for part in self.parts:
            found.append(part.bits > left)
            left = (_WORD_BITS if part.bits > left else left) - part.bits
        return tuple(found)

    @property
    def width(self) -> int:
        """The number of words."""
        return max(1, sum(self.begins))

    def words(self, block: Block) -> list[Words]:
        """The keys of a block's rows; a single 0 for every row where no column is a key."""
        found: list[Words] = []
        for column, part, begins in zip(self.columns, self.parts, self.begins, strict=True):
            codes = part.codes(block.chunks[column])
            if begins:
                found.append(codes)
            else:
                found[-1] = (found[-1] << np.uint64(part.bits)) | codes
        return found or [np.zeros(block.rows, np.uint64)]

    def values(self, words: Words, types: Sequence[ColumnType]) -> list[Values]:
        """The values of each part of keys that are one word."""
        found = []
        for part, type in zip(reversed(self.parts), reversed(types), strict=True):
            found.append(part.values(words & np.uint64((1 << part.bits) - 1), type))
            words = words >> np.uint64(part.bits)
        return found[::-1]


def coding_of(
    cloud: Cloud, frame: Frame, columns: Sequence[int], descending: Sequence[bool] = ()
) -> KeyCoding:
    """The coding of a frame's key columns."""
    return shared_coding(cloud, [(frame, columns)], descending)[0]


def shared_coding(
    cloud: Cloud, sides: Sequence[tuple[Frame, Sequence[int]]], descending: Sequence[bool] = ()
) -> list[KeyCoding]:
    """A coding for each frame by which the same values have the same keys, whatever their domains."""
    parts = []
    for i in range(len(sides[0][1])):
        found = [frame.columns[columns[i]] for frame, columns in sides]
        parts.append(_parts(cloud, found, bool(descending and descending[i])))
    return [KeyCoding(tuple(columns), tuple(p[i] for p in parts)) for i, (_, columns) in enumerate(sides)]


def _parts(cloud: Cloud, columns: Sequence[Column], descending: bool) -> list[KeyPart]:
    """The part of a key for each of the columns whose values are compared with each other."""
    type = columns[0].type
    if type is ColumnType.ENUM:
        return _level_parts(columns, descending)
    if type.dtype is None:
        part = _text_part(cloud, columns, descending)
    else:
        part = _number_part([column.rollups for column in columns], type, descending)
    return [part] * len(columns)


def _number_part(columns: Sequence[Rollups], type: ColumnType, descending: bool) -> KeyPart:
    if type is ColumnType.NUMERIC and not all(column.whole for column in columns):
        return KeyPart(Form.FLOAT, _WORD_BITS, descending)
    known = [column for column in columns if column.lowest]
    low = min((column.minimum for column in known), default=0)
    high = max((column.maximum for column in known), default=0)
    if max(-low, high) >= _EXACT:
        return KeyPart(Form.DIGITS, _WORD_BITS, descending)
    return KeyPart(Form.OFFSET, int(high - low + 1).bit_length(), descending, int(low))


def _level_parts(columns: Sequence[Column], descending: bool) -> list[KeyPart]:
    """Levels are numbered as the first column has them, those that only others have behind these."""
    united = dict.fromkeys(label for column in columns for label in column.domain or ())
    positions = {label: code for code, label in enumerate(united)}
    parts = []
    for column in columns:
        codes = [positions[label] for label in column.domain or ()]
        levels = None if codes == list(range(len(codes))) else np.array([*codes, MISSING_CODE], np.int32)
        parts.append(KeyPart(Form.LEVEL, max(1, len(united).bit_length()), descending, levels=levels))
    return parts


def _text_part(cloud: Cloud, columns: Sequence[Column], descending: bool) -> KeyPart:
    found = concatenate([distinct(cloud, column) for column in columns], columns[0].type).unique()
    texts = found.take(pc.array_sort_indices(found))
    return KeyPart(Form.TEXT, max(1, len(texts).bit_length()), descending, texts=texts)


def float_codes(values: NDArray[np.float64]) -> Words:
    """The bits of floats, in the order of the floats: the sign is flipped, and of negative ones every bit."""
    bits = (values + 0.0).view(np.uint64)  # there is one zero
    found = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    found[np.isnan(values)] = 0
    return found


def _next(codes: NDArray[Any]) -> Words:
    """Codes that begin with 0, and -1 for missing, as codes that begin with 1, and 0 for missing."""
    return (codes.astype(np.int64) + 1).view(np.uint64)
