"""The tables that come with models and metrics."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from h2o.display import Table, to_html, to_text
from h2o.exceptions import unknown

__all__ = ["H2OTwoDimTable"]

FIRST_ROWS = 15
LAST_ROWS = 5
_REAL_TYPES = ("double", "float")


class H2OTwoDimTable:
    """A table as the server sent it: ``col_header``, ``col_types`` and, row by row, ``cell_values``."""

    def __init__(
        self, table_header: str, col_header: list[str], col_types: list[str], cell_values: list[list[Any]]
    ) -> None:
        self.table_header = table_header
        self.col_header = col_header
        self.col_types = col_types
        self.cell_values = cell_values

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> H2OTwoDimTable:
        """The table in a TwoDimTableV3; a first column of blanks without a name is left out."""
        names = [column["name"] for column in wire["columns"]]
        types = [column["type"] for column in wire["columns"]]
        columns = [_values(kind, data) for kind, data in zip(types, wire["data"], strict=True)]
        if names and not names[0] and not any(columns[0]):
            names, types, columns = names[1:], types[1:], columns[1:]
        rows = [list(row) for row in zip(*columns, strict=True)]
        return cls(wire["name"], names, types, rows)

    def __len__(self) -> int:
        return len(self.cell_values)

    def __getitem__(self, name: str) -> list[Any]:
        """The values of one column."""
        if name not in self.col_header:
            raise unknown("column", name, self.col_header)
        index = self.col_header.index(name)
        return [row[index] for row in self.cell_values]

    def as_data_frame(self) -> Any:
        """A pandas DataFrame, or the table itself where pandas is not installed."""
        if importlib.util.find_spec("pandas") is None:
            return self
        import pandas

        return pandas.DataFrame(self.cell_values, columns=self.col_header)

    def table(self) -> Table:
        """What is shown of it: of a long table the first and the last rows."""
        rows, footnote = self.cell_values, ""
        if len(rows) > FIRST_ROWS + LAST_ROWS + 1:
            blanks: list[Any] = ["…"] + [None] * (len(self.col_header) - 1)
            rows = [*rows[:FIRST_ROWS], blanks, *rows[-LAST_ROWS:]]
            footnote = f"[{len(self)} rows]"
        return Table(self.col_header, rows, self.table_header, footnote)

    def show(self) -> None:
        """Print the table."""
        print(self)

    def __repr__(self) -> str:
        return to_text(self.table())

    def _repr_html_(self) -> str:
        return to_html(self.table())


def _values(kind: str, data: list[Any]) -> list[Any]:
    """Numbers travel as "NaN" or null where they are missing."""
    if kind in _REAL_TYPES:
        return [float("nan") if value is None else float(value) for value in data]
    return data
