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


class RapidsError(AquiferError):
    """Base of the errors of the expression language; `status` is the answer's status code."""

    status: ClassVar[int] = 400


class IllegalExpression(RapidsError):
    """The text is no expression."""


class LookupFailed(RapidsError):
    """A name that is neither a key, a primitive nor an argument of the function at hand."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Name lookup of '{name}' failed")
        self.name = name


class WrongArgument(RapidsError):
    """An argument of the wrong kind or value, or the wrong number of them; names the primitive."""


class Unimplemented(RapidsError):
    """An operation that these operands do not have."""

    status: ClassVar[int] = 412
