"""Types of columns, and the levels of categories."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import factors
from aquifer_cluster.transform.cutting import Intervals, cut
from aquifer_cluster.transform.levels import relevel_by_frequency
from aquifer_cluster.transform.matching import match

from aquifer_server.rapids.ast import NumberList, Span
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import (
    COLUMN,
    FLAG,
    FRAME,
    INTEGER,
    NUMBERS,
    OPTIONAL_INTEGER,
    OPTIONAL_NUMBER,
    OPTIONAL_STRING,
    STRING,
    STRINGS,
    TABLE,
)

_TYPE_NAMES = {
    "numeric": ColumnType.NUMERIC,
    "categorical": ColumnType.ENUM,
    "string": ColumnType.STRING,
    "time": ColumnType.TIME,
    "uuid": ColumnType.UUID,
}


def _cast(change: Callable[[Cloud, Frame], Frame], context: Context, frame: Frame) -> Frame:
    return change(context.cloud, frame)


def _is(type: ColumnType, context: Context, frame: Frame) -> NumberList:
    return NumberList(tuple(Span(float(column.type is type)) for column in frame.columns))


def _any_factor(context: Context, frame: Frame) -> float:
    return float(any(column.type is ColumnType.ENUM for column in frame.columns))


def _columns_by_type(context: Context, frame: Frame, name: str) -> NumberList:
    if name == "bad":
        chosen = [i for i, column in enumerate(frame.columns) if column.rollups.missing == frame.rows]
    elif name in _TYPE_NAMES:
        chosen = [i for i, column in enumerate(frame.columns) if column.type is _TYPE_NAMES[name]]
    else:
        known = ", ".join([*_TYPE_NAMES, "bad"])
        raise WrongArgument(f"unknown data type to filter by: {name}; it is one of {known}")
    return NumberList(tuple(Span(float(i)) for i in chosen))


def _levels(context: Context, frame: Frame) -> Frame:
    return factors.levels(context.cloud, frame)


def _set_domain(context: Context, frame: Frame, in_place: bool, names: Sequence[str]) -> Frame:
    column = frame.columns[0]
    have = len(factors.require_domain("setDomain", column))
    if have != len(names):
        raise WrongArgument(
            f"the number of new levels must equal the current number of levels, found {len(names)} for {have}"
        )
    return frame.replace(0, factors.relabel(context.cloud, column, names))


def _append_levels(context: Context, frame: Frame, in_place: bool, names: Sequence[str]) -> Frame:
    column = frame.columns[0]
    domain = factors.require_domain("appendLevels", column)
    return frame.replace(
        0, factors.with_domain(context.cloud, column, tuple(dict.fromkeys((*domain, *names))))
    )


def _set_level(context: Context, frame: Frame, level: str) -> Frame:
    return frame.replace(0, factors.constant_level(context.cloud, frame.columns[0], level))


def _relevel(context: Context, frame: Frame, level: str) -> Frame:
    return frame.replace(0, factors.relevel(context.cloud, frame.columns[0], level))


def _level_count(context: Context, frame: Frame) -> float:
    return float(len(frame.columns[0].domain or ()))


def _relevel_by_frequency(context: Context, frame: Frame, weights: str | None, top: int) -> Frame:
    if top != -1 and top < 1:
        raise WrongArgument(f"top_n is 1 or more, or -1 for all levels, found {top}")
    return relevel_by_frequency(context.cloud, frame, weights, None if top == -1 else top)


def _match(
    context: Context, frame: Frame, table: Sequence[str] | Sequence[float], no_match: float, first: int | None
) -> Frame:
    return match(context.cloud, frame, table, no_match, 1 if first is None else first)


def _cut(
    context: Context,
    frame: Frame,
    breaks: Sequence[float],
    labels: Sequence[str],
    lowest: bool,
    right: bool,
    digits: int,
) -> Frame:
    return cut(context.cloud, frame, Intervals(tuple(breaks), tuple(labels), lowest, right, digits))


_FRAME = (Argument("frame", FRAME),)
_NAMES = (Argument("column", COLUMN), Argument("in_place", FLAG), Argument("levels", STRINGS))
_LEVEL = (Argument("column", COLUMN), Argument("level", STRING))

PRIMITIVES = (
    Primitive("as.factor", _FRAME, "frame", "As categories.", partial(_cast, factors.as_factor)),
    Primitive("as.numeric", _FRAME, "frame", "As numbers.", partial(_cast, factors.as_numeric)),
    Primitive("as.character", _FRAME, "frame", "As text.", partial(_cast, factors.as_character)),
    Primitive(
        "is.factor", _FRAME, "numbers", "1 for each categorical column.", partial(_is, ColumnType.ENUM)
    ),
    Primitive(
        "is.numeric", _FRAME, "numbers", "1 for each numeric column.", partial(_is, ColumnType.NUMERIC)
    ),
    Primitive("is.character", _FRAME, "numbers", "1 for each text column.", partial(_is, ColumnType.STRING)),
    Primitive("any.factor", _FRAME, "number", "1 if a column is categorical.", _any_factor),
    Primitive(
        "columnsByType",
        (*_FRAME, Argument("type", STRING, "numeric")),
        "numbers",
        "The indices of the columns of a type.",
        _columns_by_type,
    ),
    Primitive("levels", _FRAME, "frame", "The levels of each column.", _levels),
    Primitive("setDomain", _NAMES, "frame", "Other names for the levels.", _set_domain),
    Primitive("appendLevels", _NAMES, "frame", "More levels.", _append_levels),
    Primitive("setLevel", _LEVEL, "frame", "Every row at one level.", _set_level),
    Primitive("relevel", _LEVEL, "frame", "One level moved to the front.", _relevel),
    Primitive("nlevels", _FRAME, "number", "The number of levels of a column.", _level_count),
    Primitive(
        "relevel.by.freq",
        (*_FRAME, Argument("weights", OPTIONAL_STRING, None), Argument("top_n", INTEGER, -1)),
        "frame",
        "The levels of all categories by falling frequency, or the most frequent ones moved to the front.",
        _relevel_by_frequency,
    ),
    Primitive(
        "match",
        (
            *_FRAME,
            Argument("table", TABLE),
            Argument("no_match", OPTIONAL_NUMBER, math.nan),
            Argument("start_index", OPTIONAL_INTEGER, None),
        ),
        "frame",
        "The place of each value in a list, counted from start_index (1).",
        _match,
    ),
    Primitive(
        "cut",
        (
            *_FRAME,
            Argument("breaks", NUMBERS),
            Argument("labels", STRINGS, ()),
            Argument("include_lowest", FLAG, False),
            Argument("right", FLAG, True),
            Argument("digits", INTEGER, 3),
        ),
        "frame",
        "Numbers as categories of intervals between breaks.",
        _cut,
    ),
)
