"""Columns made of whole columns or rows: running values, scaled ones, products of matrices, functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from h2o._function import function_of
from h2o._operation import Operable
from h2o.exceptions import H2OTypeError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Transforms"]


class Transforms(Operable):
    """Operations in which a value depends on others of its column or row."""

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

    def scale(self, center: bool | Sequence[float] = True, scale: bool | Sequence[float] = True) -> H2OFrame:
        """Numeric columns less their means (or ``center``), over their deviations (or times ``scale``)."""
        return self._derived("scale", self, center, scale)

    def transpose(self) -> H2OFrame:
        """Rows as columns; of numbers only."""
        return self._derived("t", self)

    def mult(self, matrix: H2OFrame) -> H2OFrame:
        """The matrix product with another frame of numbers."""
        return self._derived("x", self, matrix)

    def distance(self, y: H2OFrame, measure: str | None = None) -> H2OFrame:
        """Of each row to each row of ``y``: l1, l2 (the default), cosine or cosine_sq."""
        return self._derived("distance", self, y, measure or "l2")

    def apply(self, fun: Callable[[Any], Any] | None = None, axis: int = 0) -> H2OFrame:
        """What ``fun`` gives for each column, or with ``axis=1`` for each row.

        It is called once here, with a stand-in that notes down what is done with it, and runs on the server:
        so it may use the operations of frames only. Raises H2OTypeError for another result.
        """
        if fun is None:
            raise H2OTypeError("apply takes a function, such as lambda column: column.mean()")
        function = function_of(fun, self._expression.connection)
        return self._derived("apply", self, 1 if axis == 1 else 2, function)

    def isax(
        self, num_words: int, max_cardinality: int, optimize_card: bool = False, **kwargs: Any
    ) -> H2OFrame:
        """Rows that are time series as words of ``num_words`` symbols out of ``max_cardinality``.

        The first column has the index, the others the symbols. ``optimize_card`` takes no more symbols than
        occur. Other arguments make no difference.
        """
        return self._derived("isax", self, num_words, max_cardinality, optimize_card)
