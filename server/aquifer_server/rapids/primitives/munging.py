"""Rows in another order or form: sorted, merged, grouped, ranked, without duplicates, pivoted and melted."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.merge import merge
from aquifer_cluster.transform.ranking import drop_duplicates, extreme_rows, rank_within_groups
from aquifer_cluster.transform.reshape import melt, pivot
from aquifer_cluster.transform.sort import sort_rows
from aquifer_cluster.transform.tally import AGGREGATES, Aggregation

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import (
    COLUMNS,
    FLAG,
    FRAME,
    NUMBER,
    NUMBERS,
    STRING,
    WORD,
    ColumnChoice,
)

MERGE_METHODS = ("auto", "radix", "hash")
"""H2O's; here all are one."""


def _sort(context: Context, frame: Frame, columns: ColumnChoice, directions: Sequence[float]) -> Frame:
    return sort_rows(context.cloud, frame, columns.of(frame), _ascending("sort", directions))


def _ascending(name: str, directions: Sequence[float]) -> list[bool]:
    for direction in directions:
        _require_direction(name, direction)
    return [direction > 0 for direction in directions]


def _require_direction(name: str, direction: float) -> None:
    if direction not in (1.0, -1.0):
        raise WrongArgument(
            f"Expected 1 or -1 but found {direction:g} (argument 'direction' of {name})", name
        )


def _merge(
    context: Context,
    left: Frame,
    right: Frame,
    all_left: bool,
    all_right: bool,
    by_left: ColumnChoice,
    by_right: ColumnChoice,
    method: str,
) -> Frame:
    if method not in MERGE_METHODS:
        known = ", ".join(MERGE_METHODS)
        message = f"Expected one of {known} but found '{method}' (argument 'method' of merge)"
        raise WrongArgument(message, "merge")
    return merge(context.cloud, left, right, by_left.of(left), by_right.of(right), all_left, all_right)


def _group_by(
    context: Context, frame: Frame, keys: ColumnChoice, asked: Sequence[tuple[str, ColumnChoice, str]]
) -> Frame:
    aggregations = [Aggregation(name, _single("GB", frame, column), rule) for name, column, rule in asked]
    return group_by(context.cloud, frame, keys.of(frame), aggregations)


def _single(name: str, frame: Frame, choice: ColumnChoice) -> int:
    found = choice.of(frame)
    if len(found) != 1:
        raise WrongArgument(f"Expected one column but found {len(found)} (argument 'column' of {name})", name)
    return found[0]


def _drop_duplicates(context: Context, frame: Frame, columns: ColumnChoice, keep: str) -> Frame:
    return drop_duplicates(context.cloud, frame, columns.of(frame), keep)


def _rank(
    context: Context,
    frame: Frame,
    groups: ColumnChoice,
    columns: ColumnChoice,
    directions: Sequence[float],
    name: str,
    sorted_by_columns: bool,
) -> Frame:
    ascending = _ascending("rank_within_groupby", directions)
    by_group, by_column = groups.of(frame), columns.of(frame)
    return rank_within_groups(context.cloud, frame, by_group, by_column, ascending, name, sorted_by_columns)


def _pivot(
    context: Context, frame: Frame, index: ColumnChoice, column: ColumnChoice, value: ColumnChoice
) -> Frame:
    chosen = [_single("pivot", frame, choice) for choice in (index, column, value)]
    return pivot(context.cloud, frame, *chosen)


def _melt(
    context: Context,
    frame: Frame,
    ids: ColumnChoice,
    values: ColumnChoice,
    variable_name: str,
    value_name: str,
    skip_missing: bool,
) -> Frame:
    kept, melted = ids.of(frame), values.of(frame)
    return melt(context.cloud, frame, kept, melted, variable_name, value_name, skip_missing)


def _top(context: Context, frame: Frame, column: ColumnChoice, percent: float, direction: float) -> Frame:
    _require_direction("topn", direction)
    return extreme_rows(context.cloud, frame, _single("topn", frame, column), percent, direction > 0)


PRIMITIVES = (
    Primitive(
        "sort",
        (Argument("frame", FRAME), Argument("columns", COLUMNS), Argument("directions", NUMBERS)),
        "frame",
        "The rows in the order of some columns: 1 ascends, -1 descends; missing values come first.",
        _sort,
    ),
    Primitive(
        "merge",
        (
            Argument("left", FRAME),
            Argument("right", FRAME),
            Argument("all_left", FLAG),
            Argument("all_right", FLAG),
            Argument("by_left", COLUMNS),
            Argument("by_right", COLUMNS),
            Argument("method", STRING, "auto"),
        ),
        "frame",
        "The pairs of rows of two frames with the same keys, and the other rows of either if asked for.",
        _merge,
    ),
    Primitive(
        "GB",
        (
            Argument("frame", FRAME),
            Argument("keys", COLUMNS),
            Argument("aggregate", WORD),
            Argument("column", COLUMNS),
            Argument("missing", STRING),
        ),
        "frame",
        f"A row for each group, with aggregates of its rows: {', '.join(AGGREGATES)}.",
        _group_by,
        repeating=3,
        least=0,
    ),
    Primitive(
        "dropdup",
        (Argument("frame", FRAME), Argument("columns", COLUMNS), Argument("keep", STRING, "first")),
        "frame",
        "The first or last of the rows with the same values in some columns.",
        _drop_duplicates,
    ),
    Primitive(
        "rank_within_groupby",
        (
            Argument("frame", FRAME),
            Argument("groups", COLUMNS),
            Argument("columns", COLUMNS),
            Argument("directions", NUMBERS),
            Argument("name", STRING),
            Argument("sorted_by_columns", FLAG),
        ),
        "frame",
        "The rows sorted by groups and columns, with their rank within the group.",
        _rank,
    ),
    Primitive(
        "pivot",
        (
            Argument("frame", FRAME),
            Argument("index", COLUMNS),
            Argument("column", COLUMNS),
            Argument("value", COLUMNS),
        ),
        "frame",
        "A row for each value of one column, a column for each value of another, the first value in a cell.",
        _pivot,
    ),
    Primitive(
        "melt",
        (
            Argument("frame", FRAME),
            Argument("id_vars", COLUMNS),
            Argument("value_vars", COLUMNS),
            Argument("var_name", STRING),
            Argument("value_name", STRING),
            Argument("skipna", FLAG),
        ),
        "frame",
        "A row for each row and each of some columns: that column's name and value.",
        _melt,
    ),
    Primitive(
        "topn",
        (
            Argument("frame", FRAME),
            Argument("column", COLUMNS),
            Argument("percent", NUMBER),
            Argument("direction", NUMBER),
        ),
        "frame",
        "The rows with the largest (1) or smallest (-1) values of a column, and these.",
        _top,
    ),
)
