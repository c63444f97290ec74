"""Writing into some columns and rows of a frame: the rest is shared with the frame that was there before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values, concatenate
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame, Layout
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import align
from aquifer_cluster.transform.creation import (
    constant_column,
    is_single_time,
    missing_column,
    missing_values,
    single_number,
)
from aquifer_cluster.transform.factors import with_domain
from aquifer_cluster.transform.rows import RowRanges, mask_of

Rows = RowRanges | Frame | None
"""The rows to write: by position, by a one-column mask, or (None) all."""

_SINGLE_VALUES: dict[ColumnType, type] = {
    ColumnType.NUMERIC: float,
    ColumnType.TIME: float,
    ColumnType.STRING: str,
}
"""What one value of a column is, where it is as it is written; labels are looked up, uuids only copied."""


def assign(
    cloud: Cloud, frame: Frame, columns: Sequence[int], value: Frame | float | str, rows: Rows
) -> Frame:
    """The frame with `value` written into `rows` of the columns at the given indices.

    A frame as value has a column for each of them, and as many rows as are written or as `frame` has.
    Over all rows a number or column replaces whatever was there; otherwise the types must fit: a label
    that a category lacks becomes a new level. Raises InvalidArgument where they do not.
    """
    if isinstance(value, Frame) and value.rows == 1 and len(value.columns) == 1 and frame.rows != 1:
        if rows is None and is_single_time(value):
            times = constant_column(cloud, frame.layout, single_number(cloud, value), ColumnType.TIME)
            value = Frame(value.names, (times,), frame.layout)
        else:
            value = _single_value(cloud, value)
    if isinstance(value, Frame) and len(value.columns) != len(columns):
        raise InvalidArgument(
            "value", f"it has {len(value.columns)} columns, but {len(columns)} columns are to be written"
        )
    if rows is None and isinstance(value, Frame):
        frame, value = align(cloud, [frame, value])
    for i, index in enumerate(columns):
        source = Frame(("value",), (value.columns[i],), value.layout) if isinstance(value, Frame) else value
        frame = frame.replace(index, _written(cloud, frame, index, source, rows))
    return frame


def _written(cloud: Cloud, frame: Frame, index: int, value: Any, rows: Rows) -> Column:
    column = frame.columns[index]
    if rows is None:
        return (
            value.columns[0]
            if isinstance(value, Frame)
            else _filled(cloud, column, value, frame.names[index])
        )
    if isinstance(value, Frame):
        return _scattered(cloud, frame.names[index], column, value, rows)
    return _patched(cloud, frame.names[index], column, value, rows)


def _filled(cloud: Cloud, column: Column, value: float | str, name: str) -> Column:
    """A whole column of one value."""
    if isinstance(value, float):
        return (
            missing_column(cloud, column.layout, column)
            if np.isnan(value)
            else constant_column(cloud, column.layout, value)
        )
    if column.type is ColumnType.ENUM:
        return _patched(cloud, name, column, value, RowRanges.of([range(column.layout.rows)]))
    if column.type is not ColumnType.STRING:
        raise _misfit(value, column, name)
    return constant_column(cloud, column.layout, value)


def _patched(cloud: Cloud, name: str, column: Column, value: float | str, rows: RowRanges | Frame) -> Column:
    """The column with one value in some rows."""
    domain = column.domain
    if isinstance(value, float) and np.isnan(value):
        filler: Any = None
    elif column.type is ColumnType.ENUM and isinstance(value, str):
        domain = domain or ()
        domain = domain if value in domain else (*domain, value)
        filler = domain.index(value)
    elif isinstance(value, _SINGLE_VALUES.get(column.type, ())):
        filler = value
    else:
        raise _misfit(value, column, name)
    source, positions = _chosen(cloud, column, rows)
    return cloud.map_columns(source, _patch_block, filler, positions, types=[column.type], domains=[domain])[
        0
    ]


def _scattered(cloud: Cloud, name: str, column: Column, value: Frame, rows: RowRanges | Frame) -> Column:
    """The column with the rows of `value`, in order, in place of the chosen rows."""
    column, donor = _same_type(cloud, name, column, value.columns[0])
    source, positions = _chosen(cloud, column, rows)
    counts = cloud.map_reduce(source, _count_block, positions, combine=dict.__or__)
    chosen = tuple(counts[block] for block in range(source.layout.blocks))
    if value.rows == column.layout.rows and value.rows != sum(chosen):
        given = cloud.redistribute(Frame(("value",), (donor,), donor.layout), source.layout)
    elif value.rows == sum(chosen):
        layout = Layout(chosen, source.layout.owners)
        given = cloud.redistribute(Frame(("value",), (donor,), donor.layout), layout)
    else:
        raise InvalidArgument("value", f"it has {value.rows} rows, but {sum(chosen)} rows are to be written")
    both = Frame(
        (*(f"source{i}" for i in range(len(source.columns))), "value"),
        (*source.columns, *given.columns),
        source.layout,
    )
    return cloud.map_columns(both, _scatter_block, positions, types=[column.type], domains=[column.domain])[0]


def _same_type(cloud: Cloud, name: str, column: Column, donor: Column) -> tuple[Column, Column]:
    """Both columns in one type and, for categories, one domain: the old levels and then the new ones."""
    if column.type is not donor.type:
        raise InvalidArgument(
            "value", f"cannot write {donor.type} values into column '{name}', which is {column.type}"
        )
    if column.domain is None or column.domain == donor.domain:
        return column, donor
    domain = tuple(dict.fromkeys((*column.domain, *(donor.domain or ()))))
    return with_domain(cloud, column, domain), with_domain(cloud, donor, domain)


def _chosen(cloud: Cloud, column: Column, rows: RowRanges | Frame) -> tuple[Frame, RowRanges | None]:
    """The column, with the mask beside it if that is how rows are chosen; and the positions otherwise."""
    target = Frame(("target",), (column,), column.layout)
    if isinstance(rows, RowRanges):
        return target, rows
    if len(rows.columns) != 1:
        raise InvalidArgument("rows", f"a row mask is one column, found {len(rows.columns)} columns")
    if rows.rows != target.rows:
        raise InvalidArgument("rows", f"the mask has {rows.rows} rows, but the frame has {target.rows}")
    mask = cloud.redistribute(rows, target.layout)
    return Frame(("target", "mask"), (column, mask.columns[0]), column.layout), None


def _single_value(cloud: Cloud, value: Frame) -> float | str:
    """The one value of a 1×1 frame: a label, a text or a number."""
    column, values = value.columns[0], cloud.read(value)[0]
    if column.type.dtype is None:
        text = values[0].as_py()
        return np.nan if text is None else str(text)
    if column.type is ColumnType.ENUM:
        return np.nan if values[0] < 0 else (column.domain or ())[values[0]]
    return single_number(cloud, value)


def _misfit(value: float | str, column: Column, name: str) -> InvalidArgument:
    return InvalidArgument(
        "value", f"cannot assign value {value} into column '{name}', which is of type {column.type}"
    )


def _mask(block: Block, positions: RowRanges | None) -> Any:
    if positions is None:
        return mask_of(block, 1)
    chosen = np.zeros(block.rows, np.bool_)
    chosen[positions.within(block.start, block.rows)] = True
    return chosen


def _patch_block(block: Block, filler: Any, positions: RowRanges | None) -> list[Values]:
    chosen, values = _mask(block, positions), block.chunks[0].exact()
    type = block.chunks[0].type
    if type.dtype is None:
        return [pc.if_else(pa.array(chosen), pa.scalar(filler, pa.string()), values)]
    filled = missing_values(1, type)[0] if filler is None else filler
    if values.dtype == type.dtype:
        return [np.where(chosen, filled, values).astype(type.dtype)]
    joined = concatenate([values, np.array([filled], type.dtype)], type)  # exact, if they can stay
    return [joined[np.where(chosen, block.rows, np.arange(block.rows))]]


def _count_block(block: Block, positions: RowRanges | None) -> dict[int, int]:
    return {block.index: int(np.count_nonzero(_mask(block, positions)))}


def _scatter_block(block: Block, positions: RowRanges | None) -> list[Values]:
    chosen, old, new = _mask(block, positions), block.chunks[0].exact(), block.chunks[-1].exact()
    type = block.chunks[0].type
    offsets = np.flatnonzero(chosen) if len(new) == block.rows else np.arange(len(new))
    pick = np.arange(block.rows)
    pick[chosen] = block.rows + offsets
    joined = concatenate([old, new], type)
    return [joined.take(pa.array(pick)) if type.dtype is None else joined[pick]]
