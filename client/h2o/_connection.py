"""The connection to one server: requests, refusals, the session and its temporaries."""

from __future__ import annotations

import atexit
import contextlib
import io
import itertools
import json
import platform
import shutil
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from h2o._form import encode_all
from h2o._transport import Reader, Request, Response, SocketTransport, Transport
from h2o.exceptions import H2OConnectionError, H2OError, H2OResponseError, H2OServerError

__all__ = ["Connection", "current", "open_connection", "replace_current"]

# H2O's servers put the client's language, read from this header, into the names of the models they make.
USER_AGENT = f"H2O Python client/{platform.python_version()}"
CLOSING_SECONDS = 2.0
COPIED_BYTES = 1 << 20
_BANNER = "ERROR MESSAGE:"


class Connection:
    """One server, seen through one transport. Frames and models remember the connection they came from."""

    def __init__(self, transport: Transport, url: str) -> None:
        self.transport = transport
        self.url = url
        self._session: str | None = None
        self._numbers = itertools.count(1)
        self._discarded: deque[str] = deque()
        self._closed = False

    def __repr__(self) -> str:
        return f"<h2o connection to {self.url}{', closed' if self._closed else ''}>"

    def call(
        self,
        endpoint: str,
        *segments: str,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        body: bytes | Path | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Ask for ``endpoint`` ("GET /3/Frames/{}"; ``segments`` fill the braces) and decode the answer.

        Returns a dict for JSON, text otherwise. Raises H2OResponseError for 4xx, H2OServerError for 5xx,
        H2OConnectionError when nobody answers.
        """
        self._send_removals()
        method, _, path = endpoint.partition(" ")
        request = Request(
            method=method,
            path=path.format(*(quote(segment, safe="$") for segment in segments)),
            query=encode_all(query or {}),
            form=None if form is None else encode_all(form),
            body=body,
            timeout=timeout,
        )
        return self._ask(request)

    def download(self, path: str, query: Mapping[str, Any], reader: Reader) -> Any:
        """What ``reader`` makes of the answer to a GET of ``path``; raises as `call` does."""
        self._send_removals()
        response = self._answer(Request("GET", path, query=encode_all(query), reader=reader))
        if response.was_read:
            return response.read
        return reader(response.content_type, io.BytesIO(response.body))

    def save(self, path: str, query: Mapping[str, Any], file: Path) -> None:
        """Write what a GET of ``path`` answers to ``file``: all of it or, where it raises, nothing."""
        beside = file.with_name(f".{file.name}.part")

        def write(_: str, body: IO[bytes]) -> None:
            with beside.open("wb") as stream:
                shutil.copyfileobj(body, stream, COPIED_BYTES)

        try:
            self.download(path, query, write)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)

    def _ask(self, request: Request) -> Any:
        return decode(self._answer(request), f"{request.method} {request.path}")

    def _answer(self, request: Request) -> Response:
        if self._closed:
            raise H2OConnectionError(
                f"the connection to {self.url} is closed: call h2o.init() or h2o.connect()"
            )
        response = self.transport.handle(request)
        if response.status >= 400:
            decode(response, f"{request.method} {request.path}")
        return response

    @property
    def session(self) -> str:
        """The session's id; the server opens one at the first use."""
        if self._session is None:
            answer = self._ask(Request("POST", "/4/sessions"))
            self._session = str(answer.get("session_key") or answer["session_id"])
        return self._session

    def rapids(self, expression: str) -> dict[str, Any]:
        """Evaluate a Rapids expression in this session and return the raw answer."""
        answer: dict[str, Any] = self.call(
            "POST /99/Rapids", form={"ast": expression, "session_id": self.session}
        )
        return answer

    def new_key(self) -> str:
        """A fresh key for a temporary frame: it lives until it is discarded or the session ends."""
        return f"py_{next(self._numbers)}{self.session}"

    def discard(self, key: str) -> None:
        """Note that a temporary is no longer needed; it is removed before the next request.

        Finalizers call this at any time, also in the middle of a request or at exit, so it only takes note.
        """
        self._discarded.append(key)

    def _send_removals(self) -> None:
        while not self._closed:
            try:
                key = self._discarded.popleft()
            except IndexError:
                return
            form = {"ast": f"(rm {key})", "session_id": self.session}
            # Whoever asks for something else now is not to hear of this; the session's end removes the rest.
            with contextlib.suppress(H2OError):
                self._ask(Request("POST", "/99/Rapids", form=form))

    def close(self) -> None:
        """End the session, and with it all temporaries; closing twice is fine."""
        if self._closed:
            return
        if self._session is not None:
            # The server may have gone before us, and the session with it.
            with contextlib.suppress(H2OError):
                self._ask(Request("DELETE", f"/4/sessions/{self._session}", timeout=CLOSING_SECONDS))
        self._closed = True
        self.transport.close()
        atexit.unregister(self.close)


def decode(response: Response, endpoint: str) -> Any:
    """The answer's content, or the exception that its status stands for."""
    content: Any = response.body.decode("utf-8", errors="replace")
    if response.content_type == "application/json":
        content = _parse_json(content, endpoint, response.status)
    if response.status < 400:
        return content
    message = _refusal(content)
    if response.status < 500:
        values = content.get("values") if isinstance(content, dict) else None
        raise H2OResponseError(message, status=response.status, endpoint=endpoint, values=values)
    raise H2OServerError(message, status=response.status, endpoint=endpoint)


def _parse_json(text: str, endpoint: str, status: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise H2OServerError(f"the answer is not JSON: {error}", status=status, endpoint=endpoint) from error


def _refusal(content: Any) -> str:
    """The server's reason in one text: of a model builder's refusal each wrong field, else the message."""
    if not isinstance(content, dict):
        return str(content).strip()[:2000] or "no reason was given"
    errors = [
        f"{message['field_name']}: {message['message']}".lstrip("_")
        for message in content.get("messages") or []
        if message.get("message_type") in ("ERRR", "ERROR")
    ]
    if errors:
        return "; ".join(dict.fromkeys(errors))
    text = str(content.get("msg") or content.get("exception_msg") or content)
    return " ".join(text.replace(_BANNER, "").split())


_current: Connection | None = None


def current() -> Connection:
    """The connection in use; raises H2OConnectionError before h2o.init() or h2o.connect()."""
    if _current is None:
        raise H2OConnectionError("not connected to a server: call h2o.init() or h2o.connect() first")
    return _current


def replace_current(connection: Connection | None) -> None:
    """Make ``connection`` the one in use; frames of an earlier one keep theirs."""
    global _current
    _current = connection


def open_connection(
    url: str,
    *,
    transport: Transport | None = None,
    auth: tuple[str, str] | None = None,
    verify: bool | str = True,
    proxy: str | None = None,
    cookies: Sequence[str] = (),
) -> Connection:
    """A connection to ``url``, or through ``transport`` when one is given. Nothing is sent yet."""
    if transport is None:
        transport = SocketTransport(
            url, auth=auth, verify=verify, proxy=proxy, cookies=cookies, user_agent=USER_AGENT
        )
    connection = Connection(transport, url)
    atexit.register(connection.close)
    return connection
