"""From Arrow to pandas, such as reading the frame's CSV would have made it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import IO, Any

import numpy
import pandas
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["to_pandas"]

# The texts that pandas.read_csv takes for missing values (its documentation, "na_values").
MISSING_TEXTS = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip


def to_pandas(stream: IO[bytes]) -> pandas.DataFrame:
    """The DataFrame of an Arrow stream, with the types that pandas.read_csv finds in the same frame's CSV.

    Whole numbers are int64, or float64 where some are missing; times are milliseconds. The levels of a
    category are read as CSV is: all numbers, all flags, or texts. Texts stay texts. The stream's schema
    says how many rows there are: each batch goes into its place as it comes.
    """
    reader = pa.ipc.open_stream(stream)
    rows = int(reader.schema.metadata[b"rows"])
    columns = [_part_of(field.type)(rows) for field in reader.schema]
    for batch in reader:
        for column, array in zip(columns, batch.columns, strict=True):
            column.add(array)
    if rows == 0:
        return pandas.DataFrame(columns=reader.schema.names)
    frame = pandas.DataFrame({i: column.series() for i, column in enumerate(columns)}, copy=False)
    frame.columns = pandas.Index(reader.schema.names)
    return frame


def _part_of(type: pa.DataType) -> type[_Numbers | _Categories | _Texts]:
    if pa.types.is_dictionary(type):
        return _Categories
    return _Texts if pa.types.is_string(type) else _Numbers


class _Numbers:
    """A column of numbers or times."""

    def __init__(self, rows: int) -> None:
        self._values: numpy.ndarray[Any, Any] = numpy.empty(rows, numpy.int64)
        self._filled = 0  # rows

    def add(self, array: pa.Array) -> None:
        if pa.types.is_timestamp(array.type):
            array = array.cast(pa.int64())
        values = array.to_numpy(zero_copy_only=False)  # float64 if some are missing
        if self._filled == 0:
            self._values = numpy.empty(len(self._values), values.dtype)
        elif values.dtype != self._values.dtype:
            self._values = self._values.astype(numpy.float64, copy=False)
        self._values[self._filled : self._filled + len(values)] = values
        self._filled += len(values)

    def series(self) -> pandas.Series[Any]:
        return pandas.Series(self._values, copy=False)


class _Texts:
    """A column of texts."""

    def __init__(self, rows: int) -> None:
        self._pieces: list[pa.Array] = []

    def add(self, array: pa.Array) -> None:
        missing = pc.is_in(array, value_set=pa.array(MISSING_TEXTS))
        self._pieces.append(pc.if_else(missing, None, array))

    def series(self) -> pandas.Series[Any]:
        return pandas.Series(pa.chunked_array(self._pieces).to_pandas())


class _Categories:
    """A category: the levels that occur are read as CSV is, then dealt out to the rows."""

    def __init__(self, rows: int) -> None:
        self._codes = numpy.empty(rows, numpy.int32)
        self._filled = 0
        self._levels: list[str] = []

    def add(self, array: pa.DictionaryArray) -> None:
        self._levels = self._levels or array.dictionary.to_pylist()
        end = self._filled + len(array)
        self._codes[self._filled : end] = array.indices.fill_null(len(self._levels)).to_numpy()
        self._filled = end

    def series(self) -> pandas.Series[Any]:
        levels = [*self._levels, None]
        occurs = numpy.bincount(self._codes, minlength=len(levels)) > 0
        found = _read_as_csv([levels[code] for code in numpy.flatnonzero(occurs)])
        if not occurs[:-1].all():
            self._codes = (numpy.cumsum(occurs, dtype=numpy.int32) - 1)[self._codes]
        return pandas.Series(found.array.take(self._codes), copy=False)


def _read_as_csv(texts: Sequence[str | None]) -> pandas.Series[Any]:
    written = io.StringIO()
    csv.writer(written).writerows([text] for text in texts)
    written.seek(0)
    return pandas.read_csv(written, header=None, low_memory=False, skip_blank_lines=False)[0]
