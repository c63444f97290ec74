"""Many values into one, or into one for each column."""

from __future__ import annotations

from functools import partial

import numpy as np
from aquifer_cluster.chunk import ColumnType, is_missing
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import reduction
from aquifer_cluster.transform.creation import NewColumn, make_small_frame
from aquifer_cluster.transform.numbers import as_numbers
from aquifer_cluster.transform.quantiles import medians
from aquifer_cluster.transform.rowwise import reduce_rows, which_extreme, which_extreme_row
from aquifer_cluster.transform.tabulation import level_counts

from aquifer_server.rapids.ast import NumberList
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import COLUMN, FLAG, FRAME, FRAME_OR_NUMBER, INTEGER, NUMBER, number_list


def _total(skip_missing: bool, context: Context, frame: Frame, *_: object) -> float:
    return reduction.total(frame, skip_missing)


def _product(skip_missing: bool, context: Context, frame: Frame, *_: object) -> float:
    return reduction.product(context.cloud, frame, skip_missing)


def _extreme(largest: bool, context: Context, frame: Frame, *_: object) -> float:
    return reduction.extreme(frame, largest)


def _mean(context: Context, frame: Frame, skip_missing: bool, axis: int) -> Frame:
    if axis not in (0, 1):
        raise WrongArgument(f"axis is 0 (of each column) or 1 (of each row), found {axis}")
    if axis == 1:
        return reduce_rows(context.cloud, frame, "mean", skip_missing, "mean")
    return reduction.mean_frame(context.cloud, frame, skip_missing)


def _sums(context: Context, frame: Frame, skip_missing: bool, along_rows: bool) -> Frame:
    if along_rows:
        return reduce_rows(context.cloud, frame, "sum", skip_missing, "sum")
    return reduction.sum_frame(context.cloud, frame, skip_missing)


def _which(largest: bool, context: Context, frame: Frame, skip_missing: bool, along_rows: bool) -> Frame:
    if along_rows:
        name = "which.max" if largest else "which.min"
        return which_extreme(context.cloud, frame, largest, skip_missing, name)
    found = which_extreme_row(context.cloud, frame, largest, skip_missing)
    cells = zip(frame.names, found, strict=True)
    made = [NewColumn(name, ColumnType.NUMERIC, np.array([row])) for name, row in cells]
    return make_small_frame(context.cloud, made)


def _mostly_known(context: Context, frame: Frame, fraction: float) -> NumberList:
    limit = fraction * frame.rows
    return number_list(i for i, column in enumerate(frame.columns) if column.rollups.missing < limit)


def _mode(context: Context, frame: Frame) -> float:
    if frame.columns[0].domain is None:
        raise WrongArgument(f"column '{frame.names[0]}' is {frame.columns[0].type}, not categorical")
    counts = level_counts(context.cloud, frame.columns[0])
    return float(counts.argmax()) if counts.sum() else np.nan


def _medians(context: Context, frame: Frame, skip_missing: bool) -> NumberList:
    return number_list(medians(context.cloud, frame, skip_missing))


def _deviations(context: Context, frame: Frame, skip_missing: bool) -> NumberList:
    return number_list(reduction.column_deviations(frame, skip_missing))


def _any(context: Context, operand: Frame | float) -> float:
    if not isinstance(operand, Frame):
        return float(bool(operand))
    return float(any(reduction.missing_counts(operand)) or reduction.any_true(context.cloud, operand))


def _any_known(context: Context, frame: Frame) -> float:
    return float(reduction.any_true(context.cloud, frame))


def _all(context: Context, operand: Frame | float) -> float:
    if not isinstance(operand, Frame):
        return float(bool(operand))
    return float(reduction.all_true(context.cloud, operand))


def _missing_counts(context: Context, frame: Frame) -> NumberList:
    return number_list(reduction.missing_counts(frame))


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
    return number_list(
        as_numbers(values, column.type)[0] if column.type is not ColumnType.ENUM else np.nan
        for values, column in zip(read, frame.columns, strict=True)
    )


_FRAME = (Argument("frame", FRAME),)
_SKIPPING = (*_FRAME, Argument("skip_missing", FLAG, False))
_OPERAND = (Argument("operand", FRAME_OR_NUMBER),)
_ALL = (*_SKIPPING, Argument("axis", INTEGER, 0))
"""Within `apply` clients pass these two to all reducers; those that reduce all to one number ignore them."""
_BY_AXIS = (*_SKIPPING, Argument("axis", FLAG, False))

PRIMITIVES = (
    Primitive("sum", _ALL, "number", "The sum; missing if a value is.", partial(_total, False)),
    Primitive("sumNA", _ALL, "number", "The sum of the known values.", partial(_total, True)),
    Primitive("prod", _ALL, "number", "The product; missing if a value is.", partial(_product, False)),
    Primitive("prod.na", _ALL, "number", "The product of the known values.", partial(_product, True)),
    Primitive("min", _ALL, "number", "The smallest value; missing if a value is.", partial(_extreme, False)),
    Primitive("max", _ALL, "number", "The largest value; missing if a value is.", partial(_extreme, True)),
    Primitive(
        "mean",
        (*_SKIPPING, Argument("axis", INTEGER, 0)),
        "frame",
        "The mean of each column (axis 0) or of each row (axis 1).",
        _mean,
    ),
    Primitive("median", _SKIPPING, "numbers", "The median of each column.", _medians),
    Primitive("sd", _SKIPPING, "numbers", "The sample standard deviation of each column.", _deviations),
    Primitive("mode", (Argument("column", COLUMN),), "number", "The code of the most frequent level.", _mode),
    Primitive(
        "sumaxis", _BY_AXIS, "frame", "The sum of each column (axis 0) or of each row (axis 1).", _sums
    ),
    Primitive(
        "which.max",
        _BY_AXIS,
        "frame",
        "The row of each column's largest value (axis 0), or the column of each row's (axis 1).",
        partial(_which, True),
    ),
    Primitive(
        "which.min",
        _BY_AXIS,
        "frame",
        "The row of each column's smallest value (axis 0), or the column of each row's (axis 1).",
        partial(_which, False),
    ),
    Primitive(
        "filterNACols",
        (Argument("frame", FRAME), Argument("fraction", NUMBER, 0.2)),
        "numbers",
        "The columns of which less than the fraction is missing.",
        _mostly_known,
    ),
    Primitive(
        "any",
        _OPERAND,
        "number",
        "1 if a value is true (other than zero, or the level true) or missing.",
        _any,
    ),
    Primitive("all", _OPERAND, "number", "1 if every known value is true.", _all),
    Primitive("any.na", _FRAME, "number", "1 if a known value is true.", _any_known),
    Primitive("naCnt", _FRAME, "numbers", "The number of missing values of each column.", _missing_counts),
    Primitive("nrow", _FRAME, "number", "The number of rows.", _row_count),
    Primitive("ncol", _FRAME, "number", "The number of columns.", _column_count),
    Primitive(
        "flatten", _FRAME, "number, string or frame", "The one value of a 1×1 frame; others stay.", _flatten
    ),
    Primitive("getrow", _FRAME, "numbers", "The numbers of a frame of one row.", _row),
)
