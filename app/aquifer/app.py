"""One process of it all: settings in, a served cloud until it is told to stop."""

from __future__ import annotations

import contextlib
import errno
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import structlog
import uvicorn
from aquifer_cluster.cloud import Cloud, form_cloud
from aquifer_cluster.compilation import load_in_background
from aquifer_cluster.errors import readable_bytes
from aquifer_cluster.jobs import Jobs
from aquifer_cluster.store import Store
from aquifer_flow import mount
from aquifer_server.application import create_app
from aquifer_server.coordinator import Coordinator
from aquifer_server.settings import Settings

from aquifer import __version__, pauses
from aquifer.logs import write_log

SECONDS_TO_END_JOBS = 5.0
SECONDS_TO_END_REQUESTS = 3

_log = structlog.get_logger("aquifer")


class PortTaken(Exception):
    """The port is in use; says by whom."""


class _Server(uvicorn.Server):
    """Uvicorn, except that a signal begins an orderly end and the process then exits with 0."""

    stop: Any = None
    at_ready: Any = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and then do what can wait until there is time for it."""
        await super().startup(sockets)
        self.at_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Begin to stop on SIGTERM and SIGINT (set after Ray has set its own)."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        yield


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises PortTaken."""
    listener = listen(settings.ip, settings.port)
    port = listener.getsockname()[1]
    settings = settings.model_copy(update={"port": port})
    log_dir = settings.log_dir or settings.private_folder("log")
    log_file = write_log(log_dir, settings.log_level)
    spool = settings.spool_dir or settings.private_folder("spool")
    cloud = form_cloud(settings.name, settings.nodes, settings.threads, settings.memory)
    try:
        _serve_cloud(settings, cloud, listener, spool, log_file)
    finally:
        close_cloud(cloud, settings.nodes)
        for folder in {log_dir, spool} - {settings.log_dir, settings.spool_dir}:  # the temporary ones
            shutil.rmtree(folder, ignore_errors=True)
    _log.info("stopped")


def _serve_cloud(settings: Settings, cloud: Cloud, listener: socket.socket, spool: Path, log: Path) -> None:
    store, jobs = Store(), Jobs(cloud)
    coordinator = Coordinator(cloud, store, jobs, settings, spool, log)
    app = create_app(coordinator)
    mount(app, coordinator)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SECONDS_TO_END_REQUESTS,
        server_header=False,
    )
    server = _Server(config)
    server.stop = coordinator.stop = stopper(coordinator, server)
    _log.info("ready", url=url_of(settings), **_portrait(cloud, settings, log))
    server.at_ready = load_in_background if not settings.nodes else lambda: None
    pauses.keep_short(jobs)
    server.run(sockets=[listener])


def stopper(coordinator: Coordinator, server: uvicorn.Server) -> Any:
    """What begins the orderly end, once: jobs are cancelled (their clients see it), then requests end."""

    def end() -> None:
        coordinator.jobs.cancel_all(SECONDS_TO_END_JOBS)
        threading.Event().wait(0.5)  # clients poll their job, and end their session, once more
        server.should_exit = True

    def stop() -> None:
        if not coordinator.stopping:
            coordinator.stopping = True
            _log.info("stopping")
            threading.Thread(target=end, name="stopper", daemon=True).start()

    return stop


def close_cloud(cloud: Cloud, nodes: int) -> None:
    """End the cloud's nodes, and Ray with them."""
    cloud.close()
    if nodes:
        from aquifer_cluster.ray_reach import stop_ray

        stop_ray()


def listen(ip: str, port: int) -> socket.socket:
    """A listening socket. Raises PortTaken, which names the holder."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets that say they are TCP; with it each answer to a
    # connection that is kept would wait 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ip, port))
        listener.listen(1024)
    except OSError as failure:
        listener.close()
        if failure.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} is taken by {_holder(port)}. Stop it, or choose another with --port."
            ) from failure
        raise PortTaken(f"Cannot listen on {ip}:{port}: {failure.strerror}.") from failure
    return listener


def url_of(settings: Settings) -> str:
    """The address at which the server answers."""
    host = f"[{settings.ip}]" if ":" in settings.ip else settings.ip
    return f"http://{host}:{settings.port}"


def _holder(port: int) -> str:
    """Who has the port: first of all who listens on it."""
    try:
        holders = [c for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and c.pid]
        holders.sort(key=lambda connection: connection.status != psutil.CONN_LISTEN)
        process = psutil.Process(holders[0].pid)
        return f"process {process.pid} ({' '.join(process.cmdline())[:120] or process.name()})"
    except (psutil.Error, IndexError):
        return "another process, which only its owner or root may name"


def _portrait(cloud: Cloud, settings: Settings, log: Path) -> dict[str, object]:
    return {
        "version": __version__,
        "cloud": settings.name,
        "nodes": cloud.size,
        "threads": cloud.threads,
        "memory": readable_bytes(cloud.memory),
        "log": str(log),
    }
