"""Text functions: of string columns row by row, of categories level by level.

A text function takes an Arrow array of strings and gives one of as many values, null for null.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.code_points import CodePoints
from aquifer_cluster.transform.factors import recode
from aquifer_cluster.transform.numbers import Floats
from aquifer_cluster.transform.patterns import Pattern, Template, over_distinct

TextFunction = Callable[..., pa.Array]
_JAVA_BLANKS = "".join(map(chr, range(33)))
_SHORTEST_WORD = 2
_POINT_BITS = 21  # of a code point


def change_texts(
    cloud: Cloud, operation: str, frame: Frame, function: TextFunction, *arguments: Any
) -> Frame:
    """Every column with `function(texts, *arguments)` for its texts or levels; levels that become the same

    are one. The columns are named C1, C2 …. Raises InvalidArgument for columns of other types.
    """
    require_text(operation, frame)
    columns = tuple(_changed(cloud, column, function, arguments) for column in frame.columns)
    return Frame(numbered_names(len(columns)), columns, frame.layout)


def measure_texts(
    cloud: Cloud, operation: str, frame: Frame, function: TextFunction, *arguments: Any
) -> Frame:
    """For every column the numbers `function(texts, *arguments)`, in columns C1, C2 ….

    Raises InvalidArgument for columns that are neither text nor categories.
    """
    require_text(operation, frame)
    measured = [_of_levels(column, function, arguments) for column in frame.columns]
    types = [ColumnType.NUMERIC] * len(frame.columns)
    columns = cloud.map_columns(frame, _measure_block, function, arguments, measured, types=types)
    return Frame(numbered_names(len(columns)), tuple(columns), frame.layout)


def require_text(operation: str, frame: Frame, categories: bool = True) -> None:
    """Raise InvalidArgument unless all columns are text (or categories)."""
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type is not ColumnType.STRING and not (categories and column.type is ColumnType.ENUM):
            kinds = "text and categories" if categories else "text"
            raise InvalidArgument(
                operation,
                f"works on {kinds}, but column '{name}' is {column.wire_type}; convert it with as.character",
            )


def numbered_names(count: int) -> tuple[str, ...]:
    """C1, C2 …: how H2O names new columns."""
    return tuple(f"C{i + 1}" for i in range(count))


def upper(texts: pa.Array) -> pa.Array:
    """In capitals."""
    return pc.utf8_upper(texts)


def lower(texts: pa.Array) -> pa.Array:
    """In small letters."""
    return pc.utf8_lower(texts)


def trim(texts: pa.Array) -> pa.Array:
    """Without blanks (all characters up to U+0020, as in Java) at both ends."""
    return pc.utf8_trim(texts, _JAVA_BLANKS)


def strip_left(texts: pa.Array, characters: str) -> pa.Array:
    """Without any of the characters at the start."""
    return pc.utf8_ltrim(texts, characters)


def strip_right(texts: pa.Array, characters: str) -> pa.Array:
    """Without any of the characters at the end."""
    return pc.utf8_rtrim(texts, characters)


def substring(texts: pa.Array, start: int, end: int | None) -> pa.Array:
    """The characters from `start` (0 if negative) to before `end` (None: all that follow)."""
    start = max(start, 0)
    return pc.utf8_slice_codeunits(texts, start, None if end is None else max(start, end))


def replace(texts: pa.Array, pattern: Pattern, template: Template, first_only: bool) -> pa.Array:
    """With the first match, or all, replaced."""
    return pattern.replaced(texts, template, first_only)


def length(texts: pa.Array) -> pa.Array:
    """The number of characters."""
    return pc.utf8_length(texts)


def count_matches(texts: pa.Array, words: Sequence[str]) -> pa.Array:
    """How often the words occur, all together, matches of one not overlapping; an empty word never does."""
    counts = [pc.count_substring(texts, word) for word in words if word]
    zeros = pc.multiply(pc.utf8_length(texts), 0)
    return sum_of(counts, zeros)


def entropy(texts: pa.Array) -> pa.Array:
    """Shannon's entropy of the characters, in bits; 0 for an empty text."""
    found = CodePoints.of(texts)
    of_text = np.repeat(np.arange(len(texts)), found.lengths)
    keys, counts = np.unique((of_text << _POINT_BITS) | found.points, return_counts=True)
    rows = keys >> _POINT_BITS
    shares = counts / found.lengths[rows]
    bits = np.bincount(rows, -shares * np.log2(shares), minlength=len(texts))
    return pa.array(bits + 0.0, mask=np.asarray(texts.is_null()))


def count_valid_substrings(texts: pa.Array, words: Collection[str]) -> pa.Array:
    """How many of a text's substrings of two characters or more are in `words`."""
    longest = max(map(len, words), default=0)
    return over_distinct(texts, partial(_count_valid, words=words, longest=longest), pa.int64())


def sum_of(arrays: Sequence[pa.Array], start: pa.Array) -> pa.Array:
    """The sum of the arrays, added to `start`."""
    for array in arrays:
        start = pc.add(start, array)
    return start


def _count_valid(text: str, words: Collection[str], longest: int) -> int:
    return sum(
        text[start:end] in words
        for start in range(len(text) - 1)
        for end in range(start + _SHORTEST_WORD, min(len(text), start + longest) + 1)
    )


def _changed(cloud: Cloud, column: Column, function: TextFunction, arguments: tuple[Any, ...]) -> Column:
    if column.domain is None:
        frame = Frame(("x",), (column,), column.layout)
        return cloud.map_columns(frame, _change_block, function, arguments, types=[ColumnType.STRING])[0]
    levels = function(pa.array(column.domain, pa.string()), *arguments).to_pylist()
    domain = tuple(dict.fromkeys(levels))
    if len(domain) < len(levels):
        domain = tuple(sorted(domain))
    codes = {level: code for code, level in enumerate(domain)}
    return recode(cloud, column, [codes[level] for level in levels], domain)


def _of_levels(column: Column, function: TextFunction, arguments: tuple[Any, ...]) -> Floats | None:
    """The numbers of the levels of a category, and NaN behind them for the missing code."""
    if column.domain is None:
        return None
    return np.append(_as_floats(function(pa.array(column.domain, pa.string()), *arguments)), np.nan)


def _as_floats(numbers: pa.Array) -> Floats:
    found: Floats = pc.cast(numbers, pa.float64()).to_numpy(zero_copy_only=False)
    return found


def _change_block(block: Block, function: TextFunction, arguments: tuple[Any, ...]) -> list[Values]:
    return [function(block.decode(0), *arguments)]


def _measure_block(
    block: Block, function: TextFunction, arguments: tuple[Any, ...], measured: list[Floats | None]
) -> list[Values]:
    return [
        _as_floats(function(block.decode(i), *arguments)) if levels is None else levels[block.decode(i)]
        for i, levels in enumerate(measured)
    ]
