"""Functions applied to the columns, the rows or the groups of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import rowwise
from aquifer_cluster.transform.binding import bind_columns
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.numbers import as_numbers
from aquifer_cluster.transform.rows import RowRanges, take_rows
from aquifer_cluster.transform.sort import sort_rows
from aquifer_cluster.transform.tally import Aggregation

from aquifer_server.rapids.ast import NumberList
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import COLUMNS, FLAG, FRAME, FUNCTION, INTEGER, ColumnChoice, describe

_ROWS, _COLUMNS = 1, 2
MOST_GROUPS = 10_000
"""The function is called for one group after the other: more would take minutes."""


def _apply(context: Context, frame: Frame, margin: int, function: Any) -> Frame:
    if margin == _COLUMNS:
        return _to_columns(context, frame, function)
    if margin == _ROWS:
        return _to_rows(context, frame, function)
    raise WrongArgument(f"margin is 1 (of each row) or 2 (of each column), found {margin}")


def _to_columns(context: Context, frame: Frame, function: Any) -> Frame:
    found = [context.call(function, [frame.select([i])]) for i in range(len(frame.columns))]
    if all(isinstance(value, Frame) for value in found):
        for value in found:
            if len(value.columns) != 1:
                raise WrongArgument(f"the function gives a Frame of {len(value.columns)} columns, not 1")
        return bind_columns(context.cloud, found).rename(frame.names)
    numbers = [_number(value) for value in found]
    made = zip(frame.names, numbers, strict=True)
    return make_small_frame(
        context.cloud, [NewColumn(name, ColumnType.NUMERIC, np.array([number])) for name, number in made]
    )


def _number(value: Any) -> float:
    numbers = list(value.expand()) if isinstance(value, NumberList) else [value]
    if len(numbers) != 1 or not isinstance(numbers[0], float):
        raise WrongArgument(f"the function gives {describe(value)}, not a Frame or a number each time")
    return numbers[0]


def _to_rows(context: Context, frame: Frame, function: Any) -> Frame:
    """All rows at once: what computes element by element does so, what reduces takes each row."""
    found = context.by_rows().call(function, [frame])
    if not isinstance(found, Frame) or found.rows != frame.rows:
        raise WrongArgument(f"the function gives {describe(found)}, not a row for each row")
    return found.rename([f"C{i + 1}" for i in range(len(found.columns))])


def _to_groups(context: Context, frame: Frame, keys: ColumnChoice, function: Any) -> Frame:
    """Each group is a run of the rows sorted by the keys, which keeps those of a group in their order."""
    cloud, by = context.cloud, keys.of(frame)
    groups = group_by(cloud, frame, by, [Aggregation("nrow", 0)])
    if groups.rows > MOST_GROUPS:
        raise WrongArgument(f"there are {groups.rows:,} groups, at most {MOST_GROUPS:,} are possible; see GB")
    (sizes,) = cloud.read(groups.select([len(by)]))
    ends = [0, *np.cumsum(sizes.astype(np.int64)).tolist()]
    ordered = sort_rows(cloud, frame, by)
    found = []
    for start, stop in pairwise(ends):
        group = take_rows(cloud, ordered, RowRanges.of([range(start, stop)]))
        found.append(_row_of_numbers(context, context.call(function, [group])))
    if len({len(row) for row in found}) > 1:
        raise WrongArgument("the function gives more numbers for some groups than for others")
    columns = [
        NewColumn(f"ddply_C{i + 1}", ColumnType.NUMERIC, np.array(numbers))
        for i, numbers in enumerate(zip(*found, strict=True))
    ]
    of_keys = groups.select(range(len(by)))
    if not columns:
        return of_keys
    made = make_small_frame(cloud, columns)
    return bind_columns(cloud, [of_keys, made]) if by else made


def _row_of_numbers(context: Context, value: Any) -> list[float]:
    if not isinstance(value, Frame):
        return [_number(value)]
    if value.rows != 1:
        raise WrongArgument(f"the function gives a Frame of {value.rows} rows, not 1")
    row = zip(context.cloud.read(value), value.columns, strict=True)
    return [float(as_numbers(values, column.type)[0]) for values, column in row]


def _reduce_row(
    reducer: str, skipping: bool, context: Context, frame: Frame, skip_missing: bool, *_: object
) -> Frame:
    return rowwise.reduce_rows(context.cloud, frame, reducer, skip_missing or skipping, reducer)


def _of_row(name: str, reducer: str, skipping: bool = False) -> Primitive:
    arguments: Sequence[Argument] = (
        Argument("row", FRAME),
        Argument("skip_missing", FLAG, False),
        Argument("axis", INTEGER, 0),
    )
    run = partial(_reduce_row, reducer, skipping)
    return Primitive(name, tuple(arguments), "frame", f"The {reducer} of each row.", run)


OF_ROWS: dict[str, Primitive] = {
    primitive.name: primitive
    for primitive in (
        *(_of_row(reducer, reducer) for reducer in rowwise.REDUCERS),
        _of_row("sumNA", "sum", skipping=True),
        _of_row("prod.na", "prod", skipping=True),
    )
}
"""What reducers mean within a function that is applied to rows."""

PRIMITIVES = (
    Primitive(
        "apply",
        (Argument("frame", FRAME), Argument("margin", INTEGER), Argument("function", FUNCTION)),
        "frame",
        "What a function gives for each row (margin 1) or for each column (margin 2).",
        _apply,
    ),
    Primitive(
        "ddply",
        (Argument("frame", FRAME), Argument("keys", COLUMNS), Argument("function", FUNCTION)),
        "frame",
        "A row for each group: its keys, and the numbers that a function gives for the frame of its rows.",
        _to_groups,
    ),
)
