"""Many values into one, or into one for each column."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
from aquifer_cluster.chunk import ColumnType, is_missing
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import reduction
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.numbers import as_numbers
from aquifer_cluster.transform.quantiles import medians

from aquifer_server.rapids.ast import NumberList, Span
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import FLAG, FRAME, FRAME_OR_NUMBER, INTEGER, STRING


def _number_list(values: Iterable[float]) -> NumberList:
    return NumberList(tuple(Span(float(value)) for value in values))


def _total(skip_missing: bool, context: Context, frame: Frame) -> float:
    return reduction.total(context.cloud, frame, skip_missing)


def _product(skip_missing: bool, context: Context, frame: Frame) -> float:
    return reduction.product(context.cloud, frame, skip_missing)


def _extreme(largest: bool, context: Context, frame: Frame) -> float:
    return reduction.extreme(frame, largest)


def _mean(context: Context, frame: Frame, skip_missing: bool, axis: int) -> Frame:
    if axis not in (0, 1):
        raise WrongArgument(f"mean: axis is 0 (of each column) or 1 (of each row), found {axis}")
    if axis == 1:
        return reduction.row_means(context.cloud, frame, skip_missing)
    return reduction.mean_frame(context.cloud, frame, skip_missing)


def _medians(context: Context, frame: Frame, skip_missing: bool) -> NumberList:
    return _number_list(medians(context.cloud, frame, skip_missing))


def _deviations(context: Context, frame: Frame, skip_missing: bool) -> NumberList:
    return _number_list(reduction.column_deviations(frame, skip_missing))


def _variance(context: Context, left: Frame, right: Frame, use: str, symmetric: bool) -> Frame | float:
    found = reduction.covariance(context.cloud, left, right, use)
    if found.size == 1:
        return float(found[0, 0])
    columns = [NewColumn(name, ColumnType.NUMERIC, found[:, i].copy()) for i, name in enumerate(right.names)]
    return make_small_frame(context.cloud, columns)


def _any(context: Context, operand: Frame | float) -> float:
    return float(reduction.any_true(operand) if isinstance(operand, Frame) else bool(operand))


def _all(context: Context, operand: Frame | float) -> float:
    return float(reduction.all_true(operand) if isinstance(operand, Frame) else bool(operand))


def _any_missing(context: Context, frame: Frame) -> float:
    return float(any(reduction.missing_counts(frame)))


def _missing_counts(context: Context, frame: Frame) -> NumberList:
    return _number_list(reduction.missing_counts(frame))


def _row_count(context: Context, frame: Frame) -> float:
    return float(frame.rows)


def _column_count(context: Context, frame: Frame) -> float:
    return float(len(frame.columns))


def _flatten(context: Context, frame: Frame) -> Frame | float | str:
    if frame.rows != 1 or len(frame.columns) != 1:
        return frame
    column, values = frame.columns[0], context.cloud.read(frame)[0]
    if column.type in (ColumnType.NUMERIC, ColumnType.TIME):
        return float(as_numbers(values, column.type)[0])
    if bool(is_missing(values, column.type)[0]):
        return "NA"
    return column.domain[values[0]] if column.domain is not None else str(values[0].as_py())


def _row(context: Context, frame: Frame) -> NumberList:
    if frame.rows != 1:
        raise InvalidArgument("frame", f"it should have only 1 row; found {frame.rows} rows")
    read = context.cloud.read(frame)
    return _number_list(
        as_numbers(values, column.type)[0] if column.type is not ColumnType.ENUM else np.nan
        for values, column in zip(read, frame.columns, strict=True)
    )


_FRAME = (Argument("frame", FRAME),)
_SKIPPING = (*_FRAME, Argument("skip_missing", FLAG, False))
_OPERAND = (Argument("operand", FRAME_OR_NUMBER),)

PRIMITIVES = (
    Primitive("sum", _FRAME, "number", "The sum; missing if a value is.", partial(_total, False)),
    Primitive("sumNA", _FRAME, "number", "The sum of the known values.", partial(_total, True)),
    Primitive("prod", _FRAME, "number", "The product; missing if a value is.", partial(_product, False)),
    Primitive("prod.na", _FRAME, "number", "The product of the known values.", partial(_product, True)),
    Primitive(
        "min", _FRAME, "number", "The smallest value; missing if a value is.", partial(_extreme, False)
    ),
    Primitive("max", _FRAME, "number", "The largest value; missing if a value is.", partial(_extreme, True)),
    Primitive(
        "mean",
        (*_SKIPPING, Argument("axis", INTEGER, 0)),
        "frame",
        "The mean of each column (axis 0) or of each row (axis 1).",
        _mean,
    ),
    Primitive("median", _SKIPPING, "numbers", "The median of each column.", _medians),
    Primitive("sd", _SKIPPING, "numbers", "The sample standard deviation of each column.", _deviations),
    Primitive(
        "var",
        (
            Argument("left", FRAME),
            Argument("right", FRAME),
            Argument("use", STRING, "everything"),
            Argument("symmetric", FLAG, False),
        ),
        "number or frame",
        "The sample variance, or the covariances of all pairs of columns.",
        _variance,
    ),
    Primitive("any", _OPERAND, "number", "1 if a value is not zero.", _any),
    Primitive("all", _OPERAND, "number", "1 if no known value is zero.", _all),
    Primitive("any.na", _FRAME, "number", "1 if a value is missing.", _any_missing),
    Primitive("naCnt", _FRAME, "numbers", "The number of missing values of each column.", _missing_counts),
    Primitive("nrow", _FRAME, "number", "The number of rows.", _row_count),
    Primitive("ncol", _FRAME, "number", "The number of columns.", _column_count),
    Primitive(
        "flatten", _FRAME, "number, string or frame", "The one value of a 1×1 frame; others stay.", _flatten
    ),
    Primitive("getrow", _FRAME, "numbers", "The numbers of a frame of one row.", _row),
)
