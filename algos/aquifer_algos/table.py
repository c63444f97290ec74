"""The two-dimensional table in which metrics, histories and summaries are reported.

A table knows the type and the printf format of each column, so that every client prints it alike; the server
turns it into the protocol's `TwoDimTableV3`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Cell: TypeAlias = str | int | float | None
ColumnType: TypeAlias = Literal["string", "int", "long", "float", "double"]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """The heading of a column: its name, the protocol's type name and a printf format."""

    name: str
    type: ColumnType
    format: str


@dataclass(frozen=True, slots=True)
class Table:
    """A typed table, stored column by column as the protocol sends it.

    `data[c][r]` is the cell in column `c` and row `r`; None is a missing cell, which is not the same as NaN.

    Raises:
        ValueError: if the columns and the data do not fit each other.
    """

    name: str
    description: str
    columns: tuple[TableColumn, ...]
    data: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if len(self.columns) != len(self.data):
            raise ValueError(
                f"table {self.name!r} declares {len(self.columns)} columns but holds {len(self.data)}"
            )
        lengths = {column.name: len(cells) for column, cells in zip(self.columns, self.data, strict=True)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the columns of table {self.name!r} differ in length: {lengths}")

    @property
    def rowcount(self) -> int:
        """Number of rows."""
        return len(self.data[0]) if self.data else 0

    def column(self, name: str) -> tuple[Cell, ...]:
        """The cells of the column called `name`.

        Raises:
            KeyError: if there is no such column.
        """
        for column, cells in zip(self.columns, self.data, strict=True):
            if column.name == name:
                return cells
        known = ", ".join(column.name for column in self.columns)
        raise KeyError(f"table {self.name!r} has no column {name!r}; its columns are {known}")

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The rows, top to bottom."""
        return zip(*self.data, strict=True)


def as_cells(values: npt.NDArray[Any] | Iterable[Cell]) -> tuple[Cell, ...]:
    """One column's cells as plain Python values; a numpy array loses its type, not its precision."""
    return tuple(values.tolist() if isinstance(values, np.ndarray) else values)
