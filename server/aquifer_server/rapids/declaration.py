"""What a primitive is: one declaration, from which checks and error texts are derived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import Kind, Mismatch

REQUIRED: Any = object()


@dataclass(frozen=True)
class Argument:
    """One argument: a default makes it optional (and those after it must be, too)."""

    name: str
    kind: Kind
    default: Any = REQUIRED


@dataclass(frozen=True)
class Primitive:
    """A primitive of the language.

    `run(context, *arguments)` gets the arguments as their kinds make them; the last `repeating` arguments
    may come any number of times (at `least` so often) and arrive as one list of tuples. `result` is in words.
    """

    name: str
    arguments: tuple[Argument, ...]
    result: str
    summary: str
    run: Callable[..., Any]
    repeating: int = 0
    least: int = 1

    def slots(self, given: int) -> Sequence[Argument]:
        """The declared argument for each of the given ones. Raises WrongArgument if their number is wrong."""
        if not self.takes(given):
            raise WrongArgument(f"{self.signature} takes {self._arity()}, but was given {given}", self.name)
        fixed = self.arguments[: len(self.arguments) - self.repeating]
        if not self.repeating:
            return self.arguments[:given]
        group = self.arguments[len(fixed) :]
        return [*fixed, *(group[i % self.repeating] for i in range(given - len(fixed)))]

    def takes(self, given: int) -> bool:
        """Whether the primitive can be called with this number of arguments."""
        if self.repeating:
            more = given - len(self.arguments) + self.repeating * (1 - self.least)
            return more >= 0 and more % self.repeating == 0
        return self._required <= given <= len(self.arguments)

    def bind(self, values: Sequence[Any]) -> list[Any]:
        """The arguments of `run` from evaluated values. Raises WrongArgument naming the argument."""
        slots = self.slots(len(values))
        accepted = [self._accept(slot, value) for slot, value in zip(slots, values, strict=True)]
        if not self.repeating:
            return accepted + [argument.default for argument in self.arguments[len(values) :]]
        fixed = len(self.arguments) - self.repeating
        return [*accepted[:fixed], list(_grouped(accepted[fixed:], self.repeating))]

    @property
    def signature(self) -> str:
        """How it is written: `(append frame value name …)`."""
        words = [
            f"[{argument.name}]" if argument.default is not REQUIRED else argument.name
            for argument in self.arguments
        ]
        return f"({' '.join([self.name, *words])}{' …' if self.repeating else ''})"

    @property
    def _required(self) -> int:
        return sum(argument.default is REQUIRED for argument in self.arguments)

    def _arity(self) -> str:
        most = len(self.arguments) - self.repeating * (1 - self.least)
        count = f"{most} or more" if self.repeating else f"{most}"
        if self._required < most:
            count = f"{self._required} to {most}"
        return f"{count} argument{'' if count == '1' else 's'}"

    def _accept(self, slot: Argument, value: Any) -> Any:
        try:
            return slot.kind.accept(value)
        except Mismatch as mismatch:
            message = f"{mismatch} (argument '{slot.name}' of {self.name})"
            raise WrongArgument(message, self.name) from None


def _grouped(values: Sequence[Any], size: int) -> Iterator[tuple[Any, ...]]:
    for i in range(0, len(values), size):
        yield tuple(values[i : i + size])
