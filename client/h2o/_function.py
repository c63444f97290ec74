"""Python functions as functions of Rapids: called once with a stand-in that notes what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from h2o._connection import Connection
from h2o._expression import Argument, Expression, Lambda
from h2o._operation import Operable
from h2o.exceptions import H2OTypeError

if TYPE_CHECKING:
    from h2o._operations import FrameOperations

__all__ = ["function_of"]

_PARAMETER = "x"


def function_of(fun: Callable[[Any], Any], connection: Connection) -> Lambda:
    """The Rapids function that does what ``fun`` does with its argument.

    Raises H2OTypeError if it gives neither what came of the argument nor a number.
    """
    from h2o._operations import FrameOperations

    parameter = Expression.of_key(_PARAMETER, connection)
    given = fun(_stand_in(FrameOperations)._of(parameter))
    if isinstance(given, Operable):
        return Lambda(parameter, given._expression)
    if isinstance(given, int | float):
        return Lambda(parameter, given)
    raise H2OTypeError(
        f"the function gives a {type(given).__name__}; it must give what the operations of frames give"
    )


def _stand_in(operations: type[FrameOperations]) -> Any:
    """A class with the operations of frames, whose values are not asked for but noted down."""

    class StandIn(operations):  # type: ignore[misc, valid-type]
        """An argument of a function, or what came of it."""

        def __init__(self, expression: Expression) -> None:
            self._expression = expression

        @classmethod
        def _of(cls, expression: Expression) -> StandIn:
            return cls(expression)

        def _value(self, operator: str, *arguments: Argument) -> Any:
            return self._derived(operator, *arguments)

        def __getitem__(self, item: int | str) -> Any:
            return self._derived("cols_py", self, item)

    for name in ("sum", "prod", "mean", "median", "sd", "min", "max", "any", "all", "any_na_rm", "nacnt"):
        setattr(StandIn, name, _reducer(name))
    return StandIn


_OPERATORS = {"any_na_rm": "any.na", "nacnt": "naCnt"}
_SKIPPING = {"sum": "sumNA", "prod": "prod.na"}
_WITH_FLAG = ("mean", "median", "sd")


def _reducer(name: str) -> Callable[..., Any]:
    """A method that reduces, as a part of an expression."""
    skips = name in ("sum", "mean")

    def apply(self: Any, skipna: bool = skips, axis: int = 0, *, na_rm: bool | None = None) -> Any:
        skip = skipna if na_rm is None else na_rm
        if name in _WITH_FLAG:
            return self._derived(name, self, skip)
        operator = _OPERATORS.get(name) or (_SKIPPING.get(name, name) if skip else name)
        return self._derived(operator, self)

    return apply
