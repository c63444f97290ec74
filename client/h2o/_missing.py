"""Missing values: found, counted, filled, left out, put in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from h2o._expression import Argument
from h2o._operation import Operable, listed, unary
from h2o._selection import column_index, column_indices
from h2o.exceptions import H2OValueError
from h2o.job import H2OJob

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Missing"]


class Missing(Operable):
    """What one does about missing values."""

    if TYPE_CHECKING:

        def refresh(self) -> H2OFrame: ...

    isna = unary("is.na", "1 where a value is missing, else 0.")
    na_omit = unary("na.omit", "The rows without missing values.")

    def nacnt(self) -> list[float]:
        """How many values of each column are missing."""
        return listed(self._value("naCnt", self))

    def any_na_rm(self) -> bool:
        """Whether a known value is true."""
        return bool(self._value("any.na", self))

    def filter_na_cols(self, frac: float = 0.2) -> list[int]:
        """The columns of which less than ``frac`` is missing, by position."""
        return [int(column) for column in listed(self._value("filterNACols", self, frac))]

    def fillna(self, method: str = "forward", axis: int = 0, maxlen: int = 1) -> H2OFrame:
        """Missing values filled from the row before, or with ``axis=1`` from the column before.

        ``method="backward"`` takes the one after. At most ``maxlen`` missing values in a row are filled.
        """
        return self._derived("h2o.fillna", self, method, axis, maxlen)

    def impute(
        self,
        column: int | str = -1,
        method: str = "mean",
        combine_method: str = "interpolate",
        by: int | str | Sequence[int | str] | None = None,
        group_by_frame: H2OFrame | None = None,
        values: Sequence[Any] | None = None,
    ) -> Any:
        """Fill the missing values of one column, or of all (−1), in this frame itself.

        ``method`` is mean, median or mode (of categories); ``by`` are columns whose groups are filled each
        with its own; ``values`` are given ones, one for each column. Returns what was filled in: a list of
        numbers (codes for categories), or with ``by`` a frame of the groups.
        """
        self.frame_id  # noqa: B018  the server changes what the key names: there must be one
        groups = [] if by is None else column_indices(by, self.names, "column to group by")
        arguments: list[Argument] = [
            -1 if column == -1 else column_index(column, self.names),
            method,
            combine_method,
            groups,
            "_" if group_by_frame is None else group_by_frame,
            "_" if values is None else self._codes(values),
        ]
        grouped = bool(groups) or group_by_frame is not None
        filled: Any = (self._derived if grouped else self._value)("h2o.impute", self, *arguments)
        if grouped:
            filled.frame_id  # noqa: B018  now, while this frame is what it was
        self.refresh()
        return filled

    def _codes(self, values: Sequence[Any]) -> list[float]:
        """Values for each column, categories as their codes. Raises H2OValueError for an unknown one."""
        if len(values) != self.ncol:
            raise H2OValueError(f"{len(values)} values were given for {self.ncol} columns")
        codes = []
        for name, value, levels in zip(self.names, values, self.levels(), strict=True):
            if levels and isinstance(value, str) and value not in levels:
                raise H2OValueError(f"{value!r} is no category of column {name!r}: it has {levels[:10]}")
            codes.append(levels.index(value) if levels and isinstance(value, str) else value)
        return codes

    def insert_missing_values(self, fraction: float = 0.1, seed: int | None = None) -> H2OFrame:
        """Replace ``fraction`` of the values of this frame itself by missing ones, at random."""
        connection = self._expression.connection
        form = {"dataset": self.frame_id, "fraction": fraction, "seed": seed}
        job = connection.call("POST /3/MissingInserter", form=form)
        H2OJob(job, "Insert Missing Values", connection).wait()
        return self.refresh()
