"""What all operations of a frame are made of: an operator and its arguments, sent or noted down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from h2o._expression import Argument, Expression

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Operable", "binary", "listed", "reflected", "scalar", "unary"]


class Operable:
    """What an expression stands for, with operations that make further expressions of it."""

    _expression: Expression

    @classmethod
    def _of(cls, expression: Expression) -> Any:
        """What stands for an expression; a frame, but for functions."""
        raise NotImplementedError

    def _derived(self, operator: str, *arguments: Argument) -> H2OFrame:
        """The frame that ``operator`` will give; nothing is sent yet."""
        frame: H2OFrame = self._of(Expression(operator, *map(_argument, arguments)))
        return frame

    def _value(self, operator: str, *arguments: Argument) -> Any:
        """The number, text or list of numbers that ``operator`` gives; asks the server."""
        return Expression(operator, *map(_argument, arguments)).value()


def binary(operator: str) -> Callable[[Any, Any], H2OFrame]:
    """A method of two operands: this and another."""

    def apply(self: Operable, other: Any) -> H2OFrame:
        return self._derived(operator, self, other)

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


def _argument(argument: Any) -> Any:
    return argument._expression if isinstance(argument, Operable) else argument
