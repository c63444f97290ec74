"""Small frames that say what is in large ones."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import tabulation
from aquifer_cluster.transform.binding import bind_columns
from aquifer_cluster.transform.breaks import histogram
from aquifer_cluster.transform.quantiles import quantile_frame

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import (
    COLUMN,
    FLAG,
    FRAME,
    FRAME_OR_NUMBER,
    NUMBERS,
    PLACEHOLDER,
    STRING,
    Kind,
)


def _quantile(
    context: Context, frame: Frame, probabilities: Sequence[float], method: str, weights: str
) -> Frame:
    place = None if weights == "_" else frame.index(weights)
    return quantile_frame(context.cloud, frame, probabilities, method, place)


def _table(context: Context, frame: Frame, other: Frame | float, dense: bool) -> Frame:
    """R and Python write `(table frame dense)` and `(table frame other dense)`."""
    if isinstance(other, Frame):
        frame = bind_columns(context.cloud, [frame, other])
    elif other not in (0.0, 1.0):
        raise WrongArgument(
            f"Expected a Frame, True or False but found {other:g} (argument 'other' of table)", "table"
        )
    else:
        dense = bool(other)
    if dense or len(frame.columns) != 2:
        return tabulation.counts(context.cloud, frame)
    return tabulation.cross_counts(context.cloud, frame)


def _unique(context: Context, frame: Frame, include_missing: bool) -> Frame:
    return tabulation.unique(context.cloud, frame.columns[0], include_missing)


def _which(context: Context, frame: Frame) -> Frame:
    return tabulation.true_rows(context.cloud, frame.columns[0])


def _histogram(context: Context, frame: Frame, breaks: str | Sequence[float]) -> Frame:
    return histogram(context.cloud, frame, breaks)


def _breaks(value: object) -> str | Sequence[float]:
    return value if isinstance(value, str) else NUMBERS.accept(value)


_BREAKS = Kind("numbers or a rule", _breaks)

PRIMITIVES = (
    Primitive(
        "quantile",
        (
            Argument("frame", FRAME),
            Argument("probabilities", NUMBERS),
            Argument("method", STRING, "interpolate"),
            Argument("weights", PLACEHOLDER, "_"),
        ),
        "frame",
        "The quantiles of each column, one row for each probability; `weights` names a column of weights.",
        _quantile,
    ),
    Primitive(
        "hist",
        (Argument("column", COLUMN), Argument("breaks", _BREAKS, "sturges")),
        "frame",
        "How many values lie between breaks: given, of a number, or found by a rule.",
        _histogram,
    ),
    Primitive(
        "table",
        (
            Argument("frame", FRAME),
            Argument("other", FRAME_OR_NUMBER, 1.0),
            Argument("dense", FLAG, True),
        ),
        "frame",
        "How often each value, or pair of values, occurs.",
        _table,
    ),
    Primitive(
        "unique",
        (Argument("column", COLUMN), Argument("include_missing", FLAG, False)),
        "frame",
        "The different values of a column, ascending.",
        _unique,
    ),
    Primitive("which", (Argument("column", COLUMN),), "frame", "The rows where a column is true.", _which),
)
