"""Evaluates expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ColumnNotFound, InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Roots
from aquifer_cluster.store import Store

from aquifer_server.rapids.ast import Call, Function, Name, Node, Number, NumberList, Text, TextList, write
from aquifer_server.rapids.context import Context, TimeZone
from aquifer_server.rapids.declaration import Primitive
from aquifer_server.rapids.errors import LookupFailed, WrongArgument
from aquifer_server.rapids.primitives import BINDERS, OF_ROWS, PRIMITIVES
from aquifer_server.rapids.reader import read
from aquifer_server.rapids.values import PrimitiveName, Value, describe

_SHOWN = 80


@dataclass(frozen=True)
class FrameResult:
    """The expression gave a frame; `key` if it has one."""

    frame: Frame
    key: str | None


@dataclass(frozen=True)
class NumberResult:
    """The expression gave a number."""

    value: float


@dataclass(frozen=True)
class NumbersResult:
    """The expression gave a list of numbers."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class StringResult:
    """The expression gave a string."""

    value: str


@dataclass(frozen=True)
class StringsResult:
    """The expression gave a list of strings."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class FunctionResult:
    """The expression gave a function; its text."""

    text: str


Result = FrameResult | NumberResult | NumbersResult | StringResult | StringsResult | FunctionResult


class Interpreter:
    """Evaluates expressions against one cloud and store; any number of threads may call it at once."""

    def __init__(
        self, cloud: Cloud, store: Store, time_zone: TimeZone | None = None, roots: Roots | None = None
    ) -> None:
        self._cloud = cloud
        self._store = store
        self._roots = roots or Roots(())
        self.time_zone = time_zone or TimeZone()

    def evaluate(self, text: str, session: str | None = None) -> Result:
        """Evaluate an expression. `tmp=` binds temporaries of `session`.

        Raises RapidsError; what the expression changed before it failed is as it was.
        """
        zone = self.time_zone.name
        context = Context(self._cloud, self._store, session, TimeZone(zone), self._roots, _apply)
        tree = read(text)
        result = _result(_evaluate(tree, context, {}), _key_of(tree))
        context.commit()
        if context.time_zone.name != zone:
            self.time_zone.name = context.time_zone.name
        return result


def _evaluate(node: Node, context: Context, scope: Mapping[str, Value]) -> Value:
    if isinstance(node, Call):
        return _call(node, context, scope)
    if isinstance(node, Name):
        return _look_up(node.text, context, scope)
    return node.value if isinstance(node, Number | Text) else node


def _look_up(name: str, context: Context, scope: Mapping[str, Value]) -> Value:
    if name in scope:
        return scope[name]
    frame = context.find(name)
    if frame is not None:
        return frame
    if name in PRIMITIVES:
        return PrimitiveName(name)
    raise LookupFailed(name)


def _call(call: Call, context: Context, scope: Mapping[str, Value]) -> Value:
    with context.one_deeper():
        if isinstance(call.head, Name) and call.head.text in PRIMITIVES and call.head.text not in scope:
            return _run(_primitive(call.head.text, context), call, context, scope)
        head = _evaluate(call.head, context, scope)
        if isinstance(head, PrimitiveName):
            return _run(_primitive(head.name, context), call, context, scope)
        if not isinstance(head, Function):
            raise WrongArgument(f"Expected a function but found {describe(head)}: {_shown(call.head)}")
        values = [_evaluate(argument, context, scope) for argument in call.arguments]
        return _enter(head, values, context, scope)


def _primitive(name: str, context: Context) -> Primitive:
    return OF_ROWS.get(name, PRIMITIVES[name]) if context.of_rows else PRIMITIVES[name]


def _apply(context: Context, function: Function | PrimitiveName, values: Sequence[Value]) -> Value:
    """What a function or a primitive gives for values that are evaluated already."""
    with context.one_deeper():
        if isinstance(function, PrimitiveName):
            return _finish(_primitive(function.name, context), values, context)
        return _enter(function, values, context, {})


def _enter(
    function: Function, values: Sequence[Value], context: Context, scope: Mapping[str, Value]
) -> Value:
    if len(function.parameters) != len(values):
        raise WrongArgument(
            f"The function takes {len(function.parameters)} arguments, but was given {len(values)}: "
            f"{_shown(function)}"
        )
    inner = {**scope, **dict(zip(function.parameters, values, strict=True))}
    return _evaluate(function.body, context, inner)


def _run(primitive: Primitive, call: Call, context: Context, scope: Mapping[str, Value]) -> Value:
    values: list[Any] = []
    for slot, argument in zip(primitive.slots(len(call.arguments)), call.arguments, strict=True):
        if not slot.kind.evaluated:
            values.append(_bare(primitive, slot.name, argument))
            continue
        value = _evaluate(argument, context, scope)
        values.append((value, _key_of(argument)) if slot.kind.keyed else value)
    return _finish(primitive, values, context)


def _finish(primitive: Primitive, values: Sequence[Any], context: Context) -> Value:
    """Run a primitive; its errors name it and the argument."""
    try:
        result: Value = primitive.run(context, *primitive.bind(values))
    except InvalidArgument as failure:
        place = "" if failure.name == primitive.name else f"argument '{failure.name}': "
        raise WrongArgument(f"{place}{failure.message}").within(primitive.name) from failure
    except ColumnNotFound as failure:
        raise WrongArgument(str(failure)).within(primitive.name) from failure
    except WrongArgument as failure:
        raise failure.within(primitive.name) from failure.__cause__
    return result


def _bare(primitive: Primitive, slot: str, node: Node) -> str:
    """A name or string that is not evaluated."""
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Text):
        return node.value
    raise WrongArgument(f"Expected a name (argument '{slot}' of {primitive.name})", primitive.name)


def _shown(node: Node) -> str:
    text = write(node)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _key_of(node: Node) -> str | None:
    """The key of an expression's value, if it has one."""
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Call) and isinstance(node.head, Name) and node.head.text in BINDERS:
        key = node.arguments[0]
        return key.text if isinstance(key, Name) else key.value if isinstance(key, Text) else None
    return None


def _result(value: Value, key: str | None) -> Result:
    if isinstance(value, Frame):
        return FrameResult(value, key)
    if isinstance(value, float):
        return NumberResult(value)
    if isinstance(value, str):
        return StringResult(value)
    if isinstance(value, NumberList):
        return NumbersResult(tuple(value.expand()))
    if isinstance(value, TextList):
        return StringsResult(value.texts)
    return FunctionResult(value.name if isinstance(value, PrimitiveName) else str(value))
