"""Lazy expressions and their text in Rapids, the server's expression language.

An expression is built by frame operations and sent only when a value is needed. What is needed again (it is
held by a frame, or used twice) is kept on the server under a temporary key, `(tmp= py_3_sid (…))`, within the
same request; everything else is written in place. Temporaries are removed when the last user has gone.

How values are written:

    5  0.75  1e-05  nan  True       numbers and flags as Python shows them
    'text'  "it's"                  strings as Python shows them
    []                              None: "all", or "missing"
    [1 2 3]  ['a' 'b']              lists and ranges
    [700:300]  [0:5:2]              slices: start, COUNT, step
    iris.hex                        keys, bare
"""

from __future__ import annotations

import math
import re
import weakref
from dataclasses import dataclass
from typing import Any, TypeAlias

from h2o._connection import Connection, current
from h2o.exceptions import H2OError, H2OTypeError, H2OValueError

__all__ = ["Argument", "Expression", "Lambda", "Removed", "check_key", "write"]

Argument: TypeAlias = Any

# Deeper chains are sent in pieces: readers of expressions, ours and the server's, recurse.
MAX_DEPTH = 40
_KEY = re.compile(r"[A-Za-z_$][\w.\-:/$%]*")


def check_key(key: str) -> str:
    """``key``, if it can be written in an expression; raises H2OValueError otherwise."""
    if not _KEY.fullmatch(key):
        raise H2OValueError(
            f"{key!r} cannot name a frame or a model: "
            "begin with a letter or _, then take letters, digits and . - _ : / $ %"
        )
    return key


class Expression:
    """An operation on frames that is either pending, or done and known by a key on the server."""

    def __init__(self, operator: str, *arguments: Argument, connection: Connection | None = None) -> None:
        self._operator = operator
        self._arguments = arguments
        self._uses = 0
        self._key: str | None = None
        # By id, because frames compare element by element.
        self._holders: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        children = list(_children(arguments))
        for child in children:
            child._uses += 1
            if child.depth >= MAX_DEPTH:
                child.key()
        self.depth = 1 + max((child.depth for child in children), default=0)
        self.connection = connection or next((child.connection for child in children), None) or current()

    @classmethod
    def of_key(cls, key: str, connection: Connection) -> Expression:
        """A frame that is on the server under its own name; it stays when this object goes."""
        expression = cls("", connection=connection)
        expression._settle(check_key(key))
        return expression

    def hold(self, holder: Any) -> None:
        """Note that ``holder`` shows this expression: its value is kept while the holder lives."""
        self._holders[id(holder)] = holder

    def release(self, holder: Any) -> None:
        """Note that ``holder`` shows something else from now on."""
        self._holders.pop(id(holder), None)

    @property
    def pending(self) -> bool:
        """Whether the server does not have the value yet."""
        return self._key is None

    def key(self, name: str | None = None) -> str:
        """The key of the value on the server, which is asked to compute it if it has not yet.

        With ``name`` the value is kept under that name, and stays when this object goes.
        """
        if name is not None:
            check_key(name)
            self._send(lambda plan: f"(assign {write(name)} {self._write(plan)})")
            self._settle(name)
        elif self._key is None:
            plan: dict[Expression, str] = {}
            self._evaluate(f"(tmp= {self._plan(plan)} {self._body(plan)})", plan)
        assert self._key is not None
        return self._key

    def rename(self, name: str) -> None:
        """Keep the value under ``name`` in place of the key that it has had, if any."""
        if self._key is None:
            self.key(name)
        else:
            self.connection.rapids(f"(rename {write(self._key)} {write(check_key(name))})")
            self._settle(name)

    def value(self) -> Any:
        """The number, text or list of numbers that the expression comes to."""
        answer = self._send(self._body)
        for kind in ("scalar", "string"):
            if kind in answer:
                return _numbers(answer[kind])
        raise H2OError(f"{self._operator!r} gave a frame where a number was expected")

    def _send(self, text: Any) -> dict[str, Any]:
        plan: dict[Expression, str] = {}
        return self._evaluate(text(plan), plan)

    def _evaluate(self, text: str, plan: dict[Expression, str]) -> dict[str, Any]:
        """Send ``text``; on success the planned temporaries exist, on failure none is left."""
        try:
            answer = self.connection.rapids(text)
        except H2OError:
            for key in plan.values():
                self.connection.discard(key)
            raise
        for expression, key in plan.items():
            expression._settle(key)
            weakref.finalize(expression, self.connection.discard, key).atexit = False
        return answer

    def _settle(self, key: str) -> None:
        self._key = key
        self._arguments = ()
        self.depth = 0

    def _plan(self, plan: dict[Expression, str]) -> str:
        plan[self] = self.connection.new_key()
        return plan[self]

    def _body(self, plan: dict[Expression, str]) -> str:
        if self._key is not None:
            return self._key
        return f"({' '.join([self._operator, *(write(argument, plan) for argument in self._arguments)])})"

    def _write(self, plan: dict[Expression, str]) -> str:
        if self._key is not None or self in plan:
            return self._key or plan[self]
        if self._uses > 1 or self._holders:
            body = self._body(plan)
            return f"(tmp= {self._plan(plan)} {body})"
        return self._body(plan)


class Removed(Expression):
    """What a frame shows once it has been removed from the server: nothing."""

    def __init__(self, connection: Connection) -> None:
        super().__init__("", connection=connection)

    def _body(self, plan: dict[Expression, str]) -> str:
        raise H2OValueError("this frame has been removed from the server")


@dataclass(frozen=True)
class Lambda:
    """A function of one parameter, for primitives that take functions.

    Its body is written in place, all of it: a temporary would be made anew in every call. What the body needs
    of other frames is computed beforehand.
    """

    parameter: Expression
    body: Argument

    def __str__(self) -> str:
        return f"{{ {self.parameter.key()} . {self._inline(self.body)} }}"

    def _inline(self, argument: Argument) -> str:
        if not isinstance(argument, Expression):
            return write(argument)
        if not argument.pending or not self._is_inside(argument):
            return argument.key()
        return f"({' '.join([argument._operator, *map(self._inline, argument._arguments)])})"

    def _is_inside(self, expression: Expression) -> bool:
        """Whether the parameter occurs in an expression."""
        return expression is self.parameter or any(map(self._is_inside, _children(expression._arguments)))


def _children(arguments: Any) -> Any:
    for argument in arguments:
        if isinstance(argument, Expression):
            yield argument
        elif isinstance(argument, list | tuple):
            yield from _children(argument)


def _numbers(value: Any) -> Any:
    """Numbers as the server spells them, with "NaN" and "Infinity" made floats; text stays."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def write(argument: Argument, plan: dict[Expression, str] | None = None) -> str:
    """The text of one argument. Raises H2OTypeError for what has no text in Rapids."""
    match argument:
        case Expression():
            return argument._write({} if plan is None else plan)
        case Lambda():
            return str(argument)
        case None:
            return "[]"
        case bool():
            return str(argument)
        case str():
            return repr(str(argument))  # a subclass (numpy.str_ among them) may show its type in repr
        case int() | float():
            return _write_number(argument)
        case slice():
            return _write_slice(argument)
        case list() | tuple() | range():
            return f"[{' '.join(write(item, plan) for item in argument)}]"
    if hasattr(argument, "item") and getattr(argument, "ndim", 0) == 0:
        return write(argument.item(), plan)
    raise H2OTypeError(f"a {type(argument).__name__} cannot be used in a frame expression: {argument!r}")


def _write_number(number: float) -> str:
    if isinstance(number, float) and math.isinf(number):
        raise H2OValueError("infinity cannot be used in a frame expression")
    # Subclasses of float (numpy.float64 among them) show their type in repr.
    return repr(float(number)) if isinstance(number, float) else repr(int(number))


def _write_slice(piece: slice) -> str:
    step = piece.step or 1
    count = max(0, -((piece.start - piece.stop) // step))
    return f"[{piece.start}:{count}]" if step == 1 else f"[{piece.start}:{count}:{step}]"
