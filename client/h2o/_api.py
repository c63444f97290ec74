"""The functions of the package: connect, bring data in, look at what is there, clear up."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from httpx import ConnectError, TimeoutException

from h2o._cluster import H2OCluster, fetch_cluster
from h2o._connection import Connection, current, open_connection, replace_current
from h2o._expression import Expression
from h2o._launch import free_port, start_server
from h2o._transport import Transport
from h2o.exceptions import H2OConnectionError, H2OError, H2OResponseError, H2OTypeError
from h2o.frame import H2OFrame
from h2o.model import H2OModel

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


def api(endpoint: str, data: dict[str, Any] | None = None) -> Any:
    """Ask any endpoint ("GET /3/About"); ``data`` goes to the query of a GET or DELETE, else to the form."""
    literal = endpoint.replace("{", "{{").replace("}", "}}")
    if endpoint.startswith(("GET ", "DELETE ")):
        return current().call(literal, query=data)
    return current().call(literal, form=data)


def rapids(expr: str) -> dict[str, Any]:
    """Evaluate an expression of Rapids, the server's language, and return the raw answer.

    For what this client has no method for: ``h2o.rapids(f"(tmp= sorted (sort {frame.frame_id} [0] [1]))")``,
    then ``h2o.get_frame("sorted")``.
    """
    return current().rapids(expr)


def interaction(
    data: H2OFrame,
    factors: Sequence[str | int],
    pairwise: bool,
    max_factors: int,
    min_occurrence: int,
    destination_frame: str | None = None,
) -> H2OFrame:
    """A category out of several categorical columns of ``data``; see :meth:`H2OFrame.interaction`."""
    return data.interaction(factors, pairwise, max_factors, min_occurrence, destination_frame)


def get_frame(frame_id: str) -> H2OFrame | None:
    """The frame of that key, or None where there is none."""
    try:
        return H2OFrame.get_frame(frame_id)
    except H2OResponseError as error:
        if error.status == 404:
            return None
        raise


def get_model(model_id: str) -> H2OModel:
    """The model of that key; raises H2OResponseError where there is none."""
    return H2OModel.get_model(model_id)


def frames() -> list[dict[str, Any]]:
    """The frames on the server: key, rows, columns, and size in bytes."""
    return [
        {
            "frame_id": frame["frame_id"]["name"],
            "rows": frame.get("rows"),
            "columns": frame.get("total_column_count") or frame.get("columns"),
            "byte_size": frame.get("byte_size"),
        }
        for frame in current().call("GET /3/Frames")["frames"]
    ]


def models() -> list[str]:
    """The keys of the models on the server."""
    return [model["model_id"]["name"] for model in current().call("GET /3/Models")["models"]]


def ls() -> Any:
    """The keys of everything on the server, as a frame's as_data_frame() gives them."""
    frame = H2OFrame._of(Expression("ls", connection=current()))
    return frame.as_data_frame(use_pandas=importlib.util.find_spec("pandas") is not None)


def remove(x: str | H2OFrame | H2OModel | Sequence[Any], cascade: bool = True) -> None:
    """Remove frames and models, given by themselves or by key; ``cascade`` also what belongs to them."""
    if isinstance(x, list | tuple):
        for one in x:
            remove(one, cascade)
        return
    if isinstance(x, H2OFrame):
        if not x._expression.pending:
            x._expression.connection.rapids(f"(rm {x.frame_id})")
        return
    key = x.model_id if isinstance(x, H2OModel) else x
    if not isinstance(key, str):
        raise H2OTypeError(
            f"remove takes a frame, a model, a key, or a list of them, not a {type(x).__name__}"
        )
    current().call("DELETE /3/DKV/{}", key, query={"cascade": cascade})


def remove_all(retained: Sequence[str | H2OFrame | H2OModel] | None = None) -> None:
    """Remove everything except ``retained``, given by themselves or by key."""
    keys = [
        one.frame_id if isinstance(one, H2OFrame) else one.model_id if isinstance(one, H2OModel) else one
        for one in retained or ()
    ]
    current().call("DELETE /3/DKV", query={"retained_keys": keys or None})
