"""Missing values replaced, in the frame that a key names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import imputation

from aquifer_server.rapids.ast import NumberList
from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import (
    COLUMNS,
    FRAME,
    INTEGER,
    KEYED_FRAME,
    NUMBERS,
    STRING,
    ColumnChoice,
    Keyed,
    Kind,
    number_list,
)

_NOTHING = "_"


def _or_nothing(kind: Kind) -> Kind:
    return Kind(f"{kind.name} or _", lambda value: None if value == _NOTHING else kind.accept(value))


def _by(value: Any) -> ColumnChoice | None:
    return None if isinstance(value, NumberList) and not value else COLUMNS.accept(value)


def _impute(
    context: Context,
    keyed: Keyed,
    column: int,
    method: str,
    combine: str,
    by: ColumnChoice | None,
    groups: Frame | None,
    values: Sequence[float] | None,
) -> Frame | NumberList:
    frame = keyed.frame
    if not -1 <= column < len(frame.columns):
        raise InvalidArgument(
            "column", f"it is -1 (all) or from 0 to {len(frame.columns) - 1}, found {column}"
        )
    if by is not None:
        return _impute_groups(context, keyed, column, method, by.of(frame), groups)
    columns = range(len(frame.columns)) if column == -1 else [column]
    if values is None:
        values = imputation.fill_values(context.cloud, frame, columns, method, combine).tolist()
    elif len(values) != len(frame.columns):
        raise InvalidArgument("values", f"it has {len(values)} numbers for {len(frame.columns)} columns")
    _rebind(context, keyed, imputation.fill(context.cloud, frame, values))
    return number_list(values)


def _impute_groups(
    context: Context, keyed: Keyed, column: int, method: str, by: Sequence[int], groups: Frame | None
) -> Frame:
    if column == -1:
        raise InvalidArgument("column", "values of groups are imputed in one column; name it")
    if groups is None:
        groups = imputation.group_values(context.cloud, keyed.frame, column, method, by)
    elif len(groups.columns) <= len(by):
        raise InvalidArgument("group_by_frame", f"it has {len(by)} keys and then the value; found no value")
    _rebind(context, keyed, imputation.fill_by_group(context.cloud, keyed.frame, column, by, groups))
    return groups


def _rebind(context: Context, keyed: Keyed, frame: Frame) -> None:
    if keyed.key is not None:
        context.rebind(keyed.key, frame)


PRIMITIVES = (
    Primitive(
        "h2o.impute",
        (
            Argument("frame", KEYED_FRAME),
            Argument("column", INTEGER),
            Argument("method", STRING),
            Argument("combine_method", STRING),
            Argument("by", Kind("columns by name or number, or []", _by)),
            Argument("group_by_frame", _or_nothing(FRAME)),
            Argument("values", _or_nothing(NUMBERS)),
        ),
        "numbers or frame",
        "Missing values of a column, or of all (-1), replaced by its mean, median or mode, or by that of the "
        "row's group, in the frame that the key names.",
        _impute,
    ),
)
