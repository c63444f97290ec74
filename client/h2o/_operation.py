"""What all operations of a frame are made of: an operator and its arguments, sent or noted down."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from h2o._expression import Argument, Expression

if TYPE_CHECKING:
    from h2o._description import FrameDescription
    from h2o.frame import H2OFrame

__all__ = [
    "Operable",
    "argument",
    "binary",
    "comparison",
    "listed",
    "moment_of",
    "reflected",
    "scalar",
    "unary",
]


class Operable:
    """What an expression stands for, with operations that make further expressions of it.

    The operations are spread over classes by subject, which :class:`h2o.H2OFrame` unites.
    """

    _expression: Expression

    if TYPE_CHECKING:
        # What an operation may ask of the frame that it belongs to.
        @property
        def frame_id(self) -> str: ...
        @property
        def names(self) -> list[str]: ...
        @property
        def nrow(self) -> int: ...
        @property
        def ncol(self) -> int: ...

        def _description(self) -> FrameDescription: ...
        def levels(self) -> list[list[str]]: ...

    @classmethod
    def _of(cls, expression: Expression) -> Any:
        """What stands for an expression; a frame, but for functions."""
        raise NotImplementedError

    def _derived(self, operator: str, *arguments: Argument) -> H2OFrame:
        """The frame that ``operator`` will give; nothing is sent yet."""
        frame: H2OFrame = self._of(Expression(operator, *map(argument, arguments)))
        return frame

    def _value(self, operator: str, *arguments: Argument) -> Any:
        """The number, text or list of numbers that ``operator`` gives; asks the server."""
        return Expression(operator, *map(argument, arguments)).value()


def binary(operator: str) -> Callable[[Any, Any], H2OFrame]:
    """A method of two operands: this and another."""

    def apply(self: Operable, other: Any) -> H2OFrame:
        return self._derived(operator, self, other)

    return apply


def comparison(operator: str) -> Callable[[Any, Any], H2OFrame]:
    """A method of two operands, for which None is a missing value."""

    def apply(self: Operable, other: Any) -> H2OFrame:
        return self._derived(operator, self, float("nan") if other is None else other)

    return apply


def reflected(operator: str) -> Callable[[Any, Any], H2OFrame]:
    """A method of two operands: another and this."""

    def apply(self: Operable, other: Any) -> H2OFrame:
        return self._derived(operator, other, self)

    return apply


def unary(operator: str, meaning: str) -> Callable[[Any], H2OFrame]:
    """A method that changes every value."""

    def apply(self: Operable) -> H2OFrame:
        return self._derived(operator, self)

    apply.__doc__ = meaning
    apply.__name__ = operator
    return apply


def scalar(operator: str, meaning: str) -> Callable[[Any], float]:
    """A method that gives one number."""

    def apply(self: Operable) -> float:
        return float(self._value(operator, self))

    apply.__doc__ = meaning
    apply.__name__ = operator
    return apply


def listed(value: Any) -> list[float]:
    """A list of numbers, where one number stands for a list of one."""
    return list(value) if isinstance(value, list) else [value]


def moment_of(date: datetime.date) -> Expression:
    """One row with a time, of a date (midnight) or a datetime, by its own clock."""
    clock = (0, 0, 0, 0)
    if isinstance(date, datetime.datetime):
        clock = (date.hour, date.minute, date.second, date.microsecond // 1000)
    return Expression("moment", date.year, date.month, date.day, *clock)


def argument(value: Any) -> Any:
    """An operand as an expression takes it: what is a frame or a date here is an expression there."""
    if isinstance(value, Operable):
        return value._expression
    if type(value).__name__ == "datetime64":  # numpy's, which need not be installed
        value = value.astype("M8[ms]").item()
    return moment_of(value) if isinstance(value, datetime.date) else value
