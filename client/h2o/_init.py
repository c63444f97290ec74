"""The first line of a program: find a server, or start one.

What H2O's own `init` and `connect` take is taken here too, so that programs need no change. A wish that
cannot be followed, such as one about Java, is warned of.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from httpx import ConnectError, TimeoutException

from h2o._cluster import H2OCluster, fetch_cluster
from h2o._connection import Connection, open_connection, replace_current
from h2o._launch import LocalServer, free_port, start_server
from h2o._transport import Transport
from h2o.exceptions import H2OConnectionError, H2OError, H2OResponseError, H2OWarning

DEFAULT_IP = "127.0.0.1"
DEFAULT_PORT = 54321
PROBE_SECONDS = 3.0
LOG_LEVELS = {"TRACE": "DEBUG", "WARN": "WARNING", "ERRR": "ERROR", "FATAL": "ERROR"}


def init(
    url: str | None = None,
    ip: str | None = None,
    port: int | None = None,
    name: str | None = None,
    https: bool | None = None,
    cacert: str | None = None,
    insecure: bool | None = None,
    username: str | None = None,
    password: str | None = None,
    cookies: str | Sequence[str] | None = None,
    proxy: str | None = None,
    start_h2o: bool = True,
    nthreads: int = -1,
    ice_root: str | None = None,
    log_dir: str | None = None,
    log_level: str | None = None,
    max_log_file_size: str | None = None,
    enable_assertions: bool = True,
    max_mem_size: str | int | None = None,
    min_mem_size: str | int | None = None,
    strict_version_check: bool | None = None,
    ignore_config: bool = False,
    extra_classpath: Sequence[str] | None = None,
    jvm_custom_args: Sequence[str] | None = None,
    bind_to_localhost: bool = True,
    verbose: bool = True,
    telemetry: bool | None = None,
    *,
    transport: Transport | None = None,
) -> Connection:
    """Connect to the server at ``ip``:``port`` (default 127.0.0.1:54321), or start one if there is none.

    ``nthreads`` (−1: all cores), ``max_mem_size`` ("4G"; a bare number is gigabytes), ``name``, ``log_dir``
    and ``log_level`` describe the server to start; a ``name`` is also asked of one that runs. The started
    server listens on this machine only and ends with the program. Without ``port``, when 54321 is taken by
    something else, the next free port is used. For servers elsewhere see :func:`connect`; ``insecure``
    leaves certificates unchecked.

    ``ice_root``, ``max_log_file_size``, ``min_mem_size``, ``extra_classpath``, ``jvm_custom_args`` and
    ``bind_to_localhost=False`` cannot be followed, and are warned of. ``enable_assertions``,
    ``strict_version_check``, ``ignore_config`` and ``telemetry`` are without effect: the client works with
    any server, reads no configuration and sends no telemetry.

    Raises H2OStartupError when no server can be started, H2OConnectionError when the one that answers is not
    wanted.
    """
    _warn_of(
        ice_root=ice_root,
        max_log_file_size=max_log_file_size,
        min_mem_size=min_mem_size,
        extra_classpath=extra_classpath,
        jvm_custom_args=jvm_custom_args,
        bind_to_localhost=None if bind_to_localhost else False,
    )
    host = ip or DEFAULT_IP
    network: dict[str, Any] = {
        "https": https,
        "cacert": cacert,
        "verify_ssl_certificates": not insecure,
        "auth": (username, password or "") if username else None,
        "cookies": cookies,
        "proxy": proxy,
        "verbose": verbose,
    }
    if url is not None or transport is not None or not _is_local(host) or not start_h2o:
        return connect(url=url, ip=ip, port=port, name=name, transport=transport, **network)
    try:
        return connect(ip=host, port=port, name=name, **network)
    except H2OConnectionError as error:
        # What does not answer in time may well be the server that is meant, only busy.
        if isinstance(error.__cause__, TimeoutException) or not (port is None or _nobody_listens(error)):
            raise
    free = port or free_port(host, DEFAULT_PORT)
    server = start_server(
        host,
        free,
        nthreads=nthreads,
        max_mem_size=_size(max_mem_size),
        name=name,
        log_dir=log_dir,
        log_level=log_level and LOG_LEVELS.get(log_level.upper(), log_level.upper()),
    )
    server.wait_until_ready(lambda: _answers(_url(host, free)))
    return connect(ip=host, port=free, verbose=verbose)


def connect(
    server: LocalServer | str | None = None,
    url: str | None = None,
    ip: str | None = None,
    port: int | None = None,
    https: bool | None = None,
    verify_ssl_certificates: bool | None = None,
    cacert: str | None = None,
    auth: tuple[str, str] | None = None,
    proxy: str | None = None,
    cookies: str | Sequence[str] | None = None,
    verbose: bool = True,
    config: Mapping[str, Any] | None = None,
    strict_version_check: bool = False,
    telemetry: bool | None = None,
    *,
    name: str | None = None,
    transport: Transport | None = None,
) -> Connection:
    """Connect to a running server by ``url``, or by ``ip`` and ``port``; ``server`` may be a URL as well.

    ``auth`` is (user, password); ``cacert`` the path of a CA bundle; ``proxy`` the URL of a proxy;
    ``cookies`` are sent with each request ("name=value"). ``config`` holds such arguments by name and goes
    before the others. ``transport`` replaces the socket: ``connect(transport=h2o.AppTransport(app))`` talks
    to an ASGI application in this process. ``strict_version_check`` and ``telemetry`` are without effect, see
    :func:`init`. Raises H2OConnectionError when no server answers, or one whose name is not ``name``.
    """
    if config:
        given = {"verbose": verbose, **config.get("connect_params", config)}
        return connect(**given, name=name, transport=transport)
    scheme = "https" if https else "http"
    place = server.url if isinstance(server, LocalServer) else server
    where = (place or url or _url(ip or DEFAULT_IP, port or DEFAULT_PORT, scheme)).rstrip("/")
    verify: bool | str = cacert or verify_ssl_certificates is not False
    connection = open_connection(
        getattr(transport, "url", where),
        transport=transport,
        auth=None if auth is None else (auth[0], auth[1]),
        verify=verify,
        proxy=proxy,
        cookies=[cookies] if isinstance(cookies, str) else cookies or (),
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


def _warn_of(**wishes: object) -> None:
    given = [name for name, value in wishes.items() if value is not None]
    if given:
        message = f"without effect on a server that is not Java's: {', '.join(given)}"
        warnings.warn(message, H2OWarning, stacklevel=3)


def _size(memory: str | int | None) -> str | None:
    """A size for the command line; H2O takes bare numbers as gigabytes."""
    if memory is None or not str(memory).isdigit():
        return None if memory is None else str(memory)
    return f"{memory}G"


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
