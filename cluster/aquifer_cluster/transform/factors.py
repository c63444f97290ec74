"""Changes of type: categories, numbers, text; and what one does to the levels of categories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.text_form import block_texts, number_texts

MAX_LEVELS = 10_000_000


def as_factor(cloud: Cloud, frame: Frame) -> Frame:
    """Every column as categories: the levels of numbers ascend, those of text are in byte order.

    Raises InvalidArgument for times, for uuids, and for more than MAX_LEVELS levels.
    """
    return _each(frame, partial(_factor, cloud))


def as_numeric(cloud: Cloud, frame: Frame) -> Frame:
    """Every column as numbers: levels that are all whole numbers give these, other categories their codes,

    text the number it spells or missing, times their milliseconds. Raises InvalidArgument for uuids.
    """
    return _each(frame, partial(_numeric, cloud))


def as_character(cloud: Cloud, frame: Frame) -> Frame:
    """Every column as text."""
    return _each(frame, partial(_character, cloud))


def levels(cloud: Cloud, frame: Frame) -> Frame:
    """The levels of each column, one below the other; missing where a column has no more, or has none."""
    rows = max([len(column.domain or ()) for column in frame.columns], default=0)
    made = []
    for i, column in enumerate(frame.columns):
        count = len(column.domain or ())
        codes = np.concatenate([np.arange(count), np.full(rows - count, -1)]).astype(np.int32)
        made.append(
            NewColumn(f"C{i + 1}", ColumnType.ENUM, codes, column.domain)
            if column.domain is not None
            else NewColumn(f"C{i + 1}", ColumnType.NUMERIC, np.full(rows, np.nan))
        )
    return make_small_frame(cloud, made)


def recode(cloud: Cloud, column: Column, codes: Sequence[int], domain: tuple[str, ...]) -> Column:
    """The column with code i replaced by `codes[i]`, which counts in the new `domain`."""
    frame = Frame(("x",), (column,), column.layout)
    table = np.array([*codes, -1], np.int32)
    return cloud.map_columns(frame, _recode_block, table, types=[ColumnType.ENUM], domains=[domain])[0]


def with_domain(cloud: Cloud, column: Column, domain: Sequence[str]) -> Column:
    """The column with the same labels, coded in another domain; labels that it lacks become missing."""
    positions = {label: code for code, label in enumerate(domain)}
    codes = [positions.get(label, -1) for label in column.domain or ()]
    return recode(cloud, column, codes, tuple(domain))


def relabel(cloud: Cloud, column: Column, domain: Sequence[str]) -> Column:
    """The column with other names for its levels; those that get one name become one.

    Raises InvalidArgument if there are not as many names.
    """
    have = require_domain("levels", column)
    if len(domain) < len(have):
        raise InvalidArgument(
            "levels",
            f"the column has {len(have)} levels, so at least as many names are needed, found {len(domain)}",
        )
    codes = {label: code for code, label in enumerate(dict.fromkeys(domain))}
    return recode(cloud, column, [codes[label] for label in domain[: len(have)]], tuple(codes))


def relevel(cloud: Cloud, column: Column, level: str) -> Column:
    """The column with `level` moved to the front of its levels. Raises InvalidArgument if it is none."""
    domain = require_domain("relevel", column)
    require_level("relevel", domain, level)
    return with_domain(cloud, column, (level, *(label for label in domain if label != level)))


def constant_level(cloud: Cloud, column: Column, level: str) -> Column:
    """The column with every row set to `level`. Raises InvalidArgument if it is no level."""
    domain = require_domain("setLevel", column)
    code = require_level("setLevel", domain, level)
    empty = Frame((), (), column.layout)
    return cloud.map_columns(empty, _level_block, code, types=[ColumnType.ENUM], domains=[domain])[0]


def require_domain(operation: str, column: Column) -> tuple[str, ...]:
    """The levels of a column. Raises InvalidArgument if it is not of categories."""
    if column.domain is None:
        raise InvalidArgument(operation, f"needs a categorical column, found a {column.wire_type} column")
    return column.domain


def require_level(operation: str, domain: tuple[str, ...], level: str) -> int:
    """The code of a level. Raises InvalidArgument if the domain lacks it."""
    if level not in domain:
        raise InvalidArgument(operation, f"did not find level '{level}' in the column")
    return domain.index(level)


def _each(frame: Frame, change: partial[Column]) -> Frame:
    columns = tuple(change(column, name) for name, column in zip(frame.names, frame.columns, strict=True))
    return Frame(frame.names, columns, frame.layout)


def _factor(cloud: Cloud, column: Column, name: str) -> Column:
    if column.type is ColumnType.ENUM:
        return column
    if column.type in (ColumnType.TIME, ColumnType.UUID):
        raise InvalidArgument(
            "as.factor", f"column '{name}' holds {column.type}s; convert it to text first, with as.character"
        )
    frame = Frame((name,), (column,), column.layout)
    found = distinct(cloud, column)
    if len(found) > MAX_LEVELS:
        raise InvalidArgument(
            "as.factor", f"column '{name}' has {len(found)} different values, too many levels"
        )
    if column.type is ColumnType.NUMERIC:
        domain = tuple(number_texts(found, column.rollups.whole).to_pylist())
        return cloud.map_columns(frame, _number_codes, found, types=[ColumnType.ENUM], domains=[domain])[0]
    domain = tuple(found.to_pylist())
    return cloud.map_columns(frame, _text_codes, found, types=[ColumnType.ENUM], domains=[domain])[0]


def _numeric(cloud: Cloud, column: Column, name: str) -> Column:
    if column.type is ColumnType.NUMERIC:
        return column
    if column.type is ColumnType.UUID:
        raise InvalidArgument("as.numeric", f"column '{name}' holds uuids, which are no numbers")
    frame = Frame((name,), (column,), column.layout)
    spelt = _whole_levels(column.domain) if column.domain else None
    return cloud.map_columns(frame, _numbers_block, spelt, types=[ColumnType.NUMERIC])[0]


def _character(cloud: Cloud, column: Column, name: str) -> Column:
    if column.type is ColumnType.STRING:
        return column
    frame = Frame((name,), (column,), column.layout)
    whole = column.rollups.whole
    return cloud.map_columns(frame, _texts_block, column.domain, whole, types=[ColumnType.STRING])[0]


def distinct(cloud: Cloud, column: Column) -> Values:
    """The different known values of a column, ascending, in the decoded form of its type."""
    return cloud.map_reduce(Frame(("x",), (column,), column.layout), _distinct_block, combine=_merge_distinct)


def _distinct_block(block: Block) -> Values:
    chunk = block.chunks[0]
    values = chunk.decode()
    if chunk.type.dtype is None:
        return _sorted_texts(values.drop_null())
    return np.unique(values[~is_missing(values, chunk.type)])


def _merge_distinct(a: Values, b: Values) -> Values:
    if isinstance(a, pa.Array):
        return _sorted_texts(pa.concat_arrays([a, b]))
    return np.union1d(a, b)


def _sorted_texts(texts: Values) -> Values:
    unique = texts.unique()
    return unique.take(pc.array_sort_indices(unique))


def _number_codes(block: Block, found: Floats) -> list[Values]:
    values = numbers(block, 0)
    codes = np.searchsorted(found, values).astype(np.int32)
    codes[np.isnan(values)] = -1
    return [codes]


def _text_codes(block: Block, found: Values) -> list[Values]:
    codes = pc.fill_null(pc.index_in(block.decode(0), value_set=found), -1)
    return [codes.to_numpy(zero_copy_only=False).astype(np.int32)]


def _whole_levels(domain: tuple[str, ...]) -> Floats | None:
    """The numbers that the levels spell, if all are whole."""
    try:
        return np.array([int(label) for label in domain], np.float64)
    except (ValueError, OverflowError):
        return None


def _numbers_block(block: Block, spelt: Floats | None) -> list[Values]:
    chunk = block.chunks[0]
    if chunk.type.dtype is None:
        return [text_numbers(chunk.decode())]
    found = numbers(block, 0)
    if spelt is None:
        return [found]
    return [np.append(spelt, np.nan)[np.where(np.isnan(found), len(spelt), found).astype(np.int64)]]


def text_numbers(texts: Values) -> Floats:
    """The number that each text spells; NaN for what is none."""
    trimmed = pc.utf8_trim_whitespace(texts)
    spelt = pc.match_substring_regex(trimmed, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    plain = pc.utf8_ltrim(pc.if_else(spelt, trimmed, pa.scalar(None, pa.string())), "+")
    found: Floats = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    return found.astype(np.float64)


def _texts_block(block: Block, domain: tuple[str, ...] | None, whole: bool) -> list[Values]:
    chunk = block.chunks[0]
    if domain is not None or chunk.type.dtype is None:
        return [block_texts(block, 0, domain)]
    values = chunk.decode()
    if chunk.type is ColumnType.TIME:
        return [pa.array(values, mask=is_missing(values, chunk.type)).cast(pa.string())]
    return [number_texts(values, whole)]


def _recode_block(block: Block, table: NDArray[np.int32]) -> list[Values]:
    return [table[block.decode(0)]]


def _level_block(block: Block, code: int) -> list[Values]:
    return [np.full(block.rows, code, np.int32)]
