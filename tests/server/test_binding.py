"""Text becomes the declared types; what does not fit names itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import pytest
from aquifer_cluster.errors import InvalidArgument
from aquifer_server.binding import Parameters, UnknownChoice, UnknownParameter, UnreadableValue, bind
from pydantic import Field


class Colour(StrEnum):
    DARK_RED = "DarkRed"
    BLUE = "Blue"


class Example(Parameters):
    flag: bool = False
    count: int | None = None
    size: float = Field(1.0, gt=0)
    name: str | None = None
    names: list[str] | None = None
    layers: tuple[int, ...] = (200, 200)
    missing: list[list[str]] | None = None
    colour: Colour = Colour.BLUE
    header: Literal[-1, 0, 1] = 0
    map: dict[str, Any] | None = None


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        *[("flag", text, True) for text in ("True", "TRUE", "true", "T", "1")],
        *[("flag", text, False) for text in ("False", "FALSE", "false", "0")],
        ("count", "44", 44),
        ("count", "-1", -1),
        ("count", "1e6", 1_000_000),
        ("count", "9007199254740993", 9007199254740993),
        ("count", "", None),
        ("size", "1e-05", 1e-5),
        ("size", "3.4028235e+38", 3.4028235e38),
        ("name", "[not a list", "[not a list"),
        ("names", "[a,b]", ["a", "b"]),
        ("names", '["a","b"]', ["a", "b"]),
        ("names", "alone", ["alone"]),
        ("names", '[""]', []),
        ("names", '["","b"]', ["", "b"]),
        ("names", "[]", []),
        ("layers", "[32, 32,32]", (32, 32, 32)),
        ("layers", "7", (7,)),
        ("missing", '[["0"],[],["NA","-"]]', [["0"], [], ["NA", "-"]]),
        ("missing", '[[""],["a",""]]', [[""], ["a", ""]]),
        ("missing", '[""]', []),
        ("colour", "dark_red", Colour.DARK_RED),
        ("colour", "DARKRED", Colour.DARK_RED),
        ("header", "-1", -1),
        ("map", '{"k": [1]}', {"k": ["1"]}),
        ("count", 7, 7),
        ("flag", True, True),
        ("names", ["x"], ["x"]),
    ],
)
def test_text_is_read_as_the_declared_type(field: str, text: Any, value: Any) -> None:
    assert getattr(bind(Example, {field: text}), field) == value


@pytest.mark.parametrize(
    ("field", "text", "kind", "names"),
    [
        ("flag", "yes", UnreadableValue, "yes"),
        ("count", "abc", UnreadableValue, "abc"),
        ("count", "1.5", UnreadableValue, "1.5"),
        ("count", "inf", UnreadableValue, "inf"),
        ("size", "big", UnreadableValue, "double"),
        ("layers", "[3,x]", UnreadableValue, "x"),
        ("colour", "green", UnknownChoice, "DarkRed, Blue"),
        ("header", "2", UnknownChoice, "-1, 0, 1"),
        ("names", "[a", InvalidArgument, "']'"),
        ("size", "-2", InvalidArgument, "greater than 0"),
        ("nams", "[a]", UnknownParameter, "names"),
        ("zzz", "1", UnknownParameter, "unknown"),
    ],
)
def test_what_does_not_fit_names_parameter_and_remedy(
    field: str, text: str, kind: type[InvalidArgument], names: str
) -> None:
    with pytest.raises(kind) as refused:
        bind(Example, {field: text})
    assert refused.value.name == field
    assert field in str(refused.value)
    assert names in str(refused.value)


def test_an_absent_parameter_has_its_default() -> None:
    assert bind(Example, {}) == Example()


def test_a_required_parameter_must_be_there() -> None:
    class Needy(Parameters):
        key: str

    with pytest.raises(InvalidArgument, match="key: this parameter is required"):
        bind(Needy, {})
