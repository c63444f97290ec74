"""Errors on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SerializeAsAny

from aquifer_server.schemas.base import Schema


class ValidationMessageV3(Schema, schema_type="ValidationMessage"):
    """What the check of a parameter found; `message_type` is ERRR, WARN, INFO or TRACE."""

    message_type: str
    field_name: str
    message: str


class H2OErrorV3(Schema, schema_type="H2OError"):
    """Why a request failed. The `msg` fields are never null: clients edit them unseen."""

    timestamp: int = Field(description="milliseconds since the epoch")
    error_url: str = Field(description="what was requested")
    msg: str = Field(description="what went wrong and what would be right, for the user")
    dev_msg: str = Field(description="the same with details for developers")
    http_status: int = Field(description="HTTP status")
    values: dict[str, Any] = Field(default_factory=dict, description="the culprits by name")
    exception_type: str = Field(description="kind of error")
    exception_msg: str = Field(description="message of the error itself")
    stacktrace: list[str] = Field(
        default_factory=list, description="what failed; the traceback itself is in the server's log"
    )


class H2OModelBuilderErrorV3(H2OErrorV3, schema_type="H2OModelBuilderError"):
    """Why a model could not be built: all that is wrong with its parameters at once."""

    parameters: SerializeAsAny[Schema] | None = Field(default=None, description="the parameters as read")
    messages: list[ValidationMessageV3] = Field(default_factory=list, description="what was found")
    error_count: int = Field(default=0, description="how many of the messages are errors")
