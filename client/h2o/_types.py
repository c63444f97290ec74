"""The types of columns: what they are, and turning one into another."""

from __future__ import annotations

from typing import Any

from h2o._operation import Operable, listed, unary
from h2o._selection import column_index
from h2o.exceptions import H2OValueError

__all__ = ["Types"]

_NUMERIC = ("int", "real")
# How scikit-learn's functions would see a column of each type.
_DTYPES = {"int": "int32", "real": "float64"}


class Types(Operable):
    """What one asks of the types of a frame's columns, and conversions."""

    asfactor = unary("as.factor", "The columns as categories.")
    asnumeric = unary(
        "as.numeric", "The columns as numbers; categories become their text's number, else code."
    )
    ascharacter = unary("as.character", "The columns as text.")

    def _kinds(self) -> list[str]:
        return [column.type for column in self._description().columns]

    def type(self, col: int | str) -> str:
        """The type of one column: int, real, enum, string, time, uuid or bad."""
        return self._kinds()[column_index(col, self.names)]

    def isfactor(self) -> list[bool]:
        """For each column whether it is categorical."""
        return [kind == "enum" for kind in self._kinds()]

    def isnumeric(self) -> list[bool]:
        """For each column whether it is numeric."""
        return [kind in _NUMERIC for kind in self._kinds()]

    def isstring(self) -> list[bool]:
        """For each column whether it is text."""
        return [kind == "string" for kind in self._kinds()]

    def ischaracter(self) -> list[bool]:
        """The same as :meth:`isstring`."""
        return self.isstring()

    def anyfactor(self) -> bool:
        """Whether a column is categorical."""
        return bool(self._value("any.factor", self))

    def columns_by_type(self, coltype: str = "numeric") -> list[float]:
        """The positions of the columns of one type: numeric, categorical, string, time, uuid or bad."""
        return listed(self._value("columnsByType", self, coltype))

    @property
    def dtype(self) -> Any:
        """The numpy type of this one column, for scikit-learn's functions; texts for all but numbers."""
        import numpy

        if self.ncol != 1:
            raise H2OValueError(f"dtype is that of a single column; this frame has {self.ncol}")
        return numpy.dtype(_DTYPES.get(self.type(0), "str"))
