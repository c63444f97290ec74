"""Data of this process as CSV text, which is how it travels to the server."""

from __future__ import annotations

import importlib
import importlib.util
import io
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from h2o.exceptions import H2OTypeError, H2OValueError

__all__ = ["CsvText", "to_csv"]


@dataclass(frozen=True)
class CsvText:
    """UTF-8 CSV without a header line; ``types`` holds the column types that the data itself fixes."""

    names: tuple[str, ...]
    content: bytes
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def header(self) -> bytes:
        """The names as a line, which is all there is of a table without rows."""
        return f"{','.join(map(_text, self.names))}\n".encode()


def to_csv(data: Any, names: Sequence[str] | None = None) -> CsvText:
    """CSV of rows (a list of lists), a column (a flat list), columns (a dict), a numpy array or a data frame.

    ``names`` replaces the columns' names, which default to C1, C2 …. Raises H2OTypeError for other kinds of
    data and H2OValueError for columns of unequal length; rows that end early have missing values there.
    """
    for library, convert in _LIBRARIES.items():
        # What is not imported cannot have made the data.
        if library in sys.modules and (text := convert(data, names)) is not None:
            return text
    if isinstance(data, Mapping):
        return _from_columns(data, names)
    if isinstance(data, str) or not isinstance(data, Iterable):
        raise H2OTypeError(
            f"cannot make a frame of a {type(data).__name__}: give lists, a dict of columns, "
            "a numpy array or a data frame; for a file use h2o.upload_file or h2o.import_file"
        )
    return _from_rows(list(data), names)


def _from_columns(data: Mapping[Any, Any], names: Sequence[str] | None) -> CsvText:
    columns = [list(values) if _is_column(values) else [values] for values in data.values()]
    lengths = {str(name): len(column) for name, column in zip(data, columns, strict=True)}
    if len(set(lengths.values())) > 1:
        raise H2OValueError(f"columns of a frame must have one length, these have {lengths}")
    return _written(_named(names, list(map(str, data)), len(columns)), zip(*columns, strict=True))


def _is_column(values: Any) -> bool:
    return isinstance(values, Iterable) and not isinstance(values, str | bytes)


def _from_rows(rows: list[Any], names: Sequence[str] | None) -> CsvText:
    if not rows:
        raise H2OValueError("cannot make a frame of an empty list")
    nested = [_is_column(row) for row in rows]
    if not all(nested):
        if any(nested):
            raise H2OTypeError(
                "a frame is made of rows (a list of lists) or of one column (a flat list), not of both"
            )
        rows = [[value] for value in rows]
    lines = [list(row) for row in rows]
    width = max(map(len, lines))
    return _written(_named(names, None, width), (line + [None] * (width - len(line)) for line in lines))


def _named(names: Sequence[str] | None, own: list[str] | None, count: int) -> tuple[str, ...]:
    chosen = tuple(names or own or (f"C{i + 1}" for i in range(count)))
    if len(chosen) != count:
        raise H2OValueError(f"{len(chosen)} column names were given for {count} columns: {list(chosen)}")
    return chosen


def _text(value: Any) -> str:
    """One field: missing values are empty, numbers keep all their digits, texts are quoted.

    A text in quotes keeps its blanks, and an empty one is not missing.
    """
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _written(names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> CsvText:
    # A line of a single missing value would be no line at all.
    lines = (",".join(map(_text, row)) or '""' for row in rows)
    return CsvText(names, "".join(f"{line}\n" for line in lines).encode())


def _by_arrow(columns: Iterable[Any]) -> bytes | None:
    """Columns of numbers and texts as CSV, written by Arrow many times as fast; None for any others.

    It writes what `_text` does: texts in quotes, numbers with all their digits, nothing for missing values.
    """
    if not _has_arrow():
        return None
    import pyarrow
    from pyarrow import csv as arrow_csv

    try:
        arrays = [_plain(pyarrow.array(column, from_pandas=True)) for column in columns]
    except pyarrow.ArrowException:  # a column of several kinds of values
        return None
    if not all(map(_is_plain, arrays)) or not arrays or (len(arrays) == 1 and arrays[0].null_count):
        return None  # Arrow would leave the line of a missing value empty
    buffer = io.BytesIO()
    table = pyarrow.table(arrays, names=[str(i) for i in range(len(arrays))])
    arrow_csv.write_csv(table, buffer, arrow_csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def _has_arrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


def _plain(array: Any) -> Any:
    """An Arrow array with its categories and views written out."""
    from pyarrow import large_string, types

    if types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return array.cast(large_string()) if types.is_string_view(array.type) else array


def _is_plain(array: Any) -> bool:
    from pyarrow import types

    text = types.is_string(array.type) or types.is_large_string(array.type)
    exact = types.is_integer(array.type) or types.is_float32(array.type) or types.is_float64(array.type)
    return bool(text or exact)


def _from_numpy(data: Any, names: Sequence[str] | None) -> CsvText | None:
    import numpy

    if not isinstance(data, numpy.ndarray):
        return None
    if data.ndim not in (1, 2):
        raise H2OValueError(f"a frame has two dimensions, this array has {data.ndim}: shape {data.shape}")
    table = data.reshape(len(data), -1)
    chosen = _named(names, None, table.shape[1])
    content = _by_arrow(table.T)
    return _written(chosen, table.tolist()) if content is None else CsvText(chosen, content)


def _from_pandas(data: Any, names: Sequence[str] | None) -> CsvText | None:
    import pandas

    if isinstance(data, pandas.Series):
        data = data.to_frame("C1" if data.name is None else data.name)
    if not isinstance(data, pandas.DataFrame):
        return None
    chosen = _named(names, list(map(str, data.columns)), data.shape[1])
    categorical = [isinstance(kind, pandas.CategoricalDtype) for kind in data.dtypes]
    content = _by_arrow(data.iloc[:, i] for i in range(data.shape[1]))
    if content is None:
        values = data.astype(object).where(data.notna(), None)
        content = _written(chosen, values.itertuples(index=False, name=None)).content
    return CsvText(
        chosen, content, {name: "enum" for name, is_enum in zip(chosen, categorical, strict=True) if is_enum}
    )


def _from_polars(data: Any, names: Sequence[str] | None) -> CsvText | None:
    import polars

    if not isinstance(data, polars.DataFrame):
        return None
    chosen = _named(names, data.columns, data.width)
    categorical = (polars.Categorical, polars.Enum)
    types = {
        name: "enum" for name, kind in zip(chosen, data.dtypes, strict=True) if isinstance(kind, categorical)
    }
    if any(kind in (polars.String, *categorical) for kind in data.dtypes):
        content = _by_arrow(column.to_arrow() for column in data) if _has_arrow() else None
        return CsvText(chosen, content or _written(chosen, data.iter_rows()).content, types)
    return CsvText(chosen, data.write_csv(include_header=False).encode(), types)


def _from_arrow(data: Any, names: Sequence[str] | None) -> CsvText | None:
    import pyarrow

    if not isinstance(data, pyarrow.Table):
        return None
    from pyarrow import csv as arrow_csv

    chosen = _named(names, data.column_names, data.num_columns)
    types = {
        name: "enum"
        for name, kind in zip(chosen, data.schema.types, strict=True)
        if pyarrow.types.is_dictionary(kind)
    }
    plain = [
        column.cast(column.type.value_type) if name in types else column
        for name, column in zip(chosen, data.columns, strict=True)
    ]
    buffer = io.BytesIO()
    header = arrow_csv.WriteOptions(include_header=False)
    arrow_csv.write_csv(pyarrow.table(plain, names=list(chosen)), buffer, header)
    return CsvText(chosen, buffer.getvalue(), types)


def _from_scipy(data: Any, names: Sequence[str] | None) -> CsvText | None:
    if not importlib.import_module("scipy.sparse").issparse(data):
        return None
    rows = data.tocsr()
    dense = (rows[i].toarray()[0].tolist() for i in range(rows.shape[0]))
    return _written(_named(names, None, rows.shape[1]), dense)


_LIBRARIES = {
    "scipy": _from_scipy,
    "numpy": _from_numpy,
    "pandas": _from_pandas,
    "polars": _from_polars,
    "pyarrow": _from_arrow,
}
