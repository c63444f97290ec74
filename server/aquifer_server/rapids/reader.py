"""From the text of an expression to its tree, without recursion and without evaluating anything.

expression = ( expression expression … ) | { name … . expression } | [ list ] | number | string | name
list       = numbers and runs `start:count[:step]` | strings
number     = as Python writes them, nan, True, False (also NA, TRUE, true …)
string     = in single or double quotes, with the escapes of Python
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aquifer_server.rapids.ast import (
    MAX_DEPTH,
    Call,
    Function,
    Name,
    Node,
    Number,
    NumberList,
    Span,
    Text,
    TextList,
)
from aquifer_server.rapids.errors import IllegalExpression

CONSTANTS = {
    "True": 1.0,
    "TRUE": 1.0,
    "true": 1.0,
    "False": 0.0,
    "FALSE": 0.0,
    "false": 0.0,
    "nan": math.nan,
    "NaN": math.nan,
    "NA": math.nan,
    "Pi": math.pi,
    "PI": math.pi,
    "E": math.e,
}
"""Words that are numbers, wherever they stand."""

MAX_TOKENS = 1_000_000
"""Brackets, words and strings that an expression may consist of: each takes hundreds of bytes when read."""

_TOKEN = re.compile(
    r"""[\s,]*(?:(?P<punctuation>[()\[\]{}])|(?P<quote>['"])|(?P<word>[^\s,()\[\]{}'"]+))""", re.VERBOSE
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))", re.DOTALL
)
_ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class _Token:
    kind: str  # one of the brackets, "string" or "word"
    text: str
    at: int


@dataclass
class _Open:
    """A bracket that is not closed yet, and what stands in it so far."""

    bracket: str
    at: int
    items: list[Node] = field(default_factory=list)
    parameters: list[str] | None = None
    """Of a function: its names so far; None once the dot has been seen or where it is no function."""
    names: tuple[str, ...] = ()


def read(text: str) -> Node:
    """Read one expression. Raises IllegalExpression, which says what was wrong and where."""
    stack: list[_Open] = []
    result: Node | None = None
    for count, token in enumerate(_tokens(text)):
        if count >= MAX_TOKENS:
            raise IllegalExpression(f"The expression has more than {MAX_TOKENS:,} words; split it up")
        if result is not None:
            raise IllegalExpression(f"Syntax error: illegal Rapids expression `{_shown(text)}`")
        if token.kind in _CLOSING:
            stack.append(_opened(token, stack))
            continue
        node = _closed(token, stack) if token.kind in ")]}" else _atom(token, stack)
        if node is None:
            continue
        if stack:
            stack[-1].items.append(node)
        else:
            result = node
    if result is None:
        raise IllegalExpression("Expected an expression but ran out of text")
    return result


def _opened(token: _Token, stack: list[_Open]) -> _Open:
    if len(stack) >= MAX_DEPTH:
        raise IllegalExpression(f"The expression is nested more than {MAX_DEPTH} deep; split it up")
    if stack and stack[-1].bracket == "[":
        raise IllegalExpression(f"A list holds numbers or strings, but found '{token.kind}' at {token.at}")
    if stack and stack[-1].parameters is not None:
        raise IllegalExpression(
            f"Expected a dot after the function's names, found '{token.kind}' at {token.at}"
        )
    return _Open(token.kind, token.at, parameters=[] if token.kind == "{" else None)


def _closed(token: _Token, stack: list[_Open]) -> Node:
    if not stack or _CLOSING[stack[-1].bracket] != token.kind:
        expected = f"'{_CLOSING[stack[-1].bracket]}'" if stack else "an expression"
        raise IllegalExpression(f"Expected {expected}. Got: '{token.kind}' at {token.at}")
    group = stack.pop()
    if group.bracket == "(":
        if not group.items:
            raise IllegalExpression(f"Expected a function after '(' at {group.at}, but found ')'")
        return Call(group.items[0], tuple(group.items[1:]))
    if group.bracket == "[":
        return _list(group)
    if group.parameters is not None or len(group.items) != 1:
        raise IllegalExpression(
            f"A function is {{ names . expression }}, but found another form at {group.at}"
        )
    return Function(group.names, group.items[0])


def _list(group: _Open) -> Node:
    texts = tuple(item.value for item in group.items if isinstance(item, Text))
    if texts and len(texts) == len(group.items):
        return TextList(texts)
    spans = tuple(span for item in group.items if isinstance(item, NumberList) for span in item.spans)
    if len(spans) != len(group.items):
        raise IllegalExpression(f"The list at {group.at} mixes numbers and strings")
    return NumberList(spans)


def _atom(token: _Token, stack: list[_Open]) -> Node | None:
    """A string, number or name; None for what belongs to the head of a function."""
    group = stack[-1] if stack else None
    if group and group.parameters is not None:
        _head(token, group)
        return None
    if token.kind == "string":
        return Text(token.text)
    if group and group.bracket == "[":
        return NumberList((_span(token),))
    number = _number(token.text)
    return Name(token.text) if number is None else Number(number)


def _head(token: _Token, group: _Open) -> None:
    """One word between `{` and `.`."""
    assert group.parameters is not None
    if token.kind == "word" and token.text == ".":
        group.names, group.parameters = tuple(group.parameters), None
    elif token.kind == "word" and token.text.isidentifier():
        group.parameters.append(token.text)
    else:
        raise IllegalExpression(
            f"A function's variable must be an identifier, found '{token.text}' at {token.at}"
        )


def _span(token: _Token) -> Span:
    numbers = [_number(part) for part in token.text.split(":")]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(known) > 3:
        raise IllegalExpression(f"Expected a number in a list, found '{token.text}' at {token.at}")
    if len(known) == 1:
        return Span(known[0])
    count = math.inf if math.isnan(known[1]) else known[1]
    step = known[2] if len(known) == 3 else 1.0
    if math.isnan(known[0]) or count < 0 or (count != math.inf and count % 1) or not step > 0:
        raise IllegalExpression(
            f"A run is start:count[:step] with a count of 0 or more and a step above 0, found '{token.text}'"
        )
    return Span(known[0], count, step)


def _number(word: str) -> float | None:
    if word in CONSTANTS:
        return CONSTANTS[word]
    return float(word) if _NUMBER.fullmatch(word) else None


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found["quote"]:
            start = found.start("quote")
            at = _string_end(text, start)
            yield _Token("string", _unescaped(text[start + 1 : at - 1]), start)
        elif found["punctuation"]:
            yield _Token(found["punctuation"], found["punctuation"], found.start("punctuation"))
        else:
            yield _Token("word", found["word"], found.start("word"))


def _string_end(text: str, start: int) -> int:
    quote, at = text[start], start + 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    if at >= len(text):
        raise IllegalExpression(f"Unterminated string at {start}")
    return at + 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_replacement, text) if "\\" in text else text


def _replacement(match: re.Match[str]) -> str:
    hexadecimal, octal, character = match[1] or match[2] or match[3], match[4], match[5]
    if hexadecimal or octal:
        code = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise IllegalExpression(f"Invalid character {match[0]} in a string")
        return chr(code)
    if character not in _ESCAPED:
        raise IllegalExpression(f"Invalid escape sequence \\{character}")
    return _ESCAPED[character]


def _shown(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"
