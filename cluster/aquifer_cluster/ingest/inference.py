"""What a sample of a text file tells: which type each column has, and whether the first row names columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.strings import offsets_of
from aquifer_cluster.ingest.blocks import KERNELS
from aquifer_cluster.ingest.dialect import NUMBER
from aquifer_cluster.ingest.times import are_times
from aquifer_cluster.ingest.values import NUMERIC_MISSING, UUID

_Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
_Kinds: TypeAlias = np.ndarray[Any, np.dtype[np.int8]]
_Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

_UNDECIDED = -1
_MOSTLY_DISTINCT = 0.95
_NUMBER = f"^{NUMBER}$"
_ZERO = r"^[+-]?\$?[+-]?0*\.?0*(?:[eE][+-]?\d+)?\s*%?$"
_PLAINLY_MISSING = ("NA", "na", "Na", "N/A")
"""Words that say missing even where there is no number among them."""


class Kind(IntEnum):
    """What a single field looks like."""

    NOTHING = 0
    ZERO = 1
    NUMBER = 2
    TIME = 3
    UUID = 4
    WORD = 5


@dataclass(frozen=True)
class Inferred:
    """The type of a column, and the words in it that seem to mean missing."""

    type: ColumnType
    na_strings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Tally:
    """How many fields of a column look like what; how many different words, and how many say missing."""

    zeros: int
    others: int
    times: int
    uuids: int
    words: int
    distinct: int
    telling: int

    @property
    def says_missing(self) -> bool:
        """Whether all its words are known to mean missing."""
        return self.telling == self.distinct

    @property
    def numbers(self) -> int:
        """Fields that read as numbers."""
        return self.zeros + self.others

    @property
    def only_zeros(self) -> bool:
        """Whether zeros are all there is besides words: they then mean missing."""
        return self.zeros > 0 and not (self.others or self.times or self.uuids)


def infer(columns: Sequence[pa.Array]) -> list[Inferred]:
    """The type of each column from some of its fields (strings, null where there is nothing)."""
    return [_inferred(tally) for tally in _tallies(columns)]


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns.

    It does if it holds nothing but words while the row below holds a number, a time or a uuid; a lone row
    of words does if it has several.
    """
    if not rows or holds_values(rows[0]):
        return False
    if len(rows) == 1:
        return len(rows[0]) > 1 and all(field.strip() for field in rows[0])
    return holds_values(rows[1])


def holds_values(row: Sequence[str]) -> bool:
    """Whether some field of a row is a number, a time or a uuid."""
    found = kinds(pa.array([field or None for field in row], pa.string()))
    return not np.isin(found, (Kind.NOTHING, Kind.WORD)).all()


def kinds(text: pa.Array) -> _Kinds:
    """The `Kind` of each text. Most are plain numbers, or words without a digit: these are told at a look."""
    found = _seen(text)
    undecided = np.flatnonzero(found == _UNDECIDED)
    found[undecided] = _kinds_by_pattern(text.take(pa.array(undecided)))
    return found


def _seen(text: pa.Array) -> _Kinds:
    """The `Kind` of each text that is told at a look, else _UNDECIDED."""
    kernels, seen = KERNELS.load(), np.empty(len(text), np.int8)
    kernels.plain_kinds(np.frombuffer(text.buffers()[2] or b"", np.uint8), offsets_of(text), seen)
    meaning = np.empty(4, np.int8)
    meaning[kernels.UNDECIDED], meaning[kernels.WORD] = _UNDECIDED, Kind.WORD
    meaning[kernels.ZERO], meaning[kernels.NUMBER] = Kind.ZERO, Kind.NUMBER
    found = meaning[seen]
    found[_mask(text.is_null())] = Kind.NOTHING
    return found


def _kinds_by_pattern(text: pa.Array) -> _Kinds:
    """The `Kind` of each of some texts, none of which is null."""
    trimmed = pc.utf8_trim_whitespace(text)
    found = np.full(len(text), Kind.WORD, np.int8)
    number = _mask(pc.match_substring_regex(trimmed, _NUMBER))
    found[number] = Kind.NUMBER
    found[number & _mask(pc.match_substring_regex(trimmed, _ZERO))] = Kind.ZERO
    others = np.flatnonzero(~number)
    some = trimmed.take(pa.array(others))
    found[others[are_times(text.take(pa.array(others)))]] = Kind.TIME
    found[others[_mask(pc.match_substring_regex(some, UUID))]] = Kind.UUID
    return found


def _inferred(tally: _Tally) -> Inferred:
    """The type that H2O infers, but one that loses nothing where H2O would lose all."""
    type = _type(tally)
    if type is ColumnType.ENUM and tally.only_zeros and tally.distinct <= _MOSTLY_DISTINCT * tally.words:
        return Inferred(type, ("0",))
    return Inferred(type)


def _type(tally: _Tally) -> ColumnType:
    """H2O's rules, in its order; where none fits, H2O says numeric, and we say so of numbers only."""
    numbers, words = tally.numbers, tally.words
    values = max(tally.times, tally.uuids)
    if numbers >= values and (tally.others >= words or (tally.says_missing and not values)):
        return ColumnType.NUMERIC
    if tally.distinct == 1 and not tally.times and not (tally.uuids and tally.says_missing):
        return ColumnType.NUMERIC if words < numbers else ColumnType.ENUM
    if values > numbers and (values > words or tally.distinct <= 1) and tally.times != tally.uuids:
        return ColumnType.TIME if tally.times > tally.uuids else ColumnType.UUID
    if numbers >= max(words, values):
        return ColumnType.NUMERIC
    if words <= values or tally.distinct >= _MOSTLY_DISTINCT * words:
        return ColumnType.STRING
    return ColumnType.ENUM


def _tallies(columns: Sequence[pa.Array]) -> list[_Tally]:
    """Count all columns together: what there are many columns of is not looked at one by one."""
    count = len(columns)
    if not count:
        return []
    fields = pa.concat_arrays(columns)
    column = np.repeat(np.arange(count), [len(fields) for fields in columns])
    kind = _seen(fields)
    rest = np.flatnonzero((kind == _UNDECIDED) | (kind == Kind.WORD))  # what repeats is looked at once
    texts = fields.take(pa.array(rest)).dictionary_encode()
    codes = texts.indices.to_numpy()
    kind[rest] = kinds(texts.dictionary)[codes]
    counts = np.bincount(column * len(Kind) + kind, minlength=count * len(Kind)).reshape(count, len(Kind))
    has_numbers = counts[:, Kind.ZERO] + counts[:, Kind.NUMBER] > 0
    word = kind[rest] == Kind.WORD
    distinct, telling = _words(column[rest[word]], codes[word], texts.dictionary, has_numbers)
    shown = counts[:, [Kind.ZERO, Kind.NUMBER, Kind.TIME, Kind.UUID, Kind.WORD]]
    return [_Tally(*row) for row in np.column_stack([shown, distinct, telling]).tolist()]


def _words(
    column: _Integers, codes: _Integers, texts: pa.Array, has_numbers: _Mask
) -> tuple[_Integers, _Integers]:
    """How many different words each column has, and how many of them say missing.

    `column` and `codes` (into `texts`) are of each field that is a word.
    """
    owner, code = np.divmod(np.unique(column * (len(texts) + 1) + codes), len(texts) + 1)
    among, alone = _telling(texts, NUMERIC_MISSING), _telling(texts, _PLAINLY_MISSING)
    telling = np.where(has_numbers[owner], among[code], alone[code])
    columns = len(has_numbers)
    return np.bincount(owner, minlength=columns), np.bincount(owner[telling], minlength=columns)


def _telling(words: pa.Array, known: Sequence[str]) -> _Mask:
    return _mask(pc.is_in(pc.utf8_trim_whitespace(words), value_set=pa.array(known, pa.string())))


def _mask(condition: pa.Array) -> _Mask:
    return np.asarray(pc.fill_null(condition, False).to_numpy(zero_copy_only=False), np.bool_)
