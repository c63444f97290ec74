"""What an expression gave; clients tell the kinds apart by which fields are there."""

from __future__ import annotations

from pydantic import SerializeAsAny

from aquifer_server.schemas.base import Answer
from aquifer_server.schemas.keys import KeyV3


class RapidsSchemaV3(Answer):
    """What all kinds repeat of the request."""

    ast: str | None = None
    session_id: str | None = None
    id: str | None = None


class RapidsFrameV3(RapidsSchemaV3):
    """A frame."""

    key: SerializeAsAny[KeyV3] | None
    num_rows: int
    num_cols: int


class RapidsNumberV3(RapidsSchemaV3):
    """A number."""

    scalar: float


class RapidsNumbersV3(RapidsSchemaV3):
    """A list of numbers."""

    scalar: list[float]


class RapidsStringV3(RapidsSchemaV3):
    """A string."""

    string: str


class RapidsStringsV3(RapidsSchemaV3):
    """A list of strings."""

    string: list[str]


class RapidsFunctionV3(RapidsSchemaV3):
    """A function, as text."""

    funstr: str
