"""Statistics of a frame, running values, gaps, folds: operations on numbers."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from h2o._expression import Argument
from h2o._function import function_of
from h2o._operation import Operable, listed
from h2o._selection import column_index
from h2o.exceptions import H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Statistics"]


class Statistics(Operable):
    """What one asks of the numbers in a frame, and the columns that one makes of them."""

    names: Any

    def cumsum(self, axis: int = 0) -> H2OFrame:
        """The running sum down each column, or with ``axis=1`` along each row."""
        return self._derived("cumsum", self, axis)

    def cumprod(self, axis: int = 0) -> H2OFrame:
        """The running product down each column, or with ``axis=1`` along each row."""
        return self._derived("cumprod", self, axis)

    def cummin(self, axis: int = 0) -> H2OFrame:
        """The smallest value so far of each column, or with ``axis=1`` of each row."""
        return self._derived("cummin", self, axis)

    def cummax(self, axis: int = 0) -> H2OFrame:
        """The largest value so far of each column, or with ``axis=1`` of each row."""
        return self._derived("cummax", self, axis)

    def difflag1(self) -> H2OFrame:
        """What each row of one column has more than the row before."""
        return self._derived("difflag1", self)

    def fillna(self, method: str = "forward", axis: int = 0, maxlen: int = 1) -> H2OFrame:
        """Missing values filled from the row before (``method="backward"``: after), with ``axis=1`` from the

        column before; at most ``maxlen`` in a row.
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
        place = -1 if column == -1 else column_index(column, self.names)
        groups = [] if by is None else [by] if isinstance(by, int | str) else list(by)
        frame: Any = self
        frame.frame_id  # noqa: B018  the server changes what the key names: there must be one
        arguments: list[Argument] = [
            place,
            method,
            combine_method,
            [column_index(name, self.names) for name in groups],
            "_" if group_by_frame is None else group_by_frame,
            "_" if values is None else self._codes(values),
        ]
        grouped = bool(groups) or group_by_frame is not None
        filled: Any = (self._derived if grouped else self._value)("h2o.impute", self, *arguments)
        if grouped:
            filled.frame_id  # noqa: B018  now, while this frame is what it was
        frame.refresh()
        return filled

    def _codes(self, values: Sequence[Any]) -> list[float]:
        """Values for each column, categories as their codes. Raises H2OValueError for an unknown one."""
        frame: Any = self
        if len(values) != frame.ncol:
            raise H2OValueError(f"{len(values)} values were given for {frame.ncol} columns")
        codes = []
        for name, value, levels in zip(frame.names, values, frame.levels(), strict=True):
            if levels and isinstance(value, str) and value not in levels:
                raise H2OValueError(f"{value!r} is no category of column {name!r}: it has {levels[:10]}")
            codes.append(levels.index(value) if levels and isinstance(value, str) else value)
        return codes

    def scale(self, center: bool | Sequence[float] = True, scale: bool | Sequence[float] = True) -> H2OFrame:
        """Numeric columns less their means (or ``center``), over their deviations (or times ``scale``)."""
        return self._derived("scale", self, center, scale)

    def var(self, y: H2OFrame | None = None, na_rm: bool = False, use: str | None = None) -> H2OFrame | float:
        """The variance of one column, or the covariances of the columns (with those of ``y``).

        ``use``: everything, all.obs (missing values are refused) or complete.obs (their rows are left out).
        """
        return self._together("var", y, use or ("complete.obs" if na_rm else "everything"), y is None)

    def cor(
        self,
        y: H2OFrame | None = None,
        na_rm: bool = False,
        use: str | None = None,
        method: str = "Pearson",
    ) -> H2OFrame | float:
        """The correlation of two columns, or of all pairs (with those of ``y``); Pearson or Spearman.

        ``use`` is as for :meth:`var`.
        """
        return self._together("cor", y, use or ("complete.obs" if na_rm else "everything"), method)

    def _together(self, operator: str, y: H2OFrame | None, use: str, last: Any) -> H2OFrame | float:
        frame: Any = self
        other = frame if y is None else y
        if frame.ncol == 1 and other.ncol == 1:
            return float(self._value(operator, self, other, use, last))
        return self._derived(operator, self, other, use, last)

    def skewness(self, na_rm: bool = False) -> list[float]:
        """The skewness of each column."""
        return listed(self._value("skewness", self, na_rm))

    def kurtosis(self, na_rm: bool = False) -> list[float]:
        """The kurtosis of each column; a normal distribution has 3."""
        return listed(self._value("kurtosis", self, na_rm))

    def prod(self, na_rm: bool = False) -> float:
        """The product of all values; ``na_rm`` leaves out the missing ones."""
        return float(self._value("prod.na" if na_rm else "prod", self))

    def any_na_rm(self) -> bool:
        """Whether a value is missing."""
        return bool(self._value("any.na", self))

    def idxmax(self, skipna: bool = True, axis: int = 0) -> H2OFrame:
        """The row of each column's largest value, or with ``axis=1`` the column of each row's."""
        return self._derived("which.max", self, skipna, axis)

    def idxmin(self, skipna: bool = True, axis: int = 0) -> H2OFrame:
        """The row of each column's smallest value, or with ``axis=1`` the column of each row's."""
        return self._derived("which.min", self, skipna, axis)

    def which(self) -> H2OFrame:
        """The numbers of the rows in which this column is true."""
        return self._derived("which", self)

    def filter_na_cols(self, frac: float = 0.2) -> list[int]:
        """The columns of which less than ``frac`` is missing, by position."""
        return [int(column) for column in listed(self._value("filterNACols", self, frac))]

    def columns_by_type(self, coltype: str = "numeric") -> list[float]:
        """The positions of the columns of one type: numeric, categorical, string, time, uuid or bad."""
        return listed(self._value("columnsByType", self, coltype))

    def getrow(self) -> list[float]:
        """The numbers of a frame of one row."""
        return listed(self._value("getrow", self))

    def flatten(self) -> Any:
        """The one value of a frame of one row and one column."""
        return self._value("flatten", self)

    def apply(self, fun: Callable[[Any], Any], axis: int = 0) -> H2OFrame:
        """What ``fun`` gives for each column, or with ``axis=1`` for each row.

        It is called once here, with a stand-in that notes down what is done with it, and runs on the server:
        so it may use the operations of frames only. Raises H2OTypeError for another result.
        """
        return self._derived(
            "apply", self, 1 if axis == 1 else 2, function_of(fun, self._expression.connection)
        )

    def hist(self, breaks: str | int | Sequence[float] = "sturges", plot: bool = True) -> H2OFrame:
        """How many values of one column lie between ``breaks``.

        These are a rule (sturges, rice, sqrt, doane, fd, scott), a number of bins, or the breaks themselves.
        Returns a frame of breaks, counts, mids_true (means) and mids; ``plot`` draws it, with matplotlib.
        """
        found = self._derived("hist", self, breaks)
        if plot:
            _draw(found)
        return found

    def transpose(self) -> H2OFrame:
        """Rows as columns; of numbers only."""
        return self._derived("t", self)

    def mult(self, matrix: H2OFrame) -> H2OFrame:
        """The matrix product with another frame of numbers."""
        return self._derived("x", self, matrix)

    def distance(self, y: H2OFrame, measure: str = "l2") -> H2OFrame:
        """Of each row to each row of ``y``: l1, l2, cosine or cosine_sq."""
        return self._derived("distance", self, y, measure)

    def rep_len(self, length_out: int) -> H2OFrame:
        """The column repeated until it has ``length_out`` rows; several columns, so many columns."""
        return self._derived("rep_len", self, length_out)

    def kfold_column(self, n_folds: int = 3, seed: int = -1) -> H2OFrame:
        """A column with each row's fold, at random."""
        return self._derived("kfold_column", self, n_folds, seed)

    def modulo_kfold_column(self, n_folds: int = 3) -> H2OFrame:
        """A column with each row's fold, in turn."""
        return self._derived("modulo_kfold_column", self, n_folds)

    def stratified_kfold_column(self, n_folds: int = 3, seed: int = -1) -> H2OFrame:
        """A column with each row's fold, at random, the rows of each level of this column spread evenly."""
        return self._derived("stratified_kfold_column", self, n_folds, seed)

    def stratified_split(self, test_frac: float = 0.2, seed: int = -1) -> H2OFrame:
        """A column of train and test, with the same fraction of each level of this column in test."""
        return self._derived("h2o.random_stratified_split", self, test_frac, seed)


def _draw(histogram: H2OFrame) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise H2OValueError("matplotlib is not installed: install it, or pass plot=False")
    pyplot = importlib.import_module("matplotlib.pyplot")
    rows = histogram.as_data_frame(use_pandas=False, header=False)
    pyplot.stairs([float(row[1]) for row in rows[1:]], [float(row[0]) for row in rows], fill=True)
    pyplot.ylabel("count")
    pyplot.show()
