"""From the text of a query or form to the declared parameters of a request: one binder for all v3 routes.

A request is declared as a pydantic model. Its field types say how the text is read: `True`, `TRUE` and `1`
for bool; names of an enum in any case, with or without underscores; lists with or without quotes. What does
not fit is answered as H2O does (412, or 400 for an unknown choice) and names parameter, value and remedy.
"""

from __future__ import annotations

import difflib
import json
import types
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union
from urllib.parse import parse_qsl

from aquifer_cluster.errors import AquiferError, InvalidArgument
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from starlette.requests import Request

from aquifer_server.wire_text import MalformedText, WireValue, read_wire_text

MAX_FORM_BYTES = 64 << 20
MAX_PARAMETERS = 1000
_BOOLEANS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_NO_ITEM = (None, "", "None", "null")
"""How clients write that a list has nothing in a place."""
_TYPE_NAMES = {bool: "boolean", int: "long", float: "double"}

P = TypeVar("P", bound=BaseModel)


class Parameters(BaseModel):
    """Base of the declared requests: unknown parameters are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, protected_namespaces=(), validate_by_name=True, validate_by_alias=True
    )

    exclude_fields: str = Field("", alias="_exclude_fields", description="fields to leave out of the answer")


class MalformedRequest(AquiferError):
    """A body that cannot be read at all."""


class BodyTooLarge(AquiferError):
    """A body beyond what the server takes."""


class UnknownParameter(InvalidArgument):
    """A parameter that the request does not have; names the nearest that it has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = difflib.get_close_matches(name, list(known), 1)
        super().__init__(name, f"unknown parameter.{f' Did you mean {near[0]}?' if near else ''}")


class UnreadableValue(InvalidArgument):
    """A value that cannot be read as the parameter's type."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(name, f'cannot convert "{value}" to type {wanted}')


class UnreadableValues(InvalidArgument):
    """Several parameters that are unknown, or whose values cannot be read; it says all."""

    def __init__(self, faults: Sequence[InvalidArgument]) -> None:
        first, *others = faults
        super().__init__(first.name, "; ".join([first.message, *(str(fault) for fault in others)]))


class UnknownChoice(InvalidArgument):
    """A value that is none of the parameter's choices."""

    def __init__(self, name: str, value: object, choices: Iterable[object]) -> None:
        shown = [str(choice) for choice in choices]
        super().__init__(name, f'"{value}" is none of {", ".join(shown)}')


def bound(model: type[P]) -> Callable[[Request], Awaitable[P]]:
    """A dependency that reads a request's query and body as `model`."""

    async def read(request: Request) -> P:
        return bind(model, await parameters_of(request))

    return read


def bind(model: type[P], given: Mapping[str, Any]) -> P:
    """The `given` texts as a `model`. Raises InvalidArgument, mostly one of the kinds above."""
    try:
        return model.model_validate(read_values(model, given))
    except ValidationError as invalid:
        raise _first_fault(invalid) from invalid


def read_values(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """The `given` texts converted to the types of the model's fields; what is absent is left out."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    values, faults = {}, []
    for name, value in given.items():
        try:
            values[name] = _convert(name, value, _field(name, fields))
        except InvalidArgument as fault:
            faults.append(fault)
    if faults:
        raise faults[0] if len(faults) == 1 else UnreadableValues(faults)
    return values


async def parameters_of(request: Request) -> dict[str, Any]:
    """What the query and the body (a form, or a JSON object) say; the body wins."""
    given: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _limited_body(request)
    if not body:
        return given
    if kind == "application/json":
        return given | _json_object(body)
    if kind in ("application/x-www-form-urlencoded", ""):
        return given | _form(body)
    raise MalformedRequest(f"The body is {kind}: send application/x-www-form-urlencoded or application/json.")


async def _limited_body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise BodyTooLarge(f"The body is larger than the {MAX_FORM_BYTES} bytes that a form may have.")
    return bytes(body)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as failure:
        raise MalformedRequest(f"The body is no JSON: {failure}.") from failure
    if not isinstance(value, dict):
        raise MalformedRequest(f"The body must be a JSON object, not a {type(value).__name__}.")
    return {name: item for name, item in value.items() if item is not None}


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_PARAMETERS
        )
    except ValueError as failure:
        raise MalformedRequest(f"The body is no form: {failure}.") from failure
    return dict(pairs)


def _field(name: str, fields: Mapping[str, FieldInfo]) -> FieldInfo:
    if name not in fields:
        raise UnknownParameter(name, fields)
    return fields[name]


def _convert(name: str, value: Any, field: FieldInfo) -> Any:
    """One parameter's text in the type of its field."""
    wanted, optional = _without_none(field.annotation)
    if optional and (value is None or (value == "" and wanted is not str)):
        return None
    try:
        read = read_wire_text(value) if isinstance(value, str) and _structured(wanted) else value
    except MalformedText as fault:
        raise InvalidArgument(name, str(fault)) from fault
    nothing = read == [""] and typing.get_origin(wanted) in (list, tuple)  # R's way of writing no item at all
    return _as(name, wanted, [] if nothing else read)


def _as(name: str, wanted: Any, value: WireValue) -> Any:
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (list, tuple):
        items = value if isinstance(value, list) else [value]
        item_type, optional = _without_none(arguments[0])
        return [None if optional and item in _NO_ITEM else _as(name, item_type, item) for item in items]
    if origin is dict or wanted is dict:
        return value
    if origin is Literal:
        return _choice(name, value, {str(choice): choice for choice in arguments})
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _choice(name, value, {str(choice.value): choice for choice in wanted})
    if wanted in _TYPE_NAMES:
        return _scalar(name, wanted, str(value).strip())
    return value


def _scalar(name: str, wanted: type, text: str) -> bool | int | float:
    try:
        if wanted is bool:
            return _BOOLEANS[text.lower()]
        number = float(text)
        if wanted is float:
            return number
        return int(text) if text.lstrip("+-").isdigit() else _whole(number)
    except (KeyError, ValueError, OverflowError):
        raise UnreadableValue(name, text, _TYPE_NAMES[wanted]) from None


def _whole(number: float) -> int:
    if not number.is_integer():
        raise ValueError(f"{number} is not whole")
    return int(number)


def _choice(name: str, value: Any, choices: Mapping[str, Any]) -> Any:
    plain = {_plain(text): choice for text, choice in choices.items()}
    try:
        return plain[_plain(str(value))]
    except KeyError:
        raise UnknownChoice(name, value, choices) from None


def _plain(text: str) -> str:
    return text.strip().replace("_", "").lower()


def _structured(wanted: Any) -> bool:
    return typing.get_origin(wanted) in (list, tuple, dict) or wanted is dict


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """The type without `Annotated` and `| None`, and whether None was allowed."""
    if typing.get_origin(annotation) is Annotated:
        return _without_none(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (Union, types.UnionType):
        members = typing.get_args(annotation)
        kept = [member for member in members if member is not type(None)]
        if len(kept) == 1:
            return _without_none(kept[0])[0], len(kept) < len(members)
    return annotation, False


def _first_fault(invalid: ValidationError) -> InvalidArgument:
    fault = invalid.errors()[0]
    name = str(fault["loc"][0]) if fault["loc"] else invalid.title
    if fault["type"] == "missing":
        return InvalidArgument(name, "this parameter is required")
    return InvalidArgument(name, fault["msg"])
