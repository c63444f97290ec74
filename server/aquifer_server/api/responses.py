"""Answers that are written by the thread that made them."""

from __future__ import annotations

from starlette.responses import Response

from aquifer_server.schemas.base import Schema


def json_response(answer: Schema) -> Response:
    """The answer as JSON; large ones must not be written in the event loop."""
    return Response(answer.json_bytes(), media_type="application/json")
