"""Operators of two operands, and the choice between two by a third."""

from __future__ import annotations

from functools import partial

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import arithmetic, choice

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import Unimplemented
from aquifer_server.rapids.values import FRAME_OR_NUMBER, OPERAND, describe

_UNNAMED_AGAINST_NUMBERS = ("==", "!=")
"""H2O gives the results of these the names C1, C2 … where a frame meets a number."""


def _operate(
    operator: str, context: Context, left: Frame | float | str, right: Frame | float | str
) -> Frame | float:
    if isinstance(left, float) and isinstance(right, float):
        return arithmetic.apply_scalar(operator, left, right)
    if not isinstance(left, Frame) and not isinstance(right, Frame):
        raise Unimplemented(f"{operator} of {describe(left)} and {describe(right)} is unimplemented")
    frame = arithmetic.apply(context.cloud, operator, left, right)
    if operator in _UNNAMED_AGAINST_NUMBERS and isinstance(right, float):
        return frame.rename([f"C{i + 1}" for i in range(len(frame.columns))])
    return frame


def _choose(
    context: Context, test: Frame | float, yes: Frame | float | str, no: Frame | float | str
) -> Frame | float | str:
    if isinstance(test, float):
        return test if test != test else yes if test else no
    return choice.choose(context.cloud, test, yes, no)


_OPERANDS = (Argument("left", OPERAND), Argument("right", OPERAND))
_SUMMARIES = {
    "+": "Sum.",
    "-": "Difference.",
    "*": "Product.",
    "/": "Quotient.",
    "%": "Remainder, with the sign of the dividend.",
    "%%": "Remainder, with the sign of the dividend.",
    "intDiv": "Quotient of the whole parts, cut to a whole number.",
    "%/%": "Quotient, cut to a whole number.",
    "^": "Power.",
    "<": "1 where less, else 0.",
    "<=": "1 where less or equal, else 0.",
    ">": "1 where greater, else 0.",
    ">=": "1 where greater or equal, else 0.",
    "==": "1 where equal, else 0; missing equals missing.",
    "!=": "1 where not equal, else 0.",
    "&": "Logical and: 0, 1 or missing.",
    "&&": "Logical and: 0, 1 or missing.",
    "|": "Logical or: 0, 1 or missing.",
    "||": "Logical or: 0, 1 or missing.",
}

PRIMITIVES = (
    *(
        Primitive(name, _OPERANDS, "frame or number", summary, partial(_operate, name))
        for name, summary in _SUMMARIES.items()
    ),
    Primitive(
        "ifelse",
        (Argument("test", FRAME_OR_NUMBER), Argument("yes", OPERAND), Argument("no", OPERAND)),
        "frame, number or string",
        "`yes` where the test is true, `no` where it is false, missing where it is missing.",
        _choose,
    ),
)
