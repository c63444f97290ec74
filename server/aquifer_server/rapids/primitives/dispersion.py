"""Spread, shape, and how columns vary together."""

from __future__ import annotations

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import dispersion
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.numbers import Floats
from aquifer_cluster.transform.quantiles import deviation_from_median
from aquifer_cluster.transform.ranks import ranks

from aquifer_server.rapids.ast import NumberList
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import COLUMN, FLAG, FRAME, NUMBER, STRING, number_list

_METHODS = ("Pearson", "Spearman")


def _variance(context: Context, left: Frame, right: Frame, use: str, symmetric: bool) -> Frame | float:
    return _square(context, right, dispersion.covariance(context.cloud, left, right, use))


def _correlation(context: Context, left: Frame, right: Frame, use: str, method: str) -> Frame | float:
    if method not in _METHODS:
        raise WrongArgument(f"method is one of {', '.join(_METHODS)}, found {method}")
    if method == "Spearman":
        left, right = dispersion.complete_together(context.cloud, left, right, use)
        left, right = ranks(context.cloud, left), ranks(context.cloud, right)
    return _square(context, right, dispersion.correlation(context.cloud, left, right, use))


def _square(context: Context, right: Frame, found: Floats) -> Frame | float:
    """One number as such, several as a frame with the columns of `right`."""
    if found.size == 1:
        return float(found[0, 0])
    columns = [NewColumn(name, ColumnType.NUMERIC, found[:, i].copy()) for i, name in enumerate(right.names)]
    return make_small_frame(context.cloud, columns)


def _skewness(context: Context, frame: Frame, skip_missing: bool) -> NumberList:
    return number_list(dispersion.skewness(context.cloud, frame, skip_missing))


def _kurtosis(context: Context, frame: Frame, skip_missing: bool) -> NumberList:
    return number_list(dispersion.kurtosis(context.cloud, frame, skip_missing))


def _deviation(context: Context, frame: Frame, method: str, constant: float) -> float:
    if frame.columns[0].type is not ColumnType.NUMERIC:
        raise WrongArgument(f"column '{frame.names[0]}' is {frame.columns[0].type}, not numeric")
    if frame.columns[0].rollups.missing:
        return np.nan
    return constant * deviation_from_median(context.cloud, frame.columns[0], method)


_SKIPPING = (Argument("frame", FRAME), Argument("skip_missing", FLAG, False))
_PAIR = (Argument("left", FRAME), Argument("right", FRAME), Argument("use", STRING, "everything"))

PRIMITIVES = (
    Primitive(
        "var",
        (*_PAIR, Argument("symmetric", FLAG, False)),
        "number or frame",
        "The sample variance, or the covariances of all pairs of columns.",
        _variance,
    ),
    Primitive(
        "cor",
        (*_PAIR, Argument("method", STRING, "Pearson")),
        "number or frame",
        "The correlations of all pairs of columns, of values (Pearson) or of ranks (Spearman).",
        _correlation,
    ),
    Primitive("skewness", _SKIPPING, "numbers", "The skewness of each column.", _skewness),
    Primitive(
        "kurtosis", _SKIPPING, "numbers", "The kurtosis of each column (a normal one has 3).", _kurtosis
    ),
    Primitive(
        "h2o.mad",
        (
            Argument("column", COLUMN),
            Argument("combine_method", STRING, "interpolate"),
            Argument("constant", NUMBER, 1.4826),
        ),
        "number",
        "The median absolute deviation from the median, times a constant.",
        _deviation,
    ),
)
