"""Rows as Arrow record batches, and back.

    numeric   int64 if all of the column's numbers are whole, else float64
    enum      dictionary of int32 codes and the column's domain
    time      timestamp in milliseconds, UTC
    string    string
    uuid      string

What is missing is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.frame import Column, Frame

_TIME = pa.timestamp("ms", tz="UTC")


def schema_of(frame: Frame) -> pa.Schema:
    """The names of a frame's columns and their Arrow types."""
    types = [arrow_type(column.type, column.rollups.whole) for column in frame.columns]
    return pa.schema(zip(frame.names, types, strict=True))


def arrow_type(type: ColumnType, whole: bool = False) -> pa.DataType:
    """The Arrow type that a column goes out with; of numbers int64 if all are `whole`."""
    match type:
        case ColumnType.ENUM:
            return pa.dictionary(pa.int32(), pa.string())
        case ColumnType.TIME:
            return _TIME
        case ColumnType.NUMERIC:
            return pa.int64() if whole else pa.float64()
    return pa.string()


def domain_array(column: Column) -> pa.Array | None:
    """The levels of an enum; None for other columns."""
    return None if column.domain is None else pa.array(column.domain, pa.string())


def record_batch(
    arrays: Sequence[pa.Array], domains: Sequence[pa.Array | None], schema: pa.Schema
) -> pa.RecordBatch:
    """What `arrow_arrays` made, with the domains put in."""
    columns = [
        array if domain is None else pa.DictionaryArray.from_arrays(array, domain, safe=False)
        for array, domain in zip(arrays, domains, strict=True)
    ]
    return pa.record_batch(columns, schema=schema)


def arrow_arrays(values: Sequence[Values], kinds: Sequence[tuple[ColumnType, bool]]) -> list[pa.Array]:
    """Decoded values as Arrow arrays; `kinds` are each column's type, and whether it goes out as int64.

    Of an enum only the codes are made: its domain need not travel with every batch.
    """
    return [_array(decoded, type, whole) for decoded, (type, whole) in zip(values, kinds, strict=True)]


def _array(values: Values, type: ColumnType, whole: bool) -> pa.Array:
    if type.dtype is None:
        return values
    missing = is_missing(values, type)
    mask = missing if missing.any() else None
    if type is ColumnType.TIME:
        return pa.array(values, pa.int64(), mask=mask).cast(_TIME)
    if type is ColumnType.NUMERIC and whole and values.dtype != np.int64:
        known: np.ndarray[Any, Any] = values if mask is None else np.where(missing, 0, values)
        return pa.array(known.astype(np.int64), mask=mask)
    return pa.array(values, mask=mask)
