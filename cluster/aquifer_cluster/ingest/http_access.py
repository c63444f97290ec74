"""Requests to HTTP servers that users name: every address is checked, on every redirection anew."""

from __future__ import annotations

import http
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import httpcore

from aquifer_cluster.ingest.hosts import Hosts

MAX_REDIRECTS = 5

TIMEOUTS = {"connect": 10.0, "read": 30.0, "write": 10.0}
"""Seconds; `read` for the next piece of data, not for all of it."""

BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)
"""What is raised when a connection breaks off."""

_REDIRECTS = (301, 302, 303, 307, 308)
_KINDS = {401: PermissionError, 403: PermissionError, 404: FileNotFoundError, 410: FileNotFoundError}
_SAFE = "%/:=&?~+!$,;'@()*[]"


@dataclass(frozen=True)
class HttpAccess:
    """What may be asked of whom: `schemes` are those of http and https that may be used.

    `authorization` is sent to the host that is asked first, and never to one that it redirects to.
    """

    hosts: Hosts = field(default_factory=Hosts)
    schemes: tuple[str, ...] = ("http", "https")
    authorization: str | None = field(default=None, repr=False)

    def connections(self) -> httpcore.ConnectionPool:
        """Connections that lead to allowed addresses only."""
        return httpcore.ConnectionPool(network_backend=_CheckedNetwork(self.hosts))

    def get(
        self, connections: httpcore.ConnectionPool, url: str, headers: Mapping[str, str]
    ) -> httpcore.Response:
        """The answer to a GET request, after all redirections; its body is still to come.

        Raises PermissionError for what is not allowed, other kinds of OSError if there is no answer.
        """
        home = urlsplit(url)
        for _ in range(MAX_REDIRECTS + 1):
            address = self._checked(url)
            private = {"Authorization": self.authorization or ""} if address[:2] == home[:2] else {}
            response = _answer(
                connections, address, {**headers, **private} if self.authorization else headers
            )
            if response.status not in _REDIRECTS:
                return response
            response.close()
            url = urljoin(url, header(response, "Location"))
            if address.scheme == "https" and urlsplit(url).scheme == "http":
                raise PermissionError("the server redirects from https to http, which is not encrypted")
        raise OSError(f"the server redirects more than {MAX_REDIRECTS} times")

    def _checked(self, url: str) -> SplitResult:
        address = urlsplit(url)
        if address.scheme not in self.schemes:
            raise PermissionError(f"the setting import_schemes does not allow {address.scheme}")
        if not address.hostname:
            raise OSError("the address names no host")
        self.hosts.check(address.hostname)
        return address


def header(response: httpcore.Response, name: str) -> str:
    """A header of an answer; empty if it has none of that name."""
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == wanted), "")


def refusal(status: int) -> OSError:
    """The error that an HTTP status stands for."""
    phrases = {known.value: known.phrase for known in http.HTTPStatus}
    return _KINDS.get(status, OSError)(f"the server answers {status} {phrases.get(status, '')}".rstrip())


def _answer(
    connections: httpcore.ConnectionPool, address: SplitResult, headers: Mapping[str, str]
) -> httpcore.Response:
    try:
        netloc = address.netloc.rpartition("@")[2].encode("idna").decode()
        path, query = quote(address.path or "/", _SAFE), quote(address.query, _SAFE)
        request = httpcore.Request(
            "GET",
            urlunsplit((address.scheme, netloc, path, query, "")),
            headers=[("Host", netloc), *headers.items()],
            extensions={"timeout": TIMEOUTS},
        )
        return connections.handle_request(request)
    except httpcore.TimeoutException as stalled:
        raise TimeoutError("the server does not answer in time") from stalled
    except BROKEN as broken:
        raise ConnectionError(f"the server cannot be reached ({broken})") from broken
    except ValueError as wrong:  # of a port, or of a host that cannot be written in ASCII
        raise OSError("this is no valid address") from wrong


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects to allowed addresses only: the address that was checked is the one that is connected to."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers."""
        *others, last = self._hosts.addresses(host, port)
        for address in others:
            try:
                return self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._network.connect_tcp(last, port, timeout, local_address, socket_options)
