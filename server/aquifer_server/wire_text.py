r"""How clients write lists and maps as text: `[a,b]`, `["a","b"]`, `[[8,8],[4]]`, `{'key': "k", 'value': 1}`.

It resembles JSON and Java's `toString`, and is neither: quotes are optional and may be single or double.

    value  =  list | map | quoted | bare
    list   =  "[" [ value { "," value } ] "]"
    map    =  "{" [ value (":" | "=") value { "," value (":" | "=") value } ] "}"
    bare   =  any text without the marks that could end it here
"""

from __future__ import annotations

import re
from typing import TypeAlias

WireValue: TypeAlias = "str | list[WireValue] | dict[str, WireValue]"

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_LEAF_ENDS = {"list": re.compile(r"[^,\]]*"), "key": re.compile(r"[^:=]*"), "value": re.compile(r"[^,}]*")}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
MAX_DEPTH = 32


class MalformedText(ValueError):
    """Text that is no list or map; says where it goes wrong."""


def read_wire_text(text: str) -> WireValue:
    """Read a list, a map or a single value; leaves stay text. Raises MalformedText."""
    stripped = text.strip()
    if not stripped.startswith(("[", "{", '"', "'")):
        return stripped
    reader = _Reader(stripped)
    value = reader.value("list", 0)
    if reader.position < len(stripped):
        raise reader.malformed("the end")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def value(self, place: str, depth: int) -> WireValue:
        self._skip_space()
        mark = self.text[self.position : self.position + 1]
        if depth > MAX_DEPTH:
            raise MalformedText(f"lists are nested more than {MAX_DEPTH} deep")
        if mark == "[":
            return self._list(depth)
        if mark == "{":
            return self._map(depth)
        if mark in ('"', "'"):
            return self._quoted()
        leaf = _LEAF_ENDS[place].match(self.text, self.position)
        assert leaf is not None
        self.position = leaf.end()
        return leaf[0].strip()

    def _list(self, depth: int) -> list[WireValue]:
        items: list[WireValue] = []
        self.position += 1
        if self._take("]"):
            return items
        while True:
            items.append(self.value("list", depth + 1))
            if self._take("]"):
                return items
            self._expect(",", "',' or ']'")

    def _map(self, depth: int) -> dict[str, WireValue]:
        entries: dict[str, WireValue] = {}
        self.position += 1
        if self._take("}"):
            return entries
        while True:
            key = self.value("key", depth + 1)
            if not isinstance(key, str):
                raise self.malformed("a name")
            if not self._take("="):
                self._expect(":", "':'")
            entries[key] = self.value("value", depth + 1)
            if self._take("}"):
                return entries
            self._expect(",", "',' or '}'")

    def _quoted(self) -> str:
        found = _QUOTED.match(self.text, self.position)
        if found is None:
            raise self.malformed("a closing quote")
        self.position = found.end()
        inside = found[1] if found[1] is not None else found[2]
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), inside, flags=re.DOTALL)

    def _take(self, mark: str) -> bool:
        self._skip_space()
        if self.text.startswith(mark, self.position):
            self.position += 1
            return True
        return False

    def _expect(self, mark: str, wanted: str) -> None:
        if not self._take(mark):
            raise self.malformed(wanted)

    def _skip_space(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def malformed(self, wanted: str) -> MalformedText:
        return MalformedText(f"expected {wanted} at character {self.position + 1} of {self.text[:80]!r}")
