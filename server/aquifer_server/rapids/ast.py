"""The tree that an expression is read into."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aquifer_server.rapids.errors import WrongArgument

MAX_EXPANDED = 1_000_000
MAX_DEPTH = 200
"""How deep expressions may nest, in the text and in calls: well within what Python's stack holds."""


@dataclass(frozen=True)
class Span:
    """A run of numbers: `count` (may be infinite: to the end) of them from `start` in steps of `step`."""

    start: float
    count: float = 1
    step: float = 1

    def range(self, end: int) -> range:
        """The whole numbers of the run, an open one up to `end`. Raises WrongArgument for fractions."""
        if not (float(self.start).is_integer() and float(self.step).is_integer()):
            raise WrongArgument(f"Expected whole numbers, but found {self.start:g} in steps of {self.step:g}")
        start, step = int(self.start), int(self.step)
        if math.isinf(self.count):
            return range(start, end, step)
        return range(start, start + int(self.count) * step, step)


@dataclass(frozen=True)
class NumberList:
    """`[0 2 5:10]`: numbers, runs of them kept as runs."""

    spans: tuple[Span, ...] = ()

    def __len__(self) -> int:
        return len(self.spans)

    def expand(self) -> Iterator[float]:
        """All numbers, one by one. Raises WrongArgument for an open or an enormous run."""
        total = sum(span.count if span.start == span.start else 1 for span in self.spans)
        if total > MAX_EXPANDED:
            raise WrongArgument(f"A list of {total:g} numbers is too long here; at most {MAX_EXPANDED}")
        for span in self.spans:
            for i in range(int(span.count)):
                yield span.start + i * span.step if i else span.start


@dataclass(frozen=True)
class TextList:
    """`['a' 'b']`."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Number:
    """A number; True and False are 1 and 0."""

    value: float


@dataclass(frozen=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True)
class Name:
    """A bare word."""

    text: str


@dataclass(frozen=True)
class Call:
    """`(head argument …)`."""

    head: Node
    arguments: Sequence[Node]


@dataclass(frozen=True)
class Function:
    """`{ x y . body }`."""

    parameters: tuple[str, ...]
    body: Node

    def __str__(self) -> str:
        return f"{{ {' '.join(self.parameters)} . {write(self.body)} }}"


Node = NumberList | TextList | Number | Text | Name | Call | Function


def write(node: Node) -> str:
    """The tree as text again."""
    match node:
        case Call():
            return f"({' '.join(write(part) for part in (node.head, *node.arguments))})"
        case NumberList():
            return f"[{' '.join(_write_span(span) for span in node.spans)}]"
        case TextList():
            return f"[{' '.join(repr(text) for text in node.texts)}]"
        case Number():
            return f"{node.value:.17g}"
        case Text():
            return repr(node.value)
        case Name():
            return node.text
        case Function():
            return str(node)


def _write_span(span: Span) -> str:
    if span.count == 1:
        return f"{span.start:.17g}"
    count = "nan" if math.isinf(span.count) else f"{span.count:.17g}"
    return f"{span.start:.17g}:{count}" + (f":{span.step:.17g}" if span.step != 1 else "")
