"""What is computed value by value: operators, functions of numbers, choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from h2o._operation import Operable, binary, comparison, reflected, unary
from h2o.exceptions import H2OTypeError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Arithmetic"]


class Arithmetic(Operable):
    """Operations on every value; the other operand is a frame, a column, a number, a text or a date."""

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
    __eq__, __ne__ = comparison("=="), comparison("!=")  # type: ignore[assignment]
    __hash__ = object.__hash__
    __abs__ = unary("abs", "The absolute values.")
    __invert__ = unary("!!", "1 where the value is 0, else 0.")

    def __bool__(self) -> bool:
        raise H2OTypeError(
            "a frame is neither true nor false: combine conditions with & | ~, or ask .any() or .all()"
        )

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
    logical_negation = unary("not", "1 where the value is 0, else 0.")

    def round(self, digits: int = 0) -> H2OFrame:
        """The values rounded to ``digits`` decimal places."""
        return self._derived("round", self, digits)

    def signif(self, digits: int = 6) -> H2OFrame:
        """The values rounded to ``digits`` significant digits."""
        return self._derived("signif", self, digits)

    def ifelse(self, yes: Any, no: Any) -> H2OFrame:
        """``yes`` where this column is not 0, ``no`` where it is, missing where it is missing."""
        return self._derived("ifelse", self, yes, no)
