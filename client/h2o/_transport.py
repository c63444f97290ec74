"""The one seam between the client and a server: a request goes in, a response comes out.

Two fillings stand here: :class:`SocketTransport` speaks HTTP over a socket, :class:`AppTransport` calls an
ASGI application in this process. Whatever else has ``handle`` and ``close`` (a mock, a recorder) fits as
well: ``h2o.connect(transport=…)``.
"""

from __future__ import annotations

import asyncio
import io
import ipaddress
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias, TypeVar
from urllib.parse import urlsplit

import httpx

from h2o.exceptions import H2OConnectionError

T = TypeVar("T")

CONNECT_SECONDS = 10.0
# Shorter than any server's own patience (uvicorn: 5 s), so that no request is sent down a dying connection.
KEEPALIVE_SECONDS = 2.0

Reader: TypeAlias = Callable[[str, IO[bytes]], Any]
"""Makes something of a body (its content type, and a file to be read forward) as it comes."""


@dataclass(frozen=True)
class Request:
    """What is asked: query and form hold encoded text; ``body`` is sent raw, a file as a stream.

    ``timeout`` is in seconds for the whole answer; None waits as long as it takes. A ``reader`` may be given
    the body of a success as it comes, instead of its being held in memory.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    body: bytes | Path | None = None
    timeout: float | None = None
    reader: Reader | None = None


@dataclass(frozen=True)
class Response:
    """What was answered: HTTP status, content type without its parameters, body.

    ``was_read`` says that the request's reader has had the body: ``read`` is what it made of it.
    """

    status: int
    content_type: str
    body: bytes
    was_read: bool = False
    read: Any = None


class Transport(Protocol):
    """Carries requests to one server."""

    def handle(self, request: Request) -> Response:
        """Send ``request`` and wait for the answer; raise H2OConnectionError when there is none."""
        ...

    def close(self) -> None:
        """Let go of sockets and threads; closing twice is fine."""
        ...


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _content_type(answer: httpx.Response) -> str:
    content_type: str = answer.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower()


def _response(answer: httpx.Response) -> Response:
    return Response(answer.status_code, _content_type(answer), answer.content)


class _Body(io.RawIOBase):
    """A body that comes in pieces, as a file to be read forward."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._piece:
            try:
                self._piece = memoryview(next(self._pieces))
            except StopIteration:
                return 0
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count


def _timeout(request: Request) -> httpx.Timeout:
    return httpx.Timeout(request.timeout, connect=min(CONNECT_SECONDS, request.timeout or CONNECT_SECONDS))


@contextmanager
def _connection_errors(where: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise H2OConnectionError(f"the server at {where} did not answer in time") from error
    except httpx.TransportError as error:
        raise H2OConnectionError(f"cannot reach a server at {where}: {error}") from error


class SocketTransport:
    """HTTP over a socket.

    ``auth`` is (user, password); ``verify`` is a flag or the path of a CA bundle; ``proxy`` is the URL of a
    proxy; ``cookies`` are texts such as "name=value".
    """

    def __init__(
        self,
        url: str,
        *,
        auth: tuple[str, str] | None = None,
        verify: bool | str = True,
        proxy: str | None = None,
        cookies: Sequence[str] = (),
        user_agent: str,
    ) -> None:
        self.url = url.rstrip("/")
        host = urlsplit(self.url).hostname
        if host is None:
            raise H2OConnectionError(f"{url!r} is not a URL such as http://127.0.0.1:54321")
        self._client = httpx.Client(
            base_url=self.url,
            auth=auth,
            verify=_verification(verify),
            headers={"User-Agent": user_agent, **({"Cookie": "; ".join(cookies)} if cookies else {})},
            proxy=proxy,
            trust_env=not _is_loopback(host),
            limits=httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS),
        )

    def handle(self, request: Request) -> Response:
        """Send the request over the socket."""
        with _connection_errors(self.url):
            if isinstance(request.body, Path):
                with request.body.open("rb") as stream:
                    return self._send(request, stream)
            return self._send(request, request.body)

    def _send(self, request: Request, content: Any) -> Response:
        with self._client.stream(
            request.method,
            request.path,
            params=dict(request.query) or None,
            data=request.form,
            content=content,
            timeout=_timeout(request),
        ) as answer:
            if request.reader is not None and answer.is_success:
                content_type = _content_type(answer)
                read = request.reader(content_type, io.BufferedReader(_Body(answer.iter_bytes())))
                return Response(answer.status_code, content_type, b"", was_read=True, read=read)
            answer.read()
            return _response(answer)

    def close(self) -> None:
        """Close the pooled sockets."""
        self._client.close()


def _verification(verify: bool | str) -> Any:
    if isinstance(verify, str):
        import ssl

        return ssl.create_default_context(cafile=verify)
    return verify


class AppTransport:
    """An ASGI application called in this process, on an event loop in a thread of its own.

    The application's lifespan is run: it starts with the transport and ends with :meth:`close`.
    """

    def __init__(self, app: Any, *, user_agent: str = "h2o") -> None:
        self.url = "http://127.0.0.1:54321"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="h2o-app-transport", daemon=True)
        self._thread.start()
        self._lifespan = _Lifespan(app)
        self._run(self._lifespan.start())
        self._client = httpx.AsyncClient(
            base_url=self.url,
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            headers={"User-Agent": user_agent},
        )

    def handle(self, request: Request) -> Response:
        """Call the application."""
        body = request.body.read_bytes() if isinstance(request.body, Path) else request.body
        call = self._client.request(
            request.method,
            request.path,
            params=dict(request.query) or None,
            data=request.form,
            content=body,
            timeout=_timeout(request),
        )
        with _connection_errors("the in-process application"):
            return _response(self._run(call))

    def close(self) -> None:
        """End the application's lifespan and the thread."""
        if self._loop.is_closed():
            return
        self._run(self._client.aclose())
        self._run(self._lifespan.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed():
            call.close()
            raise H2OConnectionError("this in-process connection is closed")
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()


class _Lifespan:
    """The startup and shutdown half of the ASGI protocol (asgi.readthedocs.io, "Lifespan")."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

    async def start(self) -> None:
        self._task = asyncio.ensure_future(self._serve())
        answer = await self._exchange("lifespan.startup")
        if answer is not None and answer["type"] == "lifespan.startup.failed":
            raise H2OConnectionError(f"the application did not start: {answer.get('message', '')}")

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            await self._exchange("lifespan.shutdown")
            await self._task

    async def _serve(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        await self._app(scope, self._incoming.get, self._outgoing.put)

    async def _exchange(self, event: str) -> MutableMapping[str, Any] | None:
        """Send one event; an application without a lifespan ends or raises instead of answering."""
        assert self._task is not None
        await self._incoming.put({"type": event})
        answer = asyncio.ensure_future(self._outgoing.get())
        done, _ = await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer in done:
            return answer.result()
        answer.cancel()
        self._task.exception()
        return None
