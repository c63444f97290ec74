"""Columns, rows and cells of a frame: chosen, changed, taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from h2o import _selection
from h2o._expression import Expression
from h2o._operation import Operable, argument, listed
from h2o.exceptions import H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Indexing"]


class Indexing(Operable):
    """``frame[rows, columns]`` and what else chooses among them."""

    if TYPE_CHECKING:

        def _hold(self, expression: Expression, names: list[str] | None = None) -> None: ...

    def __len__(self) -> int:
        return self.nrow

    def __iter__(self) -> Iterator[H2OFrame]:
        return (self[i] for i in range(self.ncol))

    def __contains__(self, item: Any) -> bool:
        """Whether a value, or each of a list of values, occurs in the frame."""
        values = item if isinstance(item, list | tuple) else [item]
        return all(bool(self._value("any", self == value)) for value in values)

    def __getitem__(self, item: Any) -> Any:
        """Columns (name, index, list, slice), rows (a mask), or both: ``frame[rows, columns]``.

        A single cell (both by one index or name) comes as its value: a number (milliseconds for times, NaN
        for missing), or a text.
        """
        if isinstance(item, tuple):
            return self._cells(*_selection.pair(item))
        if isinstance(item, Operable):
            return self._derived("rows", self, item)
        return self._derived("cols_py", self, _selection.columns(item, self.names))

    def _cells(self, rows: Any, columns: Any) -> Any:
        selected = self if _selection.is_all(columns) else self[columns]
        if _selection.is_all(rows):
            return selected
        found = self._derived("rows", selected, self._rows(rows))
        return self._value("flatten", found) if _selection.is_cell(rows, columns) else found

    def _rows(self, item: Any) -> Any:
        return argument(item) if isinstance(item, Operable) else _selection.rows(item, self.nrow)

    def __setitem__(self, item: Any, value: Any) -> None:
        """Replace columns, or their values in some rows: ``frame[rows, columns] = value``.

        ``value`` is a frame, a number, a text or None (missing). A new name adds a column.
        """
        rows, columns = self._target(item)
        written = float("nan") if value is None else argument(value)
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
        return (item, slice(None)) if isinstance(item, Operable) else (slice(None), item)

    def drop(self, index: int | str | Sequence[int | str], axis: int = 1) -> H2OFrame:
        """The frame without these columns, or with ``axis=0`` without these rows."""
        if axis == 0:
            dropped_rows = _selection.rows([index] if isinstance(index, int) else index, self.nrow)
            return self._derived("rows", self, [-(row + 1) for row in dropped_rows])
        return self._derived("cols_py", self, self._others(index))

    def _others(self, columns: Any) -> list[int]:
        dropped = _selection.column_indices(columns, self.names)
        return [i for i in range(self.ncol) if i not in dropped]

    def pop(self, i: int | str) -> H2OFrame:
        """Take one column out of this frame itself; returns the column."""
        column: H2OFrame = self[i]
        kept = self._others(i)
        self._hold(Expression("cols_py", self._expression, kept), [self.names[place] for place in kept])
        return column

    def head(self, rows: int = 10, cols: int = 200) -> H2OFrame:
        """The first rows and columns."""
        return self._part(slice(0, rows), cols)

    def tail(self, rows: int = 10, cols: int = 200) -> H2OFrame:
        """The last rows, of the first columns."""
        return self._part(slice(max(0, self.nrow - rows), self.nrow), cols)

    def _part(self, rows: slice, cols: int) -> H2OFrame:
        frame: H2OFrame = self[rows, slice(0, cols) if cols < self.ncol else slice(None)]
        return frame

    def getrow(self) -> list[float]:
        """The numbers of a frame of one row."""
        return listed(self._value("getrow", self))

    def flatten(self) -> Any:
        """The one value of a frame of one row and one column."""
        return self._value("flatten", self)

    def __float__(self) -> float:
        return float(self.flatten())

    def __int__(self) -> int:
        return int(self.flatten())
