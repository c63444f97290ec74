"""One log line and one measurement for each request; the last resort for errors nobody expected."""

from __future__ import annotations

import secrets
import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aquifer_server.errors import unexpected_response
from aquifer_server.telemetry import Telemetry

_log = structlog.get_logger("aquifer.requests")


class AccessLog:
    """Gives each request an id, which all log lines about it carry and the answer's X-Request-Id names."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity, began, status = secrets.token_hex(6), time.perf_counter(), 0

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", identity.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=identity):
            try:
                await self._app(scope, receive, noting_status)
            except Exception as error:
                response = unexpected_response(Request(scope), error)
                if status:
                    raise
                await response(scope, receive, noting_status)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = scope["method"], getattr(scope.get("route"), "path", "unknown")
        self._telemetry.request_seconds.labels(route, method, str(status)).observe(seconds)
        # Clients poll: what only looked, and was answered, is of interest to nobody but a debugger.
        write = _log.debug if method == "GET" and 200 <= status < 400 else _log.info
        write("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))
