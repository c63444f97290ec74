"""Typed parameters of model builders: each declared once, with all that clients and pages show of it.

A parameter is a field of a frozen pydantic model, annotated with its `Declaration`:

    epochs: Annotated[float, Declaration("double", Level.CRITICAL, "How often …", gridable=True)] = 10.0

From that follow the protocol's table of parameters (`specifications`), the choices of an enumeration, the
range check (`range_messages`), and the refusal of what this release cannot do (`unsupported_messages`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.fields import FieldInfo


class Level(StrEnum):
    """How prominently a parameter is offered."""

    CRITICAL = "critical"
    SECONDARY = "secondary"
    EXPERT = "expert"


class Severity(StrEnum):
    """What a message means: ERRR keeps the job from starting."""

    ERROR = "ERRR"
    WARNING = "WARN"
    INFO = "INFO"
    TRACE = "TRACE"


@dataclass(frozen=True, slots=True)
class Message:
    """What validation says about one parameter (`field`)."""

    severity: Severity
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Interval:
    """The valid values of a number, bounds included unless `open_low` or `open_high`.

    Finite ones, unless infinity is a bound.
    """

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False

    def __contains__(self, value: float) -> bool:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        above = value > low if self.open_low or self.low is None else value >= low
        below = value < high if self.open_high or self.high is None else value <= high
        return above and below

    def __str__(self) -> str:
        low = [] if self.low is None else [f"{'>' if self.open_low else '>='} {self.low:g}"]
        high = [] if self.high is None else [f"{'<' if self.open_high else '<='} {self.high:g}"]
        return " and ".join(low + high) or "finite"


FINITE = Interval()
"""All numbers but the infinite ones and NaN."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a parameter is, besides its name, Python type and default.

    type: the protocol's name of the type.
    frames: the parameters whose frames have the column that this parameter names.
    excludes: the parameters that must not name the same column.
    interval: the valid range of the number, or of each number in a list.
    supported: the values that this release can do; None means all.
    """

    type: str
    level: Level
    help: str
    gridable: bool = False
    frames: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    interval: Interval | None = None
    supported: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Specification:
    """One row of the protocol's table of parameters."""

    name: str
    label: str
    help: str
    type: str
    required: bool
    default: Any
    level: Level
    values: tuple[str, ...]
    gridable: bool
    is_member_of_frames: tuple[str, ...]
    is_mutually_exclusive_with: tuple[str, ...]


class ModelParameters(BaseModel):
    """What every algorithm takes. Values of enumerations are matched ignoring case and underscores."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model_id: Annotated[
        str | None,
        Declaration("Key<Model>", Level.CRITICAL, "Key under which the model is kept; made up if not given."),
    ] = None
    training_frame: Annotated[
        str | None, Declaration("Key<Frame>", Level.CRITICAL, "Key of the frame to train on.")
    ] = None
    validation_frame: Annotated[
        str | None,
        Declaration(
            "Key<Frame>", Level.CRITICAL, "Key of a frame to measure the model on while it trains.", True
        ),
    ] = None

    @field_validator("*", mode="before")
    @classmethod
    def _canonical(cls, value: Any, info: Any) -> Any:
        choices = _choices(cls.model_fields[info.field_name])
        return match_choice(value, choices) if choices and isinstance(value, str) else value


def declaration(parameters: type[ModelParameters], name: str) -> Declaration:
    """The declaration of one parameter. Raises KeyError if there is no such parameter."""
    return _declaration(parameters.model_fields[name])


@cache
def specifications(parameters: type[ModelParameters]) -> Mapping[str, Specification]:
    """The protocol's table of parameters by name, in the protocol's order."""
    return {name: _specification(name, field) for name, field in parameters.model_fields.items()}


def match_choice(value: str, choices: Iterable[str]) -> str:
    """The choice that equals `value` but for case and underscores; `value` itself if none does."""
    folded = value.replace("_", "").casefold()
    return next((choice for choice in choices if choice.replace("_", "").casefold() == folded), value)


def range_messages(parameters: ModelParameters) -> list[Message]:
    """An error for each number outside its interval (all finite ones if none is declared), with both."""
    return [
        Message(
            Severity.ERROR, name, f"{name} is {_shown(value)}, but must be {declared.interval or FINITE}."
        )
        for name, declared, value in _declared(parameters)
        if any(number not in (declared.interval or FINITE) for number in _numbers(value))
    ]


def unsupported_messages(parameters: ModelParameters) -> list[Message]:
    """An error for each parameter that is set to something this release cannot do yet."""
    return [
        Message(
            Severity.ERROR,
            name,
            f"{name} is {_shown(value)}, which is not available yet: use "
            + " or ".join(_shown(choice) for choice in declared.supported)
            + ".",
        )
        for name, declared, value in _declared(parameters)
        if declared.supported is not None and value not in declared.supported
    ]


def _declared(parameters: ModelParameters) -> Iterable[tuple[str, Declaration, Any]]:
    for name, field in type(parameters).model_fields.items():
        yield name, _declaration(field), getattr(parameters, name)


def _declaration(field: FieldInfo) -> Declaration:
    return next(item for item in field.metadata if isinstance(item, Declaration))


def _specification(name: str, field: FieldInfo) -> Specification:
    declared = _declaration(field)
    return Specification(
        name=name,
        label=name,
        help=declared.help,
        type=declared.type,
        required=field.is_required(),
        default=field.default,
        level=declared.level,
        values=_choices(field),
        gridable=declared.gridable,
        is_member_of_frames=declared.frames,
        is_mutually_exclusive_with=declared.excludes,
    )


def _choices(field: FieldInfo) -> tuple[str, ...]:
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()


def _numbers(value: Any) -> tuple[float, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(number for number in values if isinstance(number, float | int))


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return str(list(value))
    return "not set" if value is None else str(value)
