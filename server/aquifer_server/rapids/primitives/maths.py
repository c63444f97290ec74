"""Functions of one operand, element by element."""

from __future__ import annotations

from functools import partial

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import maths

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import FRAME_OR_NUMBER, INTEGER, OPERAND


def _map(function: str, context: Context, operand: Frame | float) -> Frame | float:
    if isinstance(operand, Frame):
        return maths.apply(context.cloud, function, operand)
    return maths.apply_scalar(function, operand)


def _round(context: Context, operand: Frame | float, digits: int) -> Frame | float:
    if isinstance(operand, Frame):
        return maths.round_digits(context.cloud, operand, digits)
    return maths.round_scalar(operand, digits)


def _significant(context: Context, operand: Frame | float, digits: int) -> Frame | float:
    if isinstance(operand, Frame):
        return maths.significant_digits(context.cloud, operand, digits)
    return maths.significant_scalar(operand, digits)


def _missing(context: Context, operand: Frame | float | str) -> Frame | float:
    if isinstance(operand, Frame):
        return maths.missing(context.cloud, operand)
    return float(operand != operand)


_OPERAND = (Argument("operand", FRAME_OR_NUMBER),)
_ROUNDING = (*_OPERAND, Argument("digits", INTEGER, 0))
_SYNONYMS_OF_NOT = ("!", "!!")

PRIMITIVES = (
    *(
        Primitive(name, _OPERAND, "frame or number", f"{name} of every value.", partial(_map, name))
        for name in maths.FUNCTIONS
    ),
    *(
        Primitive(name, _OPERAND, "frame or number", "The same as not.", partial(_map, "not"))
        for name in _SYNONYMS_OF_NOT
    ),
    Primitive(
        "round", _ROUNDING, "frame or number", "Rounded to decimals, a half to the even neighbour.", _round
    ),
    Primitive("signif", _ROUNDING, "frame or number", "Rounded to significant digits.", _significant),
    Primitive(
        "is.na", (Argument("operand", OPERAND),), "frame or number", "1 where missing, else 0.", _missing
    ),
)
