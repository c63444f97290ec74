"""Rows as Arrow record batches, and back.

    numeric   int64 if all of the column's numbers are whole, else float64
    enum      dictionary of int32 codes and the column's domain
    time      timestamp in milliseconds, UTC
    string    string
    uuid      string

What is missing is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame

MOST_ROWS = 65_536
MOST_CELLS = 1_000_000

_TIME = pa.timestamp("ms", tz="UTC")


@dataclass(frozen=True)
class Batches:
    """The record batches of a frame, made on the nodes one after the other as they are taken."""

    cloud: Cloud
    frame: Frame

    @property
    def schema(self) -> pa.Schema:
        """The names of the columns and their Arrow types."""
        frame = self.frame
        return pa.schema(zip(frame.names, map(arrow_type, frame.columns), strict=True))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        frame, schema = self.frame, self.schema
        domains = [domain_array(column) for column in frame.columns]
        kinds = [(column.type, column.rollups.whole) for column in frame.columns]
        rows = max(1, min(MOST_ROWS, MOST_CELLS // max(1, len(frame.columns))))
        for arrays in self.cloud.stream(frame, arrow_arrays, kinds, rows=rows):
            yield pa.record_batch(
                [
                    array if domain is None else pa.DictionaryArray.from_arrays(array, domain, safe=False)
                    for array, domain in zip(arrays, domains, strict=True)
                ],
                schema=schema,
            )


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type that a column goes out with."""
    match column.type:
        case ColumnType.ENUM:
            return pa.dictionary(pa.int32(), pa.string())
        case ColumnType.TIME:
            return _TIME
        case ColumnType.NUMERIC:
            return pa.int64() if column.rollups.whole else pa.float64()
    return pa.string()


def domain_array(column: Column) -> pa.Array | None:
    """The levels of an enum; None for other columns."""
    return None if column.domain is None else pa.array(column.domain, pa.string())


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
