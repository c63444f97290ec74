"""Rows and columns in another order or form: bound, sorted, merged, grouped, ranked, pivoted, melted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from h2o._operation import Operable
from h2o._selection import column_index, column_indices
from h2o.exceptions import H2OTypeError, H2OValueError
from h2o.group_by import GroupBy

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Munging"]

Columns = int | str | Sequence[int | str]


class Munging(Operable):
    """What one does with whole rows and columns of a frame, or of several."""

    def cbind(self, data: H2OFrame | Sequence[H2OFrame] | float) -> H2OFrame:
        """This frame's columns followed by those of ``data``, which has as many rows."""
        others = list(data) if isinstance(data, list | tuple) else [data]
        for other in others:
            if not isinstance(other, Operable | int | float):
                raise H2OTypeError(f"cbind takes frames and numbers, not a {type(other).__name__}")
        return self._derived("cbind", self, *others)

    def rbind(self, data: H2OFrame | Sequence[H2OFrame]) -> H2OFrame:
        """This frame's rows followed by those of ``data``, which has the same columns."""
        others = list(data) if isinstance(data, list | tuple) else [data]
        for other in others:
            if not isinstance(other, Operable):
                raise H2OTypeError(f"rbind takes frames, not a {type(other).__name__}")
        return self._derived("rbind", self, *others)

    def concat(self, frames: Sequence[H2OFrame], axis: int = 1) -> H2OFrame:
        """This frame and ``frames`` side by side, or with ``axis=0`` one below the other."""
        return self.cbind(frames) if axis == 1 else self.rbind(frames)

    def sort(self, by: Columns, ascending: bool | Sequence[bool] = ()) -> H2OFrame:
        """The rows in the order of the values of some columns, the first being the most significant.

        ``ascending`` has a flag for each of them; without any, all ascend. Missing values come first, and
        categories ascend in the order of their levels, whatever is asked for. Raises H2OValueError if there
        are not as many flags as columns.
        """
        columns = column_indices(by, self.names, "column to sort by")
        return self._derived("sort", self, columns, _directions(columns, ascending))

    def merge(
        self,
        other: H2OFrame,
        all_x: bool = False,
        all_y: bool = False,
        by_x: Columns | None = None,
        by_y: Columns | None = None,
        method: str = "auto",
    ) -> H2OFrame:
        """The pairs of rows of this frame and another that have the same values in the key columns.

        The keys are ``by_x`` here and ``by_y`` there, by default the columns whose names both have. With
        ``all_x`` this frame's other rows are kept too, with ``all_y`` those of the other one. The result has
        the keys, then this frame's other columns, then those of the other frame, and ascends by the keys.
        Every ``method`` gives the same. Raises H2OValueError without common columns.
        """
        common = [name for name in self.names if name in other.names]
        if not common and (by_x is None or by_y is None):
            raise H2OValueError("the frames have no column in common to merge by: give by_x and by_y")
        left = column_indices(common if by_x is None else by_x, self.names, "column for by_x")
        right = column_indices(common if by_y is None else by_y, other.names, "column for by_y")
        if len(left) != len(right):
            raise H2OValueError(f"by_x names {len(left)} columns and by_y {len(right)}; they go in pairs")
        return self._derived("merge", self, other, all_x, all_y, left, right, method)

    def group_by(self, by: Columns) -> GroupBy:
        """The rows grouped by the values of some columns: add aggregates, and ask for ``get_frame()``."""
        return GroupBy(self, by)  # type: ignore[arg-type]

    def drop_duplicates(self, columns: Columns, keep: str = "first") -> H2OFrame:
        """The rows but those that have the same values in ``columns`` as one before.

        ``keep="last"`` keeps the last of them in place of the first.
        """
        return self._derived("dropdup", self, column_indices(columns, self.names), keep)

    def rank_within_group_by(
        self,
        group_by_cols: Columns,
        sort_cols: Columns,
        ascending: bool | Sequence[bool] = (),
        new_col_name: str = "New_Rank_column",
        sort_cols_sorted: bool = False,
    ) -> H2OFrame:
        """The rows sorted by groups and then by ``sort_cols``, with their rank (from 1) within the group.

        A row with a missing value in ``sort_cols`` has no rank. ``ascending`` as for :meth:`sort`. With
        ``sort_cols_sorted`` the result is sorted by ``sort_cols`` alone.
        """
        groups = column_indices(group_by_cols, self.names, "column to group by")
        columns = column_indices(sort_cols, self.names, "column to sort by")
        directions = _directions(columns, ascending)
        return self._derived(
            "rank_within_groupby", self, groups, columns, directions, new_col_name, int(sort_cols_sorted)
        )

    def pivot(self, index: str, column: str, value: str) -> H2OFrame:
        """A row for each value of ``index``, a column for each value of ``column``.

        Each cell has the first known ``value`` of the rows that have both. ``index`` and ``column`` have no
        missing values.
        """
        names = [self.names[column_index(name, self.names)] for name in (index, column, value)]
        return self._derived("pivot", self, *names)

    def melt(
        self,
        id_vars: Columns,
        value_vars: Columns | None = None,
        var_name: str = "variable",
        value_name: str = "value",
        skipna: bool = False,
    ) -> H2OFrame:
        """A row for each row and each of the columns ``value_vars``: ``id_vars``, its name, and its value.

        By default all columns but ``id_vars`` are melted; they are numeric. ``skipna`` leaves out missing
        values.
        """
        kept = column_indices(id_vars, self.names, "column for id_vars")
        melted = None
        if value_vars is not None:
            melted = column_indices(value_vars, self.names, "column for value_vars")
        return self._derived("melt", self, kept, melted, var_name, value_name, skipna)

    def which(self) -> H2OFrame:
        """The numbers of the rows in which this column is true."""
        return self._derived("which", self)

    def rep_len(self, length_out: int) -> H2OFrame:
        """The column repeated until it has ``length_out`` rows; several columns, so many columns."""
        return self._derived("rep_len", self, length_out)

    def topNBottomN(self, column: int | str = 0, nPercent: float = 10, grabTopN: int = -1) -> H2OFrame:
        """The numbers and values of the rows with the largest (1) or smallest (-1) values of a column.

        ``nPercent`` of all rows are taken.
        """
        return self._derived("topn", self, column_index(column, self.names), nPercent, grabTopN)

    def topN(self, column: int | str = 0, nPercent: float = 10) -> H2OFrame:
        """The numbers and values of the ``nPercent`` of the rows with the largest values of a column."""
        return self.topNBottomN(column, nPercent, 1)

    def bottomN(self, column: int | str = 0, nPercent: float = 10) -> H2OFrame:
        """The numbers and values of the ``nPercent`` of the rows with the smallest values of a column."""
        return self.topNBottomN(column, nPercent, -1)


def _directions(columns: Sequence[int], ascending: bool | Sequence[bool]) -> list[int]:
    """1 for each column that ascends, -1 for others."""
    flags = [ascending] if isinstance(ascending, bool) else list(ascending)
    if flags and len(flags) != len(columns):
        raise H2OValueError(f"{len(columns)} columns need as many flags in ascending, not {len(flags)}")
    return [1 if rises else -1 for rises in flags or [True] * len(columns)]
