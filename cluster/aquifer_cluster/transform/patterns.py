"""Regular expressions as H2O's users write them: in Java's way, on columns of text.

Two engines: RE2, which Arrow runs over whole arrays, and the `regex` module for what RE2 does not know
(look-around, back-references, possessive quantifiers) or does otherwise (empty matches). The latter looks
at each different text once, without holding the interpreter, and gives up on a text after SECONDS_PER_TEXT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex
from numpy.typing import NDArray

from aquifer_cluster.errors import InvalidArgument

SECONDS_PER_TEXT = 1.0
_JAVA_CLASSES = "Alpha|Digit|Alnum|Punct|Graph|Print|Blank|Cntrl|XDigit|Space|Lower|Upper"
_JAVA = regex.compile(
    rf"(?s)\\Q(?P<quoted>.*?)(?:\\E|$)|\\(?P<sign>[pP])\{{(?P<name>{_JAVA_CLASSES})\}}|\\.|(?P<bracket>\[\^?|\])"
)
_REPLACEMENT = regex.compile(
    r"(?s)\\(?P<literal>.)|\$\{(?P<name>\w+)\}|\$(?P<digits>\d+)|(?P<bad>[\\$])|[^\\$]+"
)
_MOST_GROUPS_OF_RE2 = 9

Template = tuple[str | int, ...]
"""What a match is replaced with: texts, and numbers of groups."""


@dataclass(frozen=True)
class Pieces:
    """What texts were split into: row i has `counts[i]` of the texts in `flat`, from `starts[i]` on."""

    flat: pa.Array
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    def nth(self, number: int) -> pa.Array:
        """The piece of that number of each row; null where there are not so many."""
        return self.flat.take(pa.array(self.starts + number, mask=self.counts <= number))


@dataclass(frozen=True)
class Pattern:
    """A regular expression; `of` checks it."""

    text: str
    ignore_case: bool = False

    @classmethod
    def of(cls, text: str, ignore_case: bool = False) -> Pattern:
        """Raises InvalidArgument, saying what is wrong with the pattern and where."""
        pattern = cls(_from_java(text), ignore_case)
        try:
            _ = pattern._compiled
        except regex.error as failure:
            raise InvalidArgument("pattern", f"'{text}' is no regular expression: {failure}") from None
        return pattern

    def found(self, texts: pa.Array) -> pa.Array:
        """Whether each text has a match; null for null."""
        if _is_known_to_re2(self.text):
            return pc.match_substring_regex(texts, self.text, ignore_case=self.ignore_case)
        return over_distinct(texts, lambda text: self._search(text) is not None, pa.bool_())

    def replaced(self, texts: pa.Array, template: Template, first_only: bool) -> pa.Array:
        """Each text with its first match or all matches replaced."""
        if self._runs_on_re2 and all(isinstance(p, str) or p <= _MOST_GROUPS_OF_RE2 for p in template):
            rewrite = "".join(p.replace("\\", "\\\\") if isinstance(p, str) else f"\\{p}" for p in template)
            flagged = f"(?i:{self.text})" if self.ignore_case else self.text
            return pc.replace_substring_regex(
                texts, flagged, rewrite, max_replacements=1 if first_only else None
            )
        return over_distinct(texts, lambda text: self._substituted(text, template, first_only), pa.string())

    def split(self, texts: pa.Array) -> Pieces:
        """The pieces of each text between the matches; empty pieces at the end are left out.

        As Java's String.split: a text without a match is one piece, an empty match at the start splits off
        nothing.
        """
        if self._runs_on_re2:
            return _pieces_of(pc.split_pattern_regex(texts, self.text))
        return _pieces_of(over_distinct(texts, self._pieces, pa.list_(pa.string())))

    def template(self, replacement: str) -> Template:
        """A replacement as Java reads it: `$1`, `$0` and `${name}` are groups, `\\` takes the next literally.

        Raises InvalidArgument for a group that the pattern lacks.
        """
        return tuple(self._parts(replacement))

    @property
    def _compiled(self) -> Any:
        return _compiled(self.text, self.ignore_case)

    @property
    def _runs_on_re2(self) -> bool:
        """Whether RE2 finds the same matches: it treats empty ones next to others in its own way."""
        may_be_empty = "\\b" in self.text or "\\B" in self.text or self._compiled.search("") is not None
        return not may_be_empty and _is_known_to_re2(self.text)

    def _search(self, text: str) -> Any:
        return self._compiled.search(text, timeout=SECONDS_PER_TEXT, concurrent=True)

    def _substituted(self, text: str, template: Template, first_only: bool) -> str:
        def fill(match: Any) -> str:
            return "".join(part if isinstance(part, str) else match[part] or "" for part in template)

        count = 1 if first_only else 0
        found: str = self._compiled.sub(fill, text, count=count, timeout=SECONDS_PER_TEXT, concurrent=True)
        return found

    def _pieces(self, text: str) -> list[str]:
        pieces, start = [], 0
        for match in self._compiled.finditer(text, timeout=SECONDS_PER_TEXT, concurrent=True):
            if match.end() > 0:
                pieces.append(text[start : match.start()])
                start = match.end()
        return [*pieces, text[start:]]

    def _parts(self, replacement: str) -> Iterator[str | int]:
        for part in _REPLACEMENT.finditer(replacement):
            if part["literal"] is not None:
                yield part["literal"]
            elif part["name"] is not None:
                yield self._group_of_name(part["name"])
            elif part["digits"] is not None:
                yield from self._group_of_digits(part["digits"])
            elif part["bad"] is not None:
                raise InvalidArgument(
                    "replacement", f"a {part[0]} stands alone; write \\{part[0]} for itself"
                )
            else:
                yield part[0]

    def _group_of_name(self, name: str) -> int:
        if name not in self._compiled.groupindex:
            raise InvalidArgument("replacement", f"the pattern has no group '{name}'")
        return int(self._compiled.groupindex[name])

    def _group_of_digits(self, digits: str) -> Iterator[str | int]:
        """The longest number that is a group; the digits behind it stand for themselves."""
        for end in range(len(digits), 0, -1):
            if int(digits[:end]) <= self._compiled.groups:
                yield int(digits[:end])
                yield digits[end:]
                return
        raise InvalidArgument("replacement", f"the pattern has no group {digits[0]}")


def over_distinct(texts: pa.Array, function: Callable[[str], Any], type: pa.DataType) -> pa.Array:
    """`function` of each text, called once for each different one; null for null.

    Raises InvalidArgument if a pattern takes too long.
    """
    encoded = texts.dictionary_encode()
    try:
        values = [function(text) for text in encoded.dictionary.to_pylist()]
    except TimeoutError:
        raise InvalidArgument(
            "pattern", f"it needs more than {SECONDS_PER_TEXT:g} s for a single text; make it less ambiguous"
        ) from None
    return pa.array(values, type).take(encoded.indices)


@lru_cache(maxsize=64)
def _compiled(text: str, ignore_case: bool) -> Any:
    return regex.compile(text, regex.ASCII | (regex.IGNORECASE if ignore_case else 0))


@lru_cache(maxsize=64)
def _is_known_to_re2(text: str) -> bool:
    try:
        pc.match_substring_regex(pa.array([""]), text)
    except pa.ArrowInvalid:
        return False
    return True


def _from_java(text: str) -> str:
    """The pattern without Java's own words: `\\Q…\\E` and `\\p{Alpha}` are written in the common way."""
    depth = 0

    def translated(found: Any) -> str:
        nonlocal depth
        if found["bracket"]:
            depth = max(0, depth + (-1 if found["bracket"] == "]" else 1))
        if found["quoted"] is not None:
            return str(regex.escape(found["quoted"]))
        if found["name"] is None:
            return str(found[0])
        members = f"[:{'^' if found['sign'] == 'P' else ''}{found['name'].lower()}:]"
        return members if depth else f"[{members}]"

    return str(_JAVA.sub(translated, text))


def _pieces_of(lists: pa.Array) -> Pieces:
    """The lists without the empty texts at their ends; a list of one stays as it is."""
    flat, starts = lists.values, lists.offsets.to_numpy()[:-1].astype(np.int64)
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    several = counts > 1
    if several.any():
        known = np.asarray(pc.not_equal(flat, ""))
        last_known = np.maximum.accumulate(np.where(known, np.arange(len(flat)), -1))
        kept = last_known[starts[several] + counts[several] - 1] - starts[several] + 1
        counts[several] = np.maximum(kept, 0)
    return Pieces(flat, starts, counts)
