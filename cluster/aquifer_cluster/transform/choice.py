"""Choosing between two values by a test, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import side_by_side
from aquifer_cluster.transform.creation import (
    constant_column,
    is_single_time,
    missing_values,
    single_number,
)
from aquifer_cluster.transform.numbers import as_numbers, numbers
from aquifer_cluster.transform.text_form import block_texts

Side = Frame | float | str
_COMMON_TYPES = {
    frozenset((ColumnType.ENUM, ColumnType.STRING)): ColumnType.STRING,
    frozenset((ColumnType.TIME, ColumnType.NUMERIC)): ColumnType.NUMERIC,
}
"""What values of two types become together; a time is its milliseconds then."""


@dataclass(frozen=True)
class _Source:
    """One side of one output: a column of the block, or a constant."""

    position: int | None = None
    constant: float | str = np.nan
    column: Column | None = None

    @property
    def type(self) -> ColumnType | None:
        """What type it asks for; None for a missing constant, which fits all. A text constant is a label."""
        if self.column is not None:
            return self.column.type
        if isinstance(self.constant, str):
            return ColumnType.ENUM
        return None if np.isnan(self.constant) else ColumnType.NUMERIC

    @property
    def labels(self) -> tuple[str, ...]:
        """The levels that it may take."""
        if self.column is not None:
            return self.column.domain or ()
        return (self.constant,) if isinstance(self.constant, str) else ()

    def within(self, domain: tuple[str, ...] | None) -> _Given:
        """What a block needs to know of it."""
        if domain is None or not self.labels:
            return _Given(self.position, self.constant, None, self.labels)
        codes = tuple(domain.index(label) for label in self.labels)
        return _Given(self.position, self.constant, codes, self.labels)


@dataclass(frozen=True)
class _Given:
    position: int | None
    constant: float | str
    codes: tuple[int, ...] | None
    labels: tuple[str, ...]


def choose(cloud: Cloud, test: Frame, yes: Side, no: Side) -> Frame:
    """`yes` where the test is true, `no` where it is zero, missing where it is missing.

    A frame of one column serves for all columns of the others, a time of one row for all rows. Two texts, and
    categories, give categories. Raises InvalidArgument if the shapes or types do not go together.
    """
    yes, no = (_for_all_rows(cloud, test, side) for side in (yes, no))
    frames = [test, *(side for side in (yes, no) if isinstance(side, Frame))]
    width = _width(frames)
    joined = side_by_side(cloud, frames)
    first = len(test.columns)
    sources = []
    for side in (yes, no):
        sources.append([_source(side, i, first) for i in range(width)])
        first += len(side.columns) if isinstance(side, Frame) else 0
    outputs = [_output(*pair) for pair in zip(*sources, strict=True)]
    tests = [0 if len(test.columns) == 1 else i for i in range(width)]
    given = [
        (tests[i], type, sources[0][i].within(domain), sources[1][i].within(domain))
        for i, (type, domain) in enumerate(outputs)
    ]
    columns = cloud.map_columns(
        joined,
        _choose_block,
        given,
        types=[type for type, _ in outputs],
        domains=[domain for _, domain in outputs],
    )
    return Frame(tuple(f"C{i + 1}" for i in range(width)), tuple(columns), joined.layout)


def _for_all_rows(cloud: Cloud, test: Frame, side: Side) -> Side:
    """A time of one row, such as `moment` makes, in all rows of the test."""
    if not isinstance(side, Frame) or side.rows != 1 or test.rows == 1 or not is_single_time(side):
        return side
    column = constant_column(cloud, test.layout, single_number(cloud, side), ColumnType.TIME)
    return Frame(side.names, (column,), test.layout)


def _width(frames: list[Frame]) -> int:
    widths = {len(frame.columns) for frame in frames}
    if len(widths - {1}) > 1:
        raise InvalidArgument(
            "ifelse", f"frames must have the same number of columns, found {sorted(widths)}"
        )
    return max(widths)


def _source(side: Side, index: int, first: int) -> _Source:
    if not isinstance(side, Frame):
        return _Source(constant=side)
    index = 0 if len(side.columns) == 1 else index
    return _Source(first + index, np.nan, side.columns[index])


def _output(yes: _Source, no: _Source) -> tuple[ColumnType, tuple[str, ...] | None]:
    """The type of the result, and its levels: those of columns before those of constants."""
    types = {source.type for source in (yes, no)} - {None}
    for pair, common in _COMMON_TYPES.items():
        if types == pair:
            return common, None
    if len(types) > 1:
        found = " and ".join(sorted(str(type) for type in types))
        raise InvalidArgument("ifelse", f"both values must be of one type, found {found}")
    type = next(iter(types), ColumnType.NUMERIC)
    if type is not ColumnType.ENUM:
        return type or ColumnType.NUMERIC, None
    columns = [source for source in (yes, no) if source.column is not None]
    constants = [source for source in (no, yes) if source.column is None]
    return ColumnType.ENUM, tuple(dict.fromkeys(label for s in (*columns, *constants) for label in s.labels))


def _choose_block(block: Block, given: list[tuple[int, ColumnType, _Given, _Given]]) -> list[Values]:
    return [_chosen(block, numbers(block, test), type, yes, no) for test, type, yes, no in given]


def _chosen(block: Block, test: Any, type: ColumnType, yes: _Given, no: _Given) -> Values:
    unknown, true = np.isnan(test), test != 0
    sides = [_values(block, type, side) for side in (yes, no)]
    if type.dtype is None:
        picked = pc.if_else(pa.array(true), *sides)
        return pc.if_else(pa.array(unknown), pa.scalar(None, pa.string()), picked)
    missing = missing_values(1, type)[0]
    return np.where(unknown, missing, np.where(true, *sides)).astype(type.dtype)


def _values(block: Block, type: ColumnType, side: _Given) -> Values:
    """One side as decoded values, or one value, of the type of the result."""
    if side.position is None:
        return _constant(type, side)
    values = block.decode(side.position)
    if side.codes is not None and type is ColumnType.ENUM:
        return np.array([*side.codes, -1], np.int32)[values]
    given = block.chunks[side.position].type
    if type.dtype is None and given is ColumnType.ENUM:
        return block_texts(block, side.position, side.labels)
    if type is ColumnType.NUMERIC:
        return as_numbers(values, given)
    return values


def _constant(type: ColumnType, side: _Given) -> Values:
    if type.dtype is None:
        return pa.scalar(side.constant if isinstance(side.constant, str) else None, pa.string())
    if isinstance(side.constant, float) and np.isnan(side.constant):
        return missing_values(1, type)[0]
    return side.codes[0] if side.codes is not None else side.constant
