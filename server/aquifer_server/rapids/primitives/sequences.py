"""Columns out of numbers: sequences and repetitions."""

from __future__ import annotations

import math

from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.sequences import repeat_columns, repeat_rows, sequence

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import FRAME_OR_NUMBER, INTEGER, NUMBER

_ROUNDING = 1e-10


def _sequence(context: Context, start: float, stop: float, step: float) -> Frame:
    if step == 0 or not math.isfinite(step) or not math.isfinite(stop - start):
        raise InvalidArgument("by", f"no sequence leads from {start:g} to {stop:g} in steps of {step:g}")
    if (stop - start) / step < 0:
        raise InvalidArgument("by", f"steps of {step:g} do not lead from {start:g} to {stop:g}")
    steps = (stop - start) / step
    if math.isinf(steps):
        raise InvalidArgument("by", f"steps of {step:g} from {start:g} to {stop:g} are too many")
    count = math.floor(steps + _ROUNDING) + 1
    return sequence(context.cloud, start, step, count)


def _first_numbers(context: Context, count: int) -> Frame:
    if count < 1:
        raise InvalidArgument("length", f"it is a positive whole number, found {count}")
    return sequence(context.cloud, 1, 1, count)


def _repeated(context: Context, value: Frame | float, length: int) -> Frame:
    if length < 0:
        raise InvalidArgument("length", f"it is not negative, found {length}")
    if not isinstance(value, Frame):
        return sequence(context.cloud, value, 0, length)
    repeat = repeat_rows if len(value.columns) == 1 else repeat_columns
    return repeat(context.cloud, value, length)


PRIMITIVES = (
    Primitive(
        "seq",
        (Argument("from", NUMBER), Argument("to", NUMBER), Argument("by", NUMBER, 1.0)),
        "frame",
        "A column of numbers at equal steps.",
        _sequence,
    ),
    Primitive(
        "seq_len", (Argument("length", INTEGER),), "frame", "A column of 1, 2 … length.", _first_numbers
    ),
    Primitive(
        "rep_len",
        (Argument("value", FRAME_OR_NUMBER), Argument("length", INTEGER)),
        "frame",
        "A number or a column repeated to a length in rows; several columns, in columns.",
        _repeated,
    ),
)
