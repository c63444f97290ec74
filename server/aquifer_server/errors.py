"""Every error becomes an answer here and nowhere else: a status, H2O's error form, a message."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog
from aquifer_cluster.errors import (
    AquiferError,
    ColumnNotFound,
    InvalidArgument,
    KeyNotFound,
    KeyTaken,
    MemoryExceeded,
    NodeLost,
    ParseFailure,
    SourceNotFound,
    TargetRefused,
    WrongKind,
)
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aquifer_server.binding import BodyTooLarge, MalformedRequest, UnknownChoice
from aquifer_server.rapids.errors import RapidsError, Unimplemented
from aquifer_server.schemas.base import Schema
from aquifer_server.schemas.error import H2OErrorV3, H2OModelBuilderErrorV3, ValidationMessageV3

_log = structlog.get_logger("aquifer.errors")


class UnknownJob(KeyNotFound):
    """No job has that key; 400, not 404, is what the protocol answers."""

    def __init__(self, key: str) -> None:
        super().__init__(key, "job")


class IllegalParameters(AquiferError):
    """A model cannot be built: carries all that the check of the parameters found."""

    def __init__(
        self, algorithm: str, key: str, parameters: Schema, messages: list[ValidationMessageV3]
    ) -> None:
        self.faults = [message for message in messages if message.message_type == "ERRR"]
        details = "; ".join(f"{fault.field_name}: {fault.message}" for fault in self.faults)
        super().__init__(f"Illegal argument(s) for {algorithm} model {key}. {details}")
        self.parameters = parameters
        self.messages = messages


STATUSES: tuple[tuple[type[AquiferError], int], ...] = (
    (UnknownJob, 400),
    (KeyNotFound, 404),
    (ColumnNotFound, 404),
    (SourceNotFound, 404),
    (WrongKind, 412),
    (KeyTaken, 412),
    (TargetRefused, 412),
    (UnknownChoice, 400),
    (InvalidArgument, 412),
    (IllegalParameters, 412),
    (MalformedRequest, 400),
    (BodyTooLarge, 413),
    (ParseFailure, 400),
    (MemoryExceeded, 412),
    (Unimplemented, 412),
    (RapidsError, 400),
    (NodeLost, 503),
)
"""The first that fits counts. A key or column that only an argument names is 400: the resource is there."""


def install_error_handlers(app: FastAPI) -> None:
    """Make `app` answer every error in H2O's error form."""
    app.add_exception_handler(AquiferError, _typed)
    app.add_exception_handler(HTTPException, _http)


def status_of(error: AquiferError, request: Request) -> int:
    """The HTTP status of a typed error in the context of a request."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    if isinstance(error, KeyNotFound | ColumnNotFound) and status == 404:
        culprit = error.key if isinstance(error, KeyNotFound) else error.column
        return 404 if culprit in request.path_params.values() else 400
    return status


def error_response(
    request: Request, status: int, kind: str, message: str, values: Mapping[str, Any] | None = None
) -> Response:
    """An H2OErrorV3 answer."""
    return _answer(H2OErrorV3(**_fields(request, status, kind, message), values=dict(values or {})))


async def _typed(request: Request, error: Exception) -> Response:
    assert isinstance(error, AquiferError)
    status = status_of(error, request)
    fields = _fields(request, status, type(error).__name__, str(error))
    if status >= 500:
        _log.error("request failed", reason=str(error), exc_info=error)
    if isinstance(error, IllegalParameters):
        faults = len(error.faults)
        return _answer(
            H2OModelBuilderErrorV3(
                **fields, parameters=error.parameters, messages=error.messages, error_count=faults
            )
        )
    culprits = {
        name: value for name, value in vars(error).items() if isinstance(value, str | int | float | list)
    }
    return _answer(H2OErrorV3(**fields, values=culprits))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (404, 405):
        message = f"{request.method} {request.url.path} not found: the server has no such route."
        return error_response(request, 404, "RouteNotFound", message)
    return error_response(request, error.status_code, "RequestRefused", str(error.detail))


def unexpected_response(request: Request, error: Exception) -> Response:
    """The answer to an error nobody expected: its traceback is in the log, under the id that is named."""
    identity = structlog.contextvars.get_contextvars().get("request", "")
    _log.error("unexpected error", path=request.url.path, exc_info=error)
    message = (
        f"The server met an unexpected error ({type(error).__name__}: {error}). "
        f"Its log has the details under request {identity}."
    )
    return error_response(request, 500, type(error).__name__, message, {"request": identity})


def _fields(request: Request, status: int, kind: str, message: str) -> dict[str, Any]:
    return {
        "timestamp": int(time.time() * 1000),
        "error_url": request.url.path,
        "msg": message,
        "dev_msg": message,
        "http_status": status,
        "exception_type": kind,
        "exception_msg": message,
        "stacktrace": [f"{kind}: {message}"],
    }


def _answer(error: H2OErrorV3) -> Response:
    return Response(error.model_dump_json(), error.http_status, media_type="application/json")
