"""Numbers that describe a frame or its columns: sums, means, deviations, quantiles, counts, histograms."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2o._operation import Operable, listed, scalar
from h2o.exceptions import H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Statistics"]

DEFAULT_PROBABILITIES = (0.01, 0.1, 0.25, 0.333, 0.5, 0.667, 0.75, 0.9, 0.99)


class Statistics(Operable):
    """What one asks of the values in a frame."""

    min = scalar("min", "The smallest value of all columns.")
    max = scalar("max", "The largest value of all columns.")

    def any(self) -> bool:
        """Whether any value is true (or missing)."""
        return bool(self._value("any", self))

    def all(self) -> bool:
        """Whether all values are true (or missing)."""
        return bool(self._value("all", self))

    def sum(
        self, skipna: bool = True, axis: int = 0, *, na_rm: bool | None = None, return_frame: bool = False
    ) -> Any:
        """The sum of all values; with ``axis=1`` or ``return_frame`` a frame of sums by row or by column.

        ``na_rm`` is an older name of ``skipna``, which leaves out missing values.
        """
        skip = skipna if na_rm is None else na_rm
        if return_frame or axis == 1:
            return self._derived("sumaxis", self, skip, axis)
        return float(self._value("sumNA" if skip else "sum", self))

    def mean(
        self, skipna: bool = True, axis: int = 0, *, na_rm: bool | None = None, return_frame: bool = False
    ) -> Any:
        """The mean of each column as a list; with ``axis=1`` (by row) or ``return_frame`` as a frame.

        ``na_rm`` is an older name of ``skipna``, which leaves out missing values.
        """
        frame = self._derived("mean", self, skipna if na_rm is None else na_rm, axis)
        return frame if return_frame or axis == 1 else listed(frame._value("getrow", frame))

    def prod(self, na_rm: bool = False) -> float:
        """The product of all values; ``na_rm`` leaves out the missing ones."""
        return float(self._value("prod.na" if na_rm else "prod", self))

    def sd(self, na_rm: bool = False) -> list[float]:
        """The standard deviation of each column (n − 1 in the denominator)."""
        return listed(self._value("sd", self, na_rm))

    def median(self, na_rm: bool = False) -> list[float]:
        """The median of each column."""
        return listed(self._value("median", self, na_rm))

    def skewness(self, na_rm: bool = False) -> list[float]:
        """The skewness of each column."""
        return listed(self._value("skewness", self, na_rm))

    def kurtosis(self, na_rm: bool = False) -> list[float]:
        """The kurtosis of each column; a normal distribution has 3."""
        return listed(self._value("kurtosis", self, na_rm))

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
        other: Any = self if y is None else y
        if self.nrow == 1 or (self.ncol == 1 and other.ncol == 1):
            return float(self._value(operator, self, other, use, last))
        return self._derived(operator, self, other, use, last)

    def quantile(
        self,
        prob: Sequence[float] | None = None,
        combine_method: str = "interpolate",
        weights_column: str | H2OFrame | None = None,
    ) -> H2OFrame:
        """The quantiles ``prob`` of each column, by default nine from 0.01 to 0.99.

        ``combine_method``: interpolate, average, low or high. ``weights_column`` names the column, or is the
        column, that says how often each row counts.
        """
        frame: Any = self
        if isinstance(weights_column, Operable):
            frame = self._derived("cbind", self, weights_column)
            weights_column = frame.names[-1]
        probabilities = list(DEFAULT_PROBABILITIES if prob is None else prob)
        return self._derived("quantile", frame, probabilities, combine_method, weights_column or "_")

    def unique(self, include_nas: bool = False) -> H2OFrame:
        """The different values of one column."""
        return self._derived("unique", self, include_nas)

    def table(self, data2: H2OFrame | None = None, dense: bool = True) -> H2OFrame:
        """How often each value, or pair of values, occurs. ``dense`` leaves out the pairs that do not."""
        arguments = (self, dense) if data2 is None else (self, data2, dense)
        return self._derived("table", *arguments)

    def idxmax(self, skipna: bool = True, axis: int = 0) -> H2OFrame:
        """The row of each column's largest value, or with ``axis=1`` the column of each row's."""
        return self._derived("which.max", self, skipna, axis)

    def idxmin(self, skipna: bool = True, axis: int = 0) -> H2OFrame:
        """The row of each column's smallest value, or with ``axis=1`` the column of each row's."""
        return self._derived("which.min", self, skipna, axis)

    def hist(
        self,
        breaks: str | int | Sequence[float] = "sturges",
        plot: bool = True,
        save_plot_path: str | Path | None = None,
        *,
        server: bool = False,
    ) -> H2OFrame:
        """How many values of one column lie between ``breaks``.

        These are a rule (sturges, rice, sqrt, doane, fd, scott), a number of bins, or the breaks themselves.
        Returns a frame of breaks, counts, mids_true (means) and mids, and of widths if it was drawn, else of
        densities. ``plot`` draws it with matplotlib, into the file ``save_plot_path`` if that is given, and
        shows it unless ``server`` is true.
        """
        found = self._derived("hist", self, breaks)
        if plot:
            found["widths"] = found["breaks"].difflag1()
            _draw(found, self.names[0], save_plot_path, show=not server)
        else:
            found["density"] = found["counts"] / (found["breaks"].difflag1() * found["counts"].sum())
        return found


def _draw(histogram: H2OFrame, name: str, path: str | Path | None, show: bool) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise H2OValueError("matplotlib is not installed: install it, or pass plot=False")
    pyplot = importlib.import_module("matplotlib.pyplot")
    rows = histogram[["breaks", "counts"]].as_data_frame(use_pandas=False, header=False)
    figure = pyplot.figure()
    pyplot.stairs([float(row[1]) for row in rows[1:]], [float(row[0]) for row in rows], fill=True)
    pyplot.title(f"Histogram of {name}")
    pyplot.xlabel(name)
    pyplot.ylabel("Frequency")
    if path is not None:
        figure.savefig(path)
    if show:
        pyplot.show()
