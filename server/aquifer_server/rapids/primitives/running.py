"""Running values down the rows or along the columns, and gaps filled from neighbours."""

from __future__ import annotations

from functools import partial

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import cumulation

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import COLUMN, FLAG, FRAME, INTEGER, STRING

_METHODS = ("forward", "backward")


def _cumulate(operation: str, context: Context, frame: Frame, along_rows: bool) -> Frame:
    found = cumulation.cumulate(context.cloud, frame, operation, along_rows)
    return found.rename(["C1"]) if len(frame.columns) == 1 and not along_rows else found


def _difference(context: Context, frame: Frame) -> Frame:
    return cumulation.difference(context.cloud, frame)


def _fill(context: Context, frame: Frame, method: str, along_rows: bool, limit: int) -> Frame:
    if method not in _METHODS:
        raise WrongArgument(f"method is one of {', '.join(_METHODS)}, found {method}")
    fill = cumulation.fill_along if along_rows else cumulation.fill_down
    return fill(context.cloud, frame, method == "backward", limit)


def _running(name: str, summary: str) -> Primitive:
    arguments = (Argument("frame", FRAME), Argument("axis", FLAG, False))
    return Primitive(name, arguments, "frame", summary, partial(_cumulate, name))


PRIMITIVES = (
    _running("cumsum", "The running sum of each column (axis 0) or along each row (axis 1)."),
    _running("cumprod", "The running product of each column (axis 0) or along each row (axis 1)."),
    _running("cummin", "The smallest value so far of each column (axis 0) or along each row (axis 1)."),
    _running("cummax", "The largest value so far of each column (axis 0) or along each row (axis 1)."),
    Primitive(
        "difflag1",
        (Argument("column", COLUMN),),
        "frame",
        "What each row has more than the row before.",
        _difference,
    ),
    Primitive(
        "h2o.fillna",
        (
            Argument("frame", FRAME),
            Argument("method", STRING),
            Argument("axis", FLAG),
            Argument("maxlen", INTEGER),
        ),
        "frame",
        "Missing values filled from the row (axis 0) or column (axis 1) before or after, maxlen at most.",
        _fill,
    ),
)
