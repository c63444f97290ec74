"""Frames as matrices."""

from __future__ import annotations

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import matrix
from aquifer_cluster.transform.scaling import Choice, scale
from aquifer_cluster.transform.series import symbolic_aggregates

from aquifer_server.rapids.ast import NumberList
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import FLAG, FRAME, INTEGER, STRING, Kind, Mismatch, describe


def _choice(value: object) -> Choice:
    if isinstance(value, NumberList):
        return tuple(value.expand())
    if value not in (0.0, 1.0) or not isinstance(value, float):
        raise Mismatch(f"Expected True, False or a list of numbers but found {describe(value)}")
    return bool(value)


_CHOICE = Kind("True, False or numbers", _choice)


def _transpose(context: Context, frame: Frame) -> Frame:
    return matrix.transpose(context.cloud, frame)


def _product(context: Context, left: Frame, right: Frame) -> Frame:
    return matrix.product(context.cloud, left, right)


def _distance(context: Context, frame: Frame, references: Frame, measure: str) -> Frame:
    return matrix.distances(context.cloud, frame, references, measure)


def _isax(context: Context, frame: Frame, words: int, symbols: int, fewest: bool) -> Frame:
    return symbolic_aggregates(context.cloud, frame, words, symbols, fewest)


def _scale(context: Context, frame: Frame, center: Choice, factor: Choice) -> Frame:
    return scale(context.cloud, frame, center, factor)


PRIMITIVES = (
    Primitive("t", (Argument("frame", FRAME),), "frame", "The transpose of a frame of numbers.", _transpose),
    Primitive(
        "x",
        (Argument("left", FRAME), Argument("right", FRAME)),
        "frame",
        "The matrix product of two frames of numbers.",
        _product,
    ),
    Primitive(
        "distance",
        (Argument("frame", FRAME), Argument("references", FRAME), Argument("measure", STRING)),
        "frame",
        "The distance (l1, l2) or cosine (cosine, cosine_sq) of each row with each row of the references.",
        _distance,
    ),
    Primitive(
        "isax",
        (
            Argument("frame", FRAME),
            Argument("words", INTEGER),
            Argument("symbols", INTEGER),
            Argument("fewest", FLAG, False),
        ),
        "frame",
        "Each row as a time series in few symbols (iSAX); `fewest` leaves out symbols that do not occur.",
        _isax,
    ),
    Primitive(
        "scale",
        (Argument("frame", FRAME), Argument("center", _CHOICE), Argument("scale", _CHOICE)),
        "frame",
        "Numeric columns less their means (or given numbers), over their deviations (or times numbers).",
        _scale,
    ),
)
