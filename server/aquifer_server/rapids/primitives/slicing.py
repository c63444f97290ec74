"""Taking columns and rows."""

from __future__ import annotations

from collections.abc import Iterable

from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import MAX_COLUMNS, Frame
from aquifer_cluster.transform.binding import unique_names
from aquifer_cluster.transform.creation import missing_row
from aquifer_cluster.transform.rows import drop_rows, filter_rows, omit_missing, take_rows

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import COLUMNS, FRAME, ROWS, ColumnChoice, RowChoice


def _columns(context: Context, frame: Frame, choice: ColumnChoice) -> Frame:
    return _select(frame, choice.dropping(frame))


def _columns_of_python(context: Context, frame: Frame, choice: ColumnChoice) -> Frame:
    return _select(frame, choice.from_end(frame))


def _select(frame: Frame, indices: Iterable[int]) -> Frame:
    """The columns at the indices; one that is taken twice gets another name the second time."""
    picked = list(indices)
    if not picked:
        raise InvalidArgument("columns", "No column is chosen, and a Frame has at least one")
    if len(picked) > MAX_COLUMNS:
        raise InvalidArgument("columns", f"{len(picked):,} are chosen; a Frame has {MAX_COLUMNS:,} at most")
    names = unique_names(frame.names[i] for i in picked)
    return Frame(names, tuple(frame.columns[i] for i in picked), frame.layout)


def _rows(context: Context, frame: Frame, choice: RowChoice) -> Frame:
    if choice.mask is not None:
        return filter_rows(context.cloud, frame, choice.mask)
    if choice.beyond(frame.rows):
        return missing_row(context.cloud, frame)
    change = drop_rows if choice.drops else take_rows
    return change(context.cloud, frame, choice.positions(frame.rows))


def _omit_missing(context: Context, frame: Frame) -> Frame:
    return omit_missing(context.cloud, frame)


_COLUMNS = (Argument("frame", FRAME), Argument("columns", COLUMNS))

PRIMITIVES = (
    Primitive("cols", _COLUMNS, "frame", "Some columns; -1 leaves out column 0, -2 column 1.", _columns),
    Primitive("cols_py", _COLUMNS, "frame", "Some columns; -1 is the last one.", _columns_of_python),
    Primitive(
        "rows",
        (Argument("frame", FRAME), Argument("rows", ROWS)),
        "frame",
        "The rows of the given numbers (-1 leaves out row 0 …), or those where a mask is true. A single row "
        "beyond the end is missing.",
        _rows,
    ),
    Primitive(
        "na.omit", (Argument("frame", FRAME),), "frame", "The rows without missing values.", _omit_missing
    ),
)
