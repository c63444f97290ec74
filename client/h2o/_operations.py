"""What one does with frames, each operation an expression: arithmetic, conversions, reductions, joins."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from h2o._expression import Argument, Expression
from h2o.exceptions import H2OTypeError, H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["FrameOperations"]


def _binary(operator: str) -> Callable[[Any, Any], H2OFrame]:
    def apply(self: FrameOperations, other: Any) -> H2OFrame:
        return self._derived(operator, self, other)

    return apply


def _reflected(operator: str) -> Callable[[Any, Any], H2OFrame]:
    def apply(self: FrameOperations, other: Any) -> H2OFrame:
        return self._derived(operator, other, self)

    return apply


def _unary(operator: str, meaning: str) -> Callable[[Any], H2OFrame]:
    def apply(self: FrameOperations) -> H2OFrame:
        return self._derived(operator, self)

    apply.__doc__ = meaning
    apply.__name__ = operator
    return apply


def _scalar(operator: str, meaning: str) -> Callable[[Any], float]:
    def apply(self: FrameOperations) -> float:
        return float(self._value(operator, self))

    apply.__doc__ = meaning
    apply.__name__ = operator
    return apply


class FrameOperations:
    """The operations of a frame; :class:`h2o.H2OFrame` adds data, names, selection and display."""

    _expression: Expression

    def _derived(self, operator: str, *arguments: Argument) -> H2OFrame:
        """The frame that ``operator`` will give; nothing is sent yet."""
        from h2o.frame import H2OFrame

        return H2OFrame._of(Expression(operator, *map(_argument, arguments)))

    def _value(self, operator: str, *arguments: Argument) -> Any:
        """The number, text or list of numbers that ``operator`` gives; asks the server."""
        return Expression(operator, *map(_argument, arguments)).value()

    __add__, __radd__ = _binary("+"), _reflected("+")
    __sub__, __rsub__ = _binary("-"), _reflected("-")
    __mul__, __rmul__ = _binary("*"), _reflected("*")
    __truediv__, __rtruediv__ = _binary("/"), _reflected("/")
    __floordiv__, __rfloordiv__ = _binary("intDiv"), _reflected("intDiv")
    __mod__, __rmod__ = _binary("%"), _reflected("%")
    __pow__, __rpow__ = _binary("^"), _reflected("^")
    __and__, __rand__ = _binary("&"), _reflected("&")
    __or__, __ror__ = _binary("|"), _reflected("|")
    __lt__, __gt__ = _binary("<"), _binary(">")
    __le__, __ge__ = _binary("<="), _binary(">=")
    __eq__, __ne__ = _binary("=="), _binary("!=")  # type: ignore[assignment]
    __hash__ = object.__hash__
    __abs__ = _unary("abs", "The absolute values.")
    __invert__ = _unary("!!", "1 where the value is 0, else 0.")

    def __neg__(self) -> H2OFrame:
        return self._derived("-", 0, self)

    abs = _unary("abs", "The absolute values.")
    ceil = _unary("ceiling", "The values rounded up to whole numbers.")
    cos = _unary("cos", "The cosine, of radians.")
    exp = _unary("exp", "e to the power of the values.")
    floor = _unary("floor", "The values rounded down to whole numbers.")
    log = _unary("log", "The natural logarithm.")
    log10 = _unary("log10", "The logarithm to base 10.")
    log1p = _unary("log1p", "The natural logarithm of 1 + value, exact near 0.")
    log2 = _unary("log2", "The logarithm to base 2.")
    sign = _unary("sign", "−1, 0 or 1.")
    sin = _unary("sin", "The sine, of radians.")
    sqrt = _unary("sqrt", "The square root; missing for negative values.")
    tan = _unary("tan", "The tangent, of radians.")
    tanh = _unary("tanh", "The hyperbolic tangent.")
    trunc = _unary("trunc", "The values without their fraction.")

    asfactor = _unary("as.factor", "The columns as categories.")
    asnumeric = _unary(
        "as.numeric", "The columns as numbers; categories become their text's number, else code."
    )
    ascharacter = _unary("as.character", "The columns as text.")
    isna = _unary("is.na", "1 where a value is missing, else 0.")
    na_omit = _unary("na.omit", "The rows without missing values.")

    min = _scalar("min", "The smallest value of all columns.")
    max = _scalar("max", "The largest value of all columns.")

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
        return _listed(self._value("sd", self, na_rm))

    def median(self, na_rm: bool = False) -> list[float]:
        """The median of each column."""
        return _listed(self._value("median", self, na_rm))

    def nacnt(self) -> list[float]:
        """How many values of each column are missing."""
        return _listed(self._value("naCnt", self))

    def round(self, digits: int = 0) -> H2OFrame:
        """The values rounded to ``digits`` decimal places."""
        return self._derived("round", self, digits)

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


def _argument(argument: Any) -> Any:
    return argument._expression if isinstance(argument, FrameOperations) else argument


def _listed(value: Any) -> list[float]:
    return list(value) if isinstance(value, list) else [value]
