"""What one does with categories and their levels, and how values become categories."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from h2o._expression import Expression
from h2o._operation import Operable
from h2o._selection import column_index
from h2o.exceptions import H2OValueError
from h2o.job import H2OJob

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Levels"]


class Levels(Operable):
    """Operations on categories."""

    def set_level(self, level: str) -> H2OFrame:
        """The column with every row at one of its levels."""
        return self._derived("setLevel", self, level)

    def set_levels(self, levels: Sequence[str]) -> H2OFrame:
        """The column with other names for its levels, in their order; levels of one name become one."""
        return self._derived("setDomain", self, False, list(levels))

    def append_levels(self, levels: Sequence[str]) -> H2OFrame:
        """The column with more levels, which no row has yet."""
        return self._derived("appendLevels", self, False, list(levels))

    def relevel(self, y: str) -> H2OFrame:
        """The column with the level ``y`` as its first, which is the reference level of models."""
        return self._derived("relevel", self, y)

    def relevel_by_frequency(self, weights_column: str | None = None, top_n: int = -1) -> H2OFrame:
        """The frame with the levels of all its categories by falling frequency, or weight of the rows.

        With ``top_n`` only so many of the most frequent levels move to the front.
        """
        return self._derived("relevel.by.freq", self, weights_column, top_n)

    def categories(self) -> list[str]:
        """The levels of this one categorical column."""
        columns = self._description().columns
        if [column.type for column in columns] != ["enum"]:
            raise H2OValueError("categories() takes a single categorical column; for a frame use levels()")
        return list(columns[0].domain or ())

    def match(
        self, table: Sequence[Any] | str | float, nomatch: float = float("nan"), start_index: int = 1
    ) -> H2OFrame:
        """The place of each value in ``table``, counted from ``start_index``; ``nomatch`` where it is not."""
        values = list(table) if isinstance(table, list | tuple | set | frozenset | range) else [table]
        return self._derived("match", self, values, nomatch, start_index)

    def isin(self, item: Any) -> H2OFrame:
        """1 where a value is ``item``, or one of the items of a list, else 0."""
        if not isinstance(item, list | tuple | set | frozenset | range):
            return self._derived("==", self, item)
        if len(self.names) == 1:
            return self.match(list(item), nomatch=0) > 0
        equal = (self._derived("==", self, one) for one in item)
        return functools.reduce(operator.or_, equal)

    def cut(
        self,
        breaks: Sequence[float] | float,
        labels: Sequence[str] | None = None,
        include_lowest: bool = False,
        right: bool = True,
        dig_lab: int = 3,
    ) -> H2OFrame:
        """The numbers as categories: intervals ``(low, high]`` between ``breaks``, or ``[low, high)``.

        A single number is how many equal intervals to make. Breaks are rounded to ``dig_lab`` decimals.
        """
        limits = [breaks] if isinstance(breaks, int | float) else list(breaks)
        return self._derived(
            "cut", self, limits, None if labels is None else list(labels), include_lowest, right, dig_lab
        )

    def interaction(
        self,
        factors: Sequence[str | int],
        pairwise: bool,
        max_factors: int,
        min_occurrence: int,
        destination_frame: str | None = None,
    ) -> H2OFrame:
        """A category out of several: of all ``factors``, or (``pairwise``, of three or more) of each pair.

        The ``max_factors`` most frequent combinations of levels that occur at least ``min_occurrence`` times
        are kept; the others become ``other``.
        """
        from h2o.frame import H2OFrame

        connection = self._expression.connection
        form = {
            "source_frame": self.frame_id,
            "factor_columns": [self.names[column_index(factor, self.names)] for factor in factors],
            "pairwise": pairwise,
            "max_factors": max_factors,
            "min_occurrence": min_occurrence,
            "dest": destination_frame,
        }
        job = H2OJob(connection.call("POST /3/Interaction", form=form), "Interactions", connection)
        return H2OFrame._of(Expression.of_key(job.wait().dest_key, connection))
