"""Writing into frames, and putting frames together."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_cluster.frame import Column, Frame, Layout
from aquifer_cluster.transform import binding
from aquifer_cluster.transform.assignment import Rows, assign
from aquifer_cluster.transform.creation import constant_column

from aquifer_server.rapids.ast import NumberList
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import (
    COLUMNS,
    FRAME,
    FRAME_OR_NUMBER,
    OPERAND,
    ROWS,
    STRING,
    STRINGS,
    ColumnChoice,
    RowChoice,
)


def _assign(
    context: Context, frame: Frame, value: Frame | float | str, columns: ColumnChoice, rows: RowChoice
) -> Frame:
    everything = columns.chosen == NumberList()
    indices = tuple(range(len(frame.columns))) if everything else columns.dropping(frame)
    return assign(context.cloud, frame, indices, value, _rows(frame, rows))


def _rows(frame: Frame, rows: RowChoice) -> Rows:
    if rows.mask is not None:
        return rows.mask
    return rows.positions(frame.rows) if rows.spans else None


def _append(context: Context, frame: Frame, pairs: Sequence[tuple[Frame | float | str, str]]) -> Frame:
    for value, name in pairs:
        frame = binding.append_column(context.cloud, frame, name, _column(context, frame.layout, value))
    return frame


def _column(context: Context, layout: Layout, value: Frame | float | str) -> Column:
    if not isinstance(value, Frame):
        return constant_column(context.cloud, layout, value)
    if len(value.columns) != 1:
        raise WrongArgument(f"can only append one column at a time, found {len(value.columns)}")
    return value.columns[0]


def _bind_columns(context: Context, parts: Sequence[tuple[Frame | float]]) -> Frame:
    given = [part for (part,) in parts]
    layouts = [part.layout for part in given if isinstance(part, Frame)] or [Layout((1,), (0,))]
    return binding.bind_columns(context.cloud, [_as_frame(context, part, layouts[0]) for part in given])


def _bind_rows(context: Context, parts: Sequence[tuple[Frame | float]]) -> Frame:
    given = [part for (part,) in parts]
    names = next((part.names for part in given if isinstance(part, Frame)), ("C1",))
    single = Layout((1,), (0,))
    frames = [
        part if isinstance(part, Frame) else _as_frame(context, part, single).rename(names[:1])
        for part in given
    ]
    return binding.bind_rows(context.cloud, frames)


def _as_frame(context: Context, part: Frame | float, layout: Layout) -> Frame:
    """A number becomes a column that is named after it."""
    if isinstance(part, Frame):
        return part
    return Frame((str(part),), (constant_column(context.cloud, layout, part),), layout)


def _rename_columns(context: Context, frame: Frame, columns: ColumnChoice, names: Sequence[str]) -> Frame:
    indices = columns.of(frame)
    if len(indices) != len(names):
        raise WrongArgument(
            f"must have the same number of columns as names, found {len(indices)} and {len(names)}"
        )
    renamed = list(frame.names)
    for index, name in zip(indices, names, strict=True):
        renamed[index] = name
    return frame.rename(renamed)


PRIMITIVES = (
    Primitive(
        ":=",
        (
            Argument("frame", FRAME),
            Argument("value", OPERAND),
            Argument("columns", COLUMNS),
            Argument("rows", ROWS),
        ),
        "frame",
        "The frame with a value written into some columns and rows ([] means all).",
        _assign,
    ),
    Primitive(
        "append",
        (Argument("frame", FRAME), Argument("value", OPERAND), Argument("name", STRING)),
        "frame",
        "The frame with more columns; a number or string fills its column.",
        _append,
        repeating=2,
    ),
    Primitive(
        "cbind",
        (Argument("frame", FRAME_OR_NUMBER),),
        "frame",
        "Frames beside each other.",
        _bind_columns,
        repeating=1,
    ),
    Primitive(
        "rbind",
        (Argument("frame", FRAME_OR_NUMBER),),
        "frame",
        "Frames below each other.",
        _bind_rows,
        repeating=1,
    ),
    Primitive(
        "colnames=",
        (Argument("frame", FRAME), Argument("columns", COLUMNS), Argument("names", STRINGS)),
        "frame",
        "The frame with other column names.",
        _rename_columns,
    ),
)
