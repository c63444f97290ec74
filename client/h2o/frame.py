"""A frame on the server, used as if it were here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from h2o import _parse, _selection
from h2o._connection import Connection, current
from h2o._csv import to_csv
from h2o._description import PREVIEW_ROWS, FrameDescription, describe
from h2o._download import FrameDownloads
from h2o._expression import Expression, Removed
from h2o._indexing import Indexing
from h2o._operations import FrameOperations
from h2o._overview import Overview
from h2o.exceptions import H2OResponseError, H2OValueError

__all__ = ["H2OFrame"]


class H2OFrame(Indexing, Overview, FrameOperations, FrameDownloads):
    """A table of named, typed columns that lives in the memory of the server.

    **Usage**

        frame = h2o.H2OFrame({"age": [31, 45, None], "town": ["Bonn", "Ulm", "Bonn"]})
        frame["town"] = frame["town"].asfactor()
        adults = frame[frame["age"] > 40, :]
        adults.as_data_frame()

    ``python_obj`` is a list of rows, a flat list (one column), a dict of columns, a numpy array, a pandas,
    polars or pyarrow table, a scipy sparse matrix, or a frame, whose columns are shared. ``header``: 1 means
    that the first of the rows holds the names. Operations are noted down and sent when a value is needed.
    ``separator`` is taken for H2O's sake, and makes no difference.
    """

    def __init__(
        self,
        python_obj: Any = None,
        destination_frame: str | None = None,
        header: int = 0,
        separator: str = ",",
        column_names: Sequence[str] | None = None,
        column_types: _parse.ColumnTypes | None = None,
        na_strings: _parse.MissingTexts | None = None,
        skipped_columns: Sequence[int] | None = None,
        force_col_types: bool = False,
    ) -> None:
        if isinstance(python_obj, H2OFrame):
            self._share(python_obj, destination_frame, column_names, skipped_columns)
            return
        connection = current()
        if header == 1 and isinstance(python_obj, list | tuple) and column_names is None and python_obj:
            column_names, python_obj = [str(name) for name in python_obj[0]], list(python_obj[1:])
        text = to_csv(python_obj, column_names)
        options = _parse.ParseOptions(
            destination_frame=destination_frame,
            header=-1 if text.content else 1,
            sep=",",
            col_names=text.names,
            col_types=column_types or dict(text.types) or None,
            na_strings=na_strings,
            skipped_columns=skipped_columns,
            force_col_types=force_col_types,
        )
        raw = _parse.upload(connection, text.content or text.header)
        self._hold(Expression.of_key(_parsed(connection, [raw], options), connection))

    def _share(
        self, other: H2OFrame, key: str | None, names: Sequence[str] | None, skipped: Sequence[int] | None
    ) -> None:
        self._hold(Expression("cols_py", other._expression, other._others(list(skipped or ()))))
        if names is not None:
            self.names = list(names)
        if key is not None:
            self.frame_id = key

    @staticmethod
    def from_python(
        python_obj: Any,
        destination_frame: str | None = None,
        header: int = 0,
        separator: str = ",",
        column_names: Sequence[str] | None = None,
        column_types: _parse.ColumnTypes | None = None,
        na_strings: _parse.MissingTexts | None = None,
    ) -> H2OFrame:
        """The same as ``H2OFrame(python_obj, …)``."""
        return H2OFrame(
            python_obj, destination_frame, header, separator, column_names, column_types, na_strings
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

    @staticmethod
    def get_frame(
        frame_id: str,
        rows: int = PREVIEW_ROWS,
        rows_offset: int = 0,
        cols: int = -1,
        full_cols: int = -1,
        cols_offset: int = 0,
        light: bool = False,
    ) -> H2OFrame | None:
        """The frame ``frame_id`` of the server, or None where there is none.

        ``rows`` from ``rows_offset`` on come with it, to be looked at, of all columns: ``cols``,
        ``full_cols``, ``cols_offset`` and ``light`` are taken for H2O's sake, and make no difference.
        """
        connection = current()
        try:
            description = describe(connection, frame_id, rows, rows_offset)
        except H2OResponseError as error:
            if error.status == 404:
                return None
            raise
        frame = H2OFrame._of(Expression.of_key(frame_id, connection))
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
        """The key on the server, which now computes the frame. Assign to keep it under another name."""
        return self._expression.key()

    @frame_id.setter
    def frame_id(self, name: str) -> None:
        self._expression.rename(name)

    @property
    def key(self) -> str | None:
        """The same as :attr:`frame_id`; None once the frame has been removed."""
        return None if isinstance(self._expression, Removed) else self.frame_id

    def detach(self) -> None:
        """Let go of what is on the server; this object is of no more use."""
        self._hold(Removed(self._expression.connection))

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

    def set_name(self, col: int | str | None = None, name: str | None = None) -> H2OFrame:
        """Rename one column, which need not be named where there is only one; returns this frame."""
        if name is None or (col is None and self.ncol != 1):
            raise H2OValueError(f"set_name takes a column of the {self.ncol} and its new name")
        names = self.names
        place = _selection.column_index(0 if col is None else col, names)
        if name in names and names[place] != name:
            raise H2OValueError(f"there is a column {name!r} already")
        names[place] = name
        return self.set_names(names)

    def rename(self, columns: Mapping[int | str, str] | None = None) -> H2OFrame:
        """Rename columns, old name or position → new name; those that are not there are passed over.

        Returns this frame.
        """
        names = self.names
        for old, new in (columns or {}).items():
            if old in names or (isinstance(old, int) and -len(names) <= old < len(names)):
                names[_selection.column_index(old, self.names)] = new
        return self.set_names(names)

    def __bool__(self) -> bool:
        """Whether the value of a frame of one row and one column is true; others are refused."""
        return bool(self._value("all", self)) if self.shape == (1, 1) else super().__bool__()

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


def _parsed(connection: Connection, raw_keys: list[str], options: _parse.ParseOptions) -> str:
    """Parse raw data; they do not stay behind when the wishes do not fit them."""
    try:
        setup = _parse.guess_setup(connection, raw_keys, options)
    except BaseException:
        _parse.discard_raw(connection, raw_keys)
        raise
    return _parse.parse(connection, setup)
