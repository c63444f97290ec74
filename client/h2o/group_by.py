"""Rows grouped by the values of some columns, and aggregates of each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from h2o._selection import column_indices

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["GroupBy"]

Columns = int | str | Sequence[int | str] | None


class GroupBy:
    """The groups of a frame, to which one adds aggregates; :meth:`get_frame` gives a row for each group.

    **Usage**

        grouped = frame.group_by("town").count().mean("age", na="rm").max("height")
        grouped.get_frame()

    ``col`` is a column, several, or None: all that are not grouped by. The result has the columns grouped
    by, ``nrow`` for the count, and ``mean_age`` and so on; rows ascend by the groups, missing ones first.
    ``na`` says what a missing value does: ``"all"`` makes the aggregate missing, ``"ignore"`` counts its row
    as if it were a zero, ``"rm"`` leaves it out. In a median it is smaller than all others, but for ``"rm"``.
    Columns of text are left out.
    """

    def __init__(self, fr: H2OFrame, by: int | str | Sequence[int | str]) -> None:
        self._frame = fr
        self._by = column_indices(by, fr.names, "column to group by")
        self._aggregates: dict[tuple[str, int], str] = {}
        self._result: H2OFrame | None = None

    def count(self, na: str = "all") -> GroupBy:
        """The number of rows."""
        return self._add("nrow", 0, na)

    def min(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The smallest value."""
        return self._add("min", col, na)

    def max(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The largest value."""
        return self._add("max", col, na)

    def mean(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The mean."""
        return self._add("mean", col, na)

    def sum(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The sum."""
        return self._add("sum", col, na)

    def sd(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The standard deviation of a sample."""
        return self._add("sdev", col, na)

    def var(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The variance of a sample."""
        return self._add("var", col, na)

    def ss(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The sum of squares."""
        return self._add("sumSquares", col, na)

    def mode(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The code of the commonest category; of categorical columns only."""
        return self._add("mode", col, na)

    def median(self, col: Columns = None, na: str = "all") -> GroupBy:
        """The median."""
        return self._add("median", col, na)

    def get_frame(self) -> H2OFrame:
        """A frame with a row for each group, computed once; aggregates added later are not in it."""
        if self._result is None:
            asked = [part for (name, column), na in self._aggregates.items() for part in (name, column, na)]
            self._result = self._frame._derived("GB", self._frame, self._by, *asked)
        return self._result

    @property
    def frame(self) -> H2OFrame:
        """The same as :meth:`get_frame`."""
        return self.get_frame()

    def _add(self, name: str, col: Columns, na: str) -> GroupBy:
        names = self._frame.names
        if col is None:
            chosen = [i for i in range(len(names)) if i not in self._by]
        else:
            chosen = column_indices(col, names)
        for column in chosen:
            self._aggregates[name, column] = na
        return self

    def __repr__(self) -> str:
        by = [self._frame.names[i] for i in self._by]
        asked = [f"{name}({self._frame.names[column]})" for name, column in self._aggregates]
        return f"GroupBy(by={by}, aggregates={asked})"
