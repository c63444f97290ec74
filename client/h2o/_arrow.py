"""From Arrow to pandas, such as reading the frame's CSV would have made it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

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


def to_pandas(stream: bytes) -> pandas.DataFrame:
    """The DataFrame of an Arrow stream, with the types that pandas.read_csv finds in the same frame's CSV.

    Whole numbers are int64, or float64 where some are missing; times are milliseconds. The levels of a
    category are read as CSV is: all numbers, all flags, or texts. Texts stay texts.
    """
    table = pa.ipc.open_stream(stream).read_all()
    if table.num_rows == 0:
        return pandas.DataFrame(columns=table.column_names)
    frame = pandas.DataFrame({i: _column(column) for i, column in enumerate(table.columns)}, copy=False)
    frame.columns = pandas.Index(table.column_names)
    return frame


def _column(column: pa.ChunkedArray) -> pandas.Series[Any]:
    if pa.types.is_dictionary(column.type):
        return _categories(column.combine_chunks())
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_string(column.type):
        missing = pc.is_in(column, value_set=pa.array(MISSING_TEXTS))
        return pandas.Series(pc.if_else(missing, None, column).to_pandas())
    if column.null_count == len(column):
        column = column.cast(pa.float64())
    return pandas.Series(column.to_pandas())


def _categories(column: pa.DictionaryArray) -> pandas.Series[Any]:
    """A category of which only the levels that occur are read as CSV is, then dealt out to the rows."""
    levels = [*column.dictionary.to_pylist(), None]
    codes = column.indices.fill_null(len(levels) - 1).to_numpy()
    occurs = numpy.bincount(codes, minlength=len(levels)) > 0
    found = _read_as_csv([levels[code] for code in numpy.flatnonzero(occurs)])
    places = (numpy.cumsum(occurs) - 1)[codes]
    return found.take(places).reset_index(drop=True)


def _read_as_csv(texts: Sequence[str | None]) -> pandas.Series[Any]:
    written = io.StringIO()
    csv.writer(written).writerows([text] for text in texts)
    written.seek(0)
    return pandas.read_csv(written, header=None, low_memory=False, skip_blank_lines=False)[0]
