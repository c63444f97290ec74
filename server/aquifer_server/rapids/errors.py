"""What can be wrong with an expression.

RapidsError             400
├── IllegalExpression   it cannot be read
├── LookupFailed        a name that stands for nothing
├── WrongArgument       a primitive was given something that it does not take
└── Unimplemented       412: the operation does not exist for these operands
"""

from __future__ import annotations

from typing import ClassVar

from aquifer_cluster.errors import AquiferError

_SHOWN = 200
"""How much of a name a message repeats."""


class RapidsError(AquiferError):
    """Base of the errors of the expression language; `status` is the answer's status code."""

    status: ClassVar[int] = 400


class IllegalExpression(RapidsError):
    """The text is no expression."""


class LookupFailed(RapidsError):
    """A name that is neither a key, a primitive nor an argument of the function at hand."""

    def __init__(self, name: str) -> None:
        self.name = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        super().__init__(f"Name lookup of '{self.name}' failed")


class WrongArgument(RapidsError):
    """An argument of the wrong kind or value, or the wrong number of them; names the primitive.

    `operation` is the primitive that the message names; what does not know it leaves that to `within`.
    """

    def __init__(self, message: str, operation: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation

    def within(self, operation: str) -> WrongArgument:
        """The error with the name of the primitive in which it arose, the innermost one."""
        return self if self.operation else WrongArgument(f"{operation}: {self}", operation)


class Unimplemented(RapidsError):
    """An operation that these operands do not have."""

    status: ClassVar[int] = 412
