"""Who may ask: Host and Origin are checked, because any web page can send a form to localhost.

A page of another site that is open in the user's browser can reach a server on loopback. It cannot forge the
Host header (which unmasks a rebound DNS name) nor leave out Origin or Referer when it changes something.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aquifer_server.errors import error_response
from aquifer_server.settings import LOOPBACK, Settings

READING = ("GET", "HEAD", "OPTIONS")
ANY_ADDRESS = ("0.0.0.0", "::")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Security:
    """Refuses requests under foreign names or from foreign pages; adds security headers to every answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._names = {name.lower() for name in (*LOOPBACK, settings.ip, *settings.allowed_hosts)}
        self._any_address = settings.ip in ANY_ADDRESS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request before anything else sees it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        fault = self._fault(scope["method"], Headers(scope=scope))
        if fault is None:
            await self._app(scope, receive, send_with_headers)
        else:
            refusal = error_response(Request(scope), 403, "RequestRefused", fault)
            await refusal(scope, receive, send_with_headers)

    def _fault(self, method: str, headers: Headers) -> str | None:
        """Why a request is refused, if it is."""
        host = headers.get("host", "")
        if not self._known(host):
            return (
                f"The server does not go by the name '{host}'. If that is one of its names, "
                "list it in the setting allowed_hosts."
            )
        origin = headers.get("origin") or headers.get("referer")
        if method not in READING and origin is not None and urlsplit(origin).netloc != host:
            return f"A page of {origin} may not change anything on this server."
        navigated = method in READING and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") == "cross-site" and not navigated:
            return "A page of another site may not use this server."
        return None

    def _known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in self._names or (self._any_address and _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
