"""What one does with frames, each operation an expression: arithmetic, conversions, reductions, joins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from h2o._levels import Levels
from h2o._munging import Munging
from h2o._operation import binary, listed, reflected, scalar, unary
from h2o._statistics import Statistics
from h2o._texts import Texts
from h2o._times import Times
from h2o.exceptions import H2OTypeError, H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["FrameOperations"]


class FrameOperations(Statistics, Texts, Times, Levels, Munging):
    """The operations of a frame; :class:`h2o.H2OFrame` adds data, names, selection and display."""

    __add__, __radd__ = binary("+"), reflected("+")
    __sub__, __rsub__ = binary("-"), reflected("-")
    __mul__, __rmul__ = binary("*"), reflected("*")
    __truediv__, __rtruediv__ = binary("/"), reflected("/")
    __floordiv__, __rfloordiv__ = binary("intDiv"), reflected("intDiv")
    __mod__, __rmod__ = binary("%"), reflected("%")
    __pow__, __rpow__ = binary("^"), reflected("^")
    __and__, __rand__ = binary("&"), reflected("&")
    __or__, __ror__ = binary("|"), reflected("|")
    __lt__, __gt__ = binary("<"), binary(">")
    __le__, __ge__ = binary("<="), binary(">=")
    __eq__, __ne__ = binary("=="), binary("!=")  # type: ignore[assignment]
    __hash__ = object.__hash__
    __abs__ = unary("abs", "The absolute values.")
    __invert__ = unary("!!", "1 where the value is 0, else 0.")

    def __neg__(self) -> H2OFrame:
        return self._derived("-", 0, self)

    abs = unary("abs", "The absolute values.")
    acos = unary("acos", "The arc cosine, in radians.")
    acosh = unary("acosh", "The inverse hyperbolic cosine.")
    asin = unary("asin", "The arc sine, in radians.")
    asinh = unary("asinh", "The inverse hyperbolic sine.")
    atan = unary("atan", "The arc tangent, in radians.")
    atanh = unary("atanh", "The inverse hyperbolic tangent.")
    ceil = unary("ceiling", "The values rounded up to whole numbers.")
    cos = unary("cos", "The cosine, of radians.")
    cosh = unary("cosh", "The hyperbolic cosine.")
    cospi = unary("cospi", "The cosine of π times the values.")
    digamma = unary("digamma", "The derivative of the logarithm of the gamma function.")
    exp = unary("exp", "e to the power of the values.")
    expm1 = unary("expm1", "e to the power of the values, less 1, exact near 0.")
    floor = unary("floor", "The values rounded down to whole numbers.")
    gamma = unary("gamma", "The gamma function.")
    lgamma = unary("lgamma", "The logarithm of the gamma function.")
    log = unary("log", "The natural logarithm.")
    log10 = unary("log10", "The logarithm to base 10.")
    log1p = unary("log1p", "The natural logarithm of 1 + value, exact near 0.")
    log2 = unary("log2", "The logarithm to base 2.")
    sign = unary("sign", "−1, 0 or 1.")
    sin = unary("sin", "The sine, of radians.")
    sinh = unary("sinh", "The hyperbolic sine.")
    sinpi = unary("sinpi", "The sine of π times the values.")
    sqrt = unary("sqrt", "The square root; missing for negative values.")
    tan = unary("tan", "The tangent, of radians.")
    tanh = unary("tanh", "The hyperbolic tangent.")
    tanpi = unary("tanpi", "The tangent of π times the values.")
    trigamma = unary("trigamma", "The second derivative of the logarithm of the gamma function.")
    trunc = unary("trunc", "The values without their fraction.")

    asfactor = unary("as.factor", "The columns as categories.")
    asnumeric = unary(
        "as.numeric", "The columns as numbers; categories become their text's number, else code."
    )
    ascharacter = unary("as.character", "The columns as text.")
    isna = unary("is.na", "1 where a value is missing, else 0.")
    na_omit = unary("na.omit", "The rows without missing values.")

    min = scalar("min", "The smallest value of all columns.")
    max = scalar("max", "The largest value of all columns.")

    def logical_negation(self) -> H2OFrame:
        """1 where the value is 0, else 0."""
        return self.__invert__()

    def any(self) -> bool:
        """Whether any value is true (or missing)."""
        return bool(self._value("any", self))

    def all(self) -> bool:
        """Whether all values are true (or missing)."""
        return bool(self._value("all", self))

    def sum(self, skipna: bool = True, axis: int = 0, *, return_frame: bool = False) -> Any:
        """The sum of all values; with ``axis=1`` or ``return_frame`` a frame of sums by row or by column."""
        if return_frame or axis == 1:
            return self._derived("sumaxis", self, skipna, axis)
        return float(self._value("sumNA" if skipna else "sum", self))

    def mean(self, skipna: bool = True, axis: int = 0, *, return_frame: bool = False) -> Any:
        """The mean of each column as a list; with ``axis=1`` (by row) or ``return_frame`` as a frame."""
        frame = self._derived("mean", self, skipna, axis)
        return frame if return_frame or axis == 1 else frame._value("getrow", frame)

    def sd(self, na_rm: bool = False) -> list[float]:
        """The standard deviation of each column (n − 1 in the denominator)."""
        return listed(self._value("sd", self, na_rm))

    def median(self, na_rm: bool = False) -> list[float]:
        """The median of each column."""
        return listed(self._value("median", self, na_rm))

    def nacnt(self) -> list[float]:
        """How many values of each column are missing."""
        return listed(self._value("naCnt", self))

    def round(self, digits: int = 0) -> H2OFrame:
        """The values rounded to ``digits`` decimal places."""
        return self._derived("round", self, digits)

    def signif(self, digits: int = 6) -> H2OFrame:
        """The values rounded to ``digits`` significant digits."""
        return self._derived("signif", self, digits)

    def quantile(
        self,
        prob: Sequence[float] = (0.01, 0.1, 0.25, 0.333, 0.5, 0.667, 0.75, 0.9, 0.99),
        combine_method: str = "interpolate",
    ) -> H2OFrame:
        """The quantiles ``prob`` of each column; ``combine_method``: interpolate, average, low or high."""
        return self._derived("quantile", self, list(prob), combine_method, "_")

    def unique(self, include_nas: bool = False) -> H2OFrame:
        """The different values of one column."""
        return self._derived("unique", self, include_nas)

    def table(self, data2: H2OFrame | None = None, dense: bool = True) -> H2OFrame:
        """How often each value, or pair of values, occurs. ``dense`` leaves out the pairs that do not."""
        arguments = (self, dense) if data2 is None else (self, data2, dense)
        return self._derived("table", *arguments)

    def ifelse(self, yes: Any, no: Any) -> H2OFrame:
        """``yes`` where this column is not 0, ``no`` where it is, missing where it is missing."""
        return self._derived("ifelse", self, yes, no)

    def cbind(self, data: H2OFrame | Sequence[H2OFrame] | float) -> H2OFrame:
        """This frame's columns followed by those of ``data``, which has as many rows."""
        others = list(data) if isinstance(data, list | tuple) else [data]
        return self._derived("cbind", self, *others)

    def concat(self, frames: Sequence[H2OFrame], axis: int = 1) -> H2OFrame:
        """This frame and ``frames`` side by side, or with ``axis=0`` one below the other."""
        return self.cbind(frames) if axis == 1 else self.rbind(frames)

    def rbind(self, data: H2OFrame | Sequence[H2OFrame]) -> H2OFrame:
        """This frame's rows followed by those of ``data``, which has the same columns."""
        others = list(data) if isinstance(data, list | tuple) else [data]
        for other in others:
            if not isinstance(other, FrameOperations):
                raise H2OTypeError(f"rbind takes frames, not a {type(other).__name__}")
        return self._derived("rbind", self, *others)

    def runif(self, seed: int | None = None) -> H2OFrame:
        """A column of random numbers, uniform from 0 to 1, one for each row."""
        return self._derived("h2o.runif", self, -1 if seed is None else seed)

    def split_frame(
        self,
        ratios: Sequence[float] = (0.75,),
        destination_frames: Sequence[str] | None = None,
        seed: int | None = None,
    ) -> list[H2OFrame]:
        """Split the rows at random into one part for each ratio and one for the rest.

        The parts have about, not exactly, these shares of the rows. Raises H2OValueError unless the ratios
        are positive and add up to less than 1, and ``destination_frames`` names one part more than them.
        """
        bounds = _bounds(ratios)
        if destination_frames is not None and len(destination_frames) != len(ratios) + 1:
            raise H2OValueError(
                f"{len(ratios)} ratios make {len(ratios) + 1} parts; {len(destination_frames)} were named"
            )
        random = self.runif(seed)
        parts = [self._derived("rows", self, mask) for mask in _masks(random, bounds)]
        for part, name in zip(parts, destination_frames or [], strict=False):
            part._expression.key(name)
        return parts


def _bounds(ratios: Sequence[float]) -> list[float]:
    if not ratios or any(ratio <= 0 for ratio in ratios) or sum(ratios) >= 1:
        raise H2OValueError(f"ratios must be positive and add up to less than 1, not {list(ratios)}")
    return [sum(ratios[: i + 1]) for i in range(len(ratios))]


def _masks(random: H2OFrame, bounds: list[float]) -> list[H2OFrame]:
    """For each part the rows whose random number lies between its bounds."""
    inner = [(random > low) & (random <= high) for low, high in itertools.pairwise(bounds)]
    return [random <= bounds[0], *inner, random > bounds[-1]]
