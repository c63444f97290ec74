"""The functions about the server as a whole: connect, ask it anything, end it."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from httpx import ConnectError, TimeoutException

from h2o._cluster import H2OCluster, fetch_cluster
from h2o._connection import Connection, current, open_connection, replace_current
from h2o._launch import free_port, start_server
from h2o._transport import Transport
from h2o.exceptions import H2OConnectionError, H2OError, H2OResponseError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

DEFAULT_IP = "127.0.0.1"
DEFAULT_PORT = 54321
PROBE_SECONDS = 3.0


def init(
    url: str | None = None,
    ip: str | None = None,
    port: int | None = None,
    name: str | None = None,
    nthreads: int = -1,
    max_mem_size: str | None = None,
    *,
    start_h2o: bool = True,
    verbose: bool = True,
    transport: Transport | None = None,
) -> Connection:
    """Connect to the server at ``ip``:``port`` (default 127.0.0.1:54321), or start one if there is none.

    ``nthreads`` (−1: all cores), ``max_mem_size`` (such as "4G") and ``name`` describe the server to start; a
    ``name`` is also asked of one that runs. The started server ends with the program. Without ``port``, when
    54321 is taken by something else, the next free port is used. Raises H2OStartupError when no server can
    be started, H2OConnectionError when the one that answers is not wanted.
    """
    if url is not None or transport is not None or not _is_local(ip or DEFAULT_IP) or not start_h2o:
        return connect(url, ip=ip, port=port, name=name, verbose=verbose, transport=transport)
    host = ip or DEFAULT_IP
    where = _url(host, port or DEFAULT_PORT)
    try:
        return connect(where, name=name, verbose=verbose)
    except H2OConnectionError as error:
        # What does not answer in time may well be the server that is meant, only busy.
        if isinstance(error.__cause__, TimeoutException) or not (port is None or _nobody_listens(error)):
            raise
    free = port or free_port(host, DEFAULT_PORT)
    where = _url(host, free)
    server = start_server(host, free, nthreads=nthreads, max_mem_size=max_mem_size, name=name)
    server.wait_until_ready(lambda: _answers(where))
    return connect(where, verbose=verbose)


def connect(
    url: str | None = None,
    *,
    ip: str | None = None,
    port: int | None = None,
    name: str | None = None,
    https: bool = False,
    auth: tuple[str, str] | None = None,
    verify_ssl_certificates: bool = True,
    cacert: str | None = None,
    verbose: bool = True,
    transport: Transport | None = None,
) -> Connection:
    """Connect to a running server by ``url``, or by ``ip`` and ``port``.

    ``auth`` is (user, password); ``cacert`` the path of a CA bundle. ``transport`` replaces the socket:
    ``connect(transport=h2o.AppTransport(app))`` talks to an ASGI application in this process. Raises
    H2OConnectionError when no server answers, or one whose name is not ``name``.
    """
    scheme = "https" if https else "http"
    where = (url or _url(ip or DEFAULT_IP, port or DEFAULT_PORT, scheme)).rstrip("/")
    verify: bool | str = cacert or verify_ssl_certificates
    connection = open_connection(
        getattr(transport, "url", where), transport=transport, auth=auth, verify=verify
    )
    try:
        cluster = _found(connection, name)
    except H2OError:
        if transport is None:
            connection.close()
        raise
    replace_current(connection)
    if verbose:
        cluster.show_status()
    return connection


def _found(connection: Connection, name: str | None) -> H2OCluster:
    try:
        cluster = fetch_cluster(connection, PROBE_SECONDS)
    except H2OResponseError as error:
        message = f"what answers at {connection.url} is not an Aquifer or H2O server"
        raise H2OConnectionError(f"{message}: HTTP {error.status}") from None
    if name is not None and cluster.cloud_name != name:
        raise H2OConnectionError(
            f"the server at {connection.url} is {cluster.cloud_name!r}, not {name!r}: choose another port"
        )
    return cluster


def _nobody_listens(error: H2OConnectionError) -> bool:
    return isinstance(error.__cause__, ConnectError)


def _answers(url: str) -> bool:
    connection = open_connection(url)
    try:
        return fetch_cluster(connection, PROBE_SECONDS).healthy
    except H2OError:
        return False
    finally:
        connection.close()


def _url(ip: str, port: int, scheme: str = "http") -> str:
    return f"{scheme}://{f'[{ip}]' if ':' in ip else ip}:{port}"


def _is_local(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def connection() -> Connection:
    """The connection in use; raises H2OConnectionError before init() or connect()."""
    return current()


def cluster() -> H2OCluster:
    """The server as it is now."""
    return fetch_cluster(current())


def shutdown(prompt: bool = False) -> None:
    """End the server; frames and models in its memory are lost. ``prompt`` asks first."""
    cluster().shutdown(prompt)


def get_timezone() -> str:
    """The server's time zone; see :attr:`H2OCluster.timezone`."""
    return cluster().timezone


def set_timezone(value: str) -> None:
    """Set the server's time zone; see :attr:`H2OCluster.timezone`."""
    cluster().timezone = value


def list_timezones() -> H2OFrame:
    """The time zones that the server knows."""
    return cluster().list_timezones()


def log_and_echo(message: str = "") -> None:
    """Write a message to the server's log."""
    current().call("POST /3/LogAndEcho", form={"message": message})


def flow() -> None:
    """Open Flow, the server's pages, in a browser."""
    webbrowser.open(current().url)


def api(endpoint: str, data: dict[str, Any] | None = None, *, filename: str | Path | None = None) -> Any:
    """Ask any endpoint ("GET /3/About"); ``data`` goes to the query of a GET or DELETE, else to the form.

    ``filename`` is a file whose content is sent.
    """
    literal = endpoint.replace("{", "{{").replace("}", "}}")
    if filename is not None:
        return current().call(literal, query=data, body=Path(filename).expanduser())
    if endpoint.startswith(("GET ", "DELETE ")):
        return current().call(literal, query=data)
    return current().call(literal, form=data)


def rapids(expr: str) -> dict[str, Any]:
    """Evaluate an expression of Rapids, the server's language, and return the raw answer.

    For what this client has no method for: ``h2o.rapids(f"(tmp= sorted (sort {frame.frame_id} [0] [1]))")``,
    then ``h2o.get_frame("sorted")``.
    """
    return current().rapids(expr)
