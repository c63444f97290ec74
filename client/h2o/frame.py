"""A frame on the server, used as if it were here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from h2o import _parse, _selection
from h2o._connection import Connection, current
from h2o._csv import to_csv
from h2o._description import FrameDescription, describe, layout_tables, preview_table, summary_table
from h2o._download import FrameDownloads
from h2o._expression import Expression
from h2o._operations import FrameOperations
from h2o.display import Table, to_html, to_text
from h2o.exceptions import H2OTypeError, H2OValueError

__all__ = ["H2OFrame"]


class H2OFrame(FrameOperations, FrameDownloads):
    """A table of named, typed columns that lives in the memory of the server.

    **Usage**

        frame = h2o.H2OFrame({"age": [31, 45, None], "town": ["Bonn", "Ulm", "Bonn"]})
        frame["town"] = frame["town"].asfactor()
        adults = frame[frame["age"] > 40, :]
        adults.as_data_frame()

    ``python_obj`` is a list of rows, a flat list (one column), a dict of columns, a numpy array, or a pandas,
    polars or pyarrow table. ``header``: 1 means that the first of the rows holds the names. Operations are
    noted down and sent when a value is needed.
    """

    def __init__(
        self,
        python_obj: Any,
        destination_frame: str | None = None,
        header: int = 0,
        column_names: Sequence[str] | None = None,
        column_types: _parse.ColumnTypes | None = None,
        na_strings: _parse.MissingTexts | None = None,
        skipped_columns: Sequence[int] | None = None,
    ) -> None:
        connection = current()
        if header == 1 and isinstance(python_obj, list | tuple) and column_names is None and python_obj:
            column_names, python_obj = [str(name) for name in python_obj[0]], list(python_obj[1:])
        text = to_csv(python_obj, column_names)
        options = _parse.ParseOptions(
            destination_frame=destination_frame,
            header=-1,
            sep=",",
            col_names=text.names,
            col_types=column_types or dict(text.types) or None,
            na_strings=na_strings,
            skipped_columns=skipped_columns,
        )
        self._hold(
            Expression.of_key(
                _parsed(connection, [_parse.upload(connection, text.content)], options), connection
            )
        )

    @classmethod
    def _of(cls, expression: Expression) -> H2OFrame:
        frame = cls.__new__(cls)
        frame._hold(expression)
        return frame

    @classmethod
    def from_raw(cls, connection: Connection, raw_keys: list[str], options: _parse.ParseOptions) -> H2OFrame:
        """Parse raw data that are on the server already."""
        return cls._of(Expression.of_key(_parsed(connection, raw_keys, options), connection))

    @classmethod
    def get_frame(cls, frame_id: str) -> H2OFrame:
        """The frame ``frame_id`` of the server; raises H2OResponseError when there is none."""
        connection = current()
        description = describe(connection, frame_id)
        frame = cls._of(Expression.of_key(frame_id, connection))
        frame._cached = description
        return frame

    def _hold(self, expression: Expression, names: list[str] | None = None) -> None:
        """Show ``expression`` from now on; ``names`` are its columns where they are known without asking."""
        if hasattr(self, "_expression"):
            self._expression.release(self)
        self._expression = expression
        self._names = names
        self._cached: FrameDescription | None = None
        expression.hold(self)

    def _description(self) -> FrameDescription:
        if self._cached is None:
            self._cached = describe(self._expression.connection, self.frame_id)
        return self._cached

    @property
    def frame_id(self) -> str:
        """The key on the server, which now computes the frame. Assign to keep it under a name."""
        return self._expression.key()

    @frame_id.setter
    def frame_id(self, name: str) -> None:
        self._expression.key(name)

    @property
    def names(self) -> list[str]:
        """The columns' names. Assign to rename all of them."""
        if self._names is None:
            self._names = [column.name for column in self._description().columns]
        return list(self._names)

    @names.setter
    def names(self, names: Sequence[str]) -> None:
        if len(names) != self.ncol:
            raise H2OValueError(f"{len(names)} names were given for {self.ncol} columns")
        positions = list(range(len(names)))
        self._hold(Expression("colnames=", self._expression, positions, list(names)), list(names))

    columns = col_names = names

    def set_names(self, names: Sequence[str]) -> H2OFrame:
        """Rename all columns; returns this frame."""
        self.names = list(names)
        return self

    def set_name(self, col: int | str, new_name: str) -> H2OFrame:
        """Rename one column; returns this frame."""
        names = self.names
        names[_selection.column_index(col, self.names)] = new_name
        return self.set_names(names)

    def rename(self, columns: dict[str, str]) -> H2OFrame:
        """Rename columns, old name → new name; returns this frame."""
        positions = {_selection.column_index(old, self.names): new for old, new in columns.items()}
        return self.set_names([positions.get(i, name) for i, name in enumerate(self.names)])

    @property
    def nrow(self) -> int:
        """The number of rows."""
        return self._description().rows

    @property
    def ncol(self) -> int:
        """The number of columns."""
        return len(self.names)

    nrows, ncols = nrow, ncol

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.nrow, self.ncol

    @property
    def dim(self) -> list[int]:
        """[rows, columns]."""
        return [self.nrow, self.ncol]

    @property
    def types(self) -> dict[str, str]:
        """Name → type: int, real, enum, string, time, uuid or bad (nothing but missing values)."""
        return {column.name: column.type for column in self._description().columns}

    def type(self, col: int | str) -> str:
        """The type of one column."""
        return self._description().columns[_selection.column_index(col, self.names)].type

    def refresh(self) -> H2OFrame:
        """Forget what is remembered of the frame, which somebody else has changed; returns this frame."""
        self._hold(self._expression)
        return self

    def levels(self) -> list[list[str]]:
        """For each column its categories in order; none for columns of other types."""
        return [list(column.domain or ()) for column in self._description().columns]

    def nlevels(self) -> list[int]:
        """For each column the number of its categories."""
        return [len(domain) for domain in self.levels()]

    def isfactor(self) -> list[bool]:
        """For each column whether it is categorical."""
        return [column.type == "enum" for column in self._description().columns]

    def isnumeric(self) -> list[bool]:
        """For each column whether it is numeric."""
        return [column.type in ("int", "real") for column in self._description().columns]

    def isstring(self) -> list[bool]:
        """For each column whether it is text."""
        return [column.type == "string" for column in self._description().columns]

    def __len__(self) -> int:
        return self.nrow

    def __iter__(self) -> Iterator[H2OFrame]:
        return (self[i] for i in range(self.ncol))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __bool__(self) -> bool:
        raise H2OTypeError(
            "a frame is neither true nor false: combine conditions with & | ~, or ask .any() or .all()"
        )

    def __getitem__(self, item: Any) -> Any:
        """Columns (name, index, list, slice), rows (a mask), or both: ``frame[rows, columns]``.

        A single cell (both by one index or name) comes as its value.
        """
        if isinstance(item, tuple):
            return self._cells(*_selection.pair(item))
        if isinstance(item, FrameOperations):
            return self._derived("rows", self, item)
        return self._derived("cols_py", self, _selection.columns(item, self.names))

    def _cells(self, rows: Any, columns: Any) -> Any:
        selected = self if _selection.is_all(columns) else self[columns]
        if _selection.is_all(rows):
            return selected
        found = self._derived("rows", selected, self._rows(rows))
        if _selection.is_cell(rows, columns):
            return found._description().columns[0].values[0]
        return found

    def _rows(self, item: Any) -> Any:
        return _expression(item) if isinstance(item, FrameOperations) else _selection.rows(item, self.nrow)

    def __setitem__(self, item: Any, value: Any) -> None:
        """Replace columns, or their values in some rows: ``frame[rows, columns] = value``.

        ``value`` is a frame, a number, a text or None (missing). A new name adds a column.
        """
        rows, columns = self._target(item)
        written = float("nan") if value is None else _expression(value)
        if isinstance(columns, str) and columns not in self.names:
            if not _selection.is_all(rows):
                raise H2OValueError(
                    f"there is no column {columns!r} to change in some rows only: add it first"
                )
            self._hold(Expression("append", self._expression, written, columns), [*self.names, columns])
            return
        chosen = _selection.column_indices(columns, self.names)
        where = None if _selection.is_all(rows) else self._rows(rows)
        target = chosen[0] if len(chosen) == 1 else chosen
        self._hold(Expression(":=", self._expression, written, target, where), self.names)

    def _target(self, item: Any) -> tuple[Any, Any]:
        if isinstance(item, tuple):
            return _selection.pair(item)
        return (item, slice(None)) if isinstance(item, FrameOperations) else (slice(None), item)

    def drop(self, index: int | str | Sequence[int | str]) -> H2OFrame:
        """The frame without these columns."""
        dropped = set(_selection.column_indices(index, self.names))
        return self._derived("cols_py", self, [i for i in range(self.ncol) if i not in dropped])

    def head(self, rows: int = 10, cols: int = 200) -> H2OFrame:
        """The first rows and columns."""
        return self._part(slice(0, rows), cols)

    def tail(self, rows: int = 10, cols: int = 200) -> H2OFrame:
        """The last rows, of the first columns."""
        return self._part(slice(max(0, self.nrow - rows), self.nrow), cols)

    def _part(self, rows: slice, cols: int) -> H2OFrame:
        frame: H2OFrame = self[rows, slice(0, cols) if cols < self.ncol else slice(None)]
        return frame

    def show(self) -> None:
        """Print the first rows."""
        print(self)

    def describe(self, chunk_summary: bool = False) -> None:
        """Print each column's type and statistics, then the first rows.

        With ``chunk_summary`` first how the frame is held: in which encodings, and on which nodes.
        """
        for table in layout_tables(self._expression.connection, self.frame_id) if chunk_summary else ():
            print(f"{table}\n")
        print(to_text(summary_table(self._description())))
        print()
        self.show()

    def summary(self) -> None:
        """Print each column's type and statistics."""
        print(to_text(summary_table(self._description())))

    def _preview(self) -> Table:
        return preview_table(self._description())

    def __repr__(self) -> str:
        return to_text(self._preview())

    def _repr_html_(self) -> str:
        return to_html(self._preview())


def _parsed(connection: Connection, raw_keys: list[str], options: _parse.ParseOptions) -> str:
    """Parse raw data; they do not stay behind when the wishes do not fit them."""
    try:
        setup = _parse.guess_setup(connection, raw_keys, options)
    except BaseException:
        _parse.discard_raw(connection, raw_keys)
        raise
    return _parse.parse(connection, setup)


def _expression(value: Any) -> Any:
    return value._expression if isinstance(value, FrameOperations) else value
