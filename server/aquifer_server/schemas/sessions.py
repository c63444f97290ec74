"""Sessions."""

from __future__ import annotations

from pydantic import BaseModel, Field

from aquifer_server.schemas.base import Answer


class SessionIdV4(BaseModel):
    """A new session; version 4 of the protocol names its schema in one string."""

    schema_path: str = Field(default="/4/schemas/SessionIdV4", serialization_alias="__schema")
    session_key: str


class InitIDV3(Answer):
    """A session, begun or ended."""

    session_key: str
    session_properties_allowed: bool = True


class SessionPropertyV3(Answer):
    """A property of a session."""

    session_key: str
    key: str
    value: str | None
