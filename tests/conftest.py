"""Servers for tests: an application in this process, or a real one on a free port; embedded or on Ray.

    asgi_app       the whole application around a fresh coordinator
    server_url     the same behind a socket
    coordinator    the state behind either
    start          starts servers by the command, each in a process of its own
    fuzzed         how many generated examples a test tries, and from which seed

`@pytest.mark.parametrize("nodes", [0, 3], indirect=True)` runs a test on both kinds of cloud.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from aquifer.app import listen
from aquifer_cluster.cloud import Cloud, form_cloud
from aquifer_cluster.jobs import Jobs
from aquifer_cluster.store import Store
from aquifer_flow import mount
from aquifer_server.application import create_app
from aquifer_server.coordinator import Coordinator
from aquifer_server.settings import Settings
from fastapi import FastAPI
from hypothesis import HealthCheck, seed, settings

MEMORY = 1 << 30
FUZZ_FACTOR = int(os.environ.get("AQUIFER_FUZZ", "1"))
FUZZ_SEED = int(os.environ.get("AQUIFER_FUZZ_SEED", "0"))


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of data sets that are not the project's own."""
    default = Path(__file__).parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("AQUIFER_TEST_DATA", default)).resolve()
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent: set AQUIFER_TEST_DATA to the folder of test data")
    return folder


@pytest.fixture(scope="session")
def fuzzed() -> Callable[[int], Callable[[Any], Any]]:
    """Decorates a test of hypothesis that tries so many examples, AQUIFER_FUZZ times as many if that is set.

    They are the same each time; AQUIFER_FUZZ_SEED gives others.
    """

    def decorator(examples: int) -> Callable[[Any], Any]:
        sample = settings(
            max_examples=examples * FUZZ_FACTOR,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        return lambda test: seed(FUZZ_SEED)(sample(test))

    return decorator


@pytest.fixture(scope="session", autouse=True)
def _plain_log() -> None:
    """Log lines without the values of variables, which take long to write."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, renderer])


@pytest.fixture(scope="session")
def formed() -> dict[int, Cloud]:
    """The clouds of this session by their number of nodes; filled by `clouds`."""
    return {}


@pytest.fixture(autouse=True)
def _no_workspace_is_left(formed: dict[int, Cloud]) -> Iterator[None]:
    """A test that leaves something in a workspace fails itself, not the next one on the same cloud."""
    before = _workspaces(formed)
    yield
    until = time.monotonic() + 5
    while left := {nodes: now for nodes, now in _workspaces(formed).items() if now > before.get(nodes, 0)}:
        assert time.monotonic() < until, f"workspaces left, by the number of the cloud's nodes: {left}"
        time.sleep(0.02)


def _workspaces(formed: dict[int, Cloud]) -> dict[int, int]:
    """How many workspaces there are on all nodes of each cloud."""
    return {
        nodes: sum(status.workspaces for status in cloud.statuses() if status)
        for nodes, cloud in formed.items()
    }


@pytest.fixture(scope="session")
def clouds(formed: dict[int, Cloud]) -> Iterator[Callable[[int], Cloud]]:
    """Forms a cloud of so many nodes (0: embedded), once in a session."""

    def form(nodes: int) -> Cloud:
        if nodes not in formed:
            formed[nodes] = form_cloud("tests", nodes, threads=2, memory=MEMORY)
        return formed[nodes]

    yield form
    for cloud in formed.values():
        cloud.close()
    if any(formed):
        from aquifer_cluster.ray_reach import stop_ray

        stop_ray()


@pytest.fixture
def mortal(clouds: Callable[[int], Cloud]) -> Iterator[Cloud]:
    """Three Ray nodes of one test's own: they may be killed."""
    clouds(3)  # the session's, which starts Ray and ends it
    cloud = form_cloud("mortal", 3, threads=1, memory=MEMORY)
    yield cloud
    cloud.close()


@pytest.fixture
def kill() -> Callable[[Cloud, int], None]:
    """Kills the process of a node."""

    def strike(cloud: Cloud, node: int) -> None:
        status = cloud.statuses()[node]
        assert status is not None
        os.kill(status.pid, signal.SIGKILL)

    return strike


@pytest.fixture
def nodes(request: pytest.FixtureRequest) -> int:
    """How many nodes the cloud has; 0 is one in this process."""
    return int(getattr(request, "param", 0))


@pytest.fixture
def coordinator(clouds: Callable[[int], Cloud], nodes: int, tmp_path: Path) -> Iterator[Coordinator]:
    """A coordinator with an empty store."""
    cloud = clouds(nodes)
    log, spool = tmp_path / "aquifer.log", tmp_path / "spool"
    log.write_text("the log of a test\n")
    spool.mkdir()
    coordinator = Coordinator(cloud, Store(), Jobs(cloud), Settings(port=54321), spool, log)
    yield coordinator
    coordinator.jobs.cancel_all(10)
    coordinator.store.clear((object,))  # what FastAPI remembers of an application keeps its coordinator


@pytest.fixture
def asgi_app(coordinator: Coordinator) -> FastAPI:
    """The application with its pages, around a fresh coordinator."""
    app = create_app(coordinator)
    mount(app, coordinator)
    return app


@pytest.fixture
def server_url(asgi_app: FastAPI, coordinator: Coordinator) -> Iterator[str]:
    """The address of a server that listens on a free port of this machine."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(asgi_app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started, "the server did not start"
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    coordinator.stopping = True
    server.should_exit = True
    thread.join(10)


@dataclass
class Started:
    """A server process that has said it is ready."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    seconds: float

    def get(self, path: str, **kwargs: object) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30, **kwargs)  # type: ignore[arg-type]

    def post(self, path: str, **kwargs: object) -> httpx.Response:
        return httpx.post(self.url + path, timeout=30, **kwargs)  # type: ignore[arg-type]

    def delete(self, path: str) -> httpx.Response:
        return httpx.delete(self.url + path, timeout=30)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start `aquifer start --port 0 …` and wait for its first sign of life; ends it afterwards."""
    processes = []

    def run(*arguments: str, timeout: float = 60, **environment: str) -> Started:
        begun = time.perf_counter()
        log_dir, said = tmp_path / f"log-{len(processes)}", tmp_path / f"stderr-{len(processes)}"
        command = [sys.executable, "-m", "aquifer", "start", "--port", "0", "--log-dir", str(log_dir)]
        with said.open("w") as stderr:
            process = subprocess.Popen(
                [*command, *arguments], stderr=stderr, env={**os.environ, **environment}
            )
        processes.append(process)
        log = log_dir / "aquifer.log"
        while time.perf_counter() < begun + timeout:
            text = log.read_text() if log.exists() else ""
            if found := re.search(r"ready .*url=(\S+)", text):
                _wait_until_it_answers(found[1], begun + timeout)
                return Started(process, found[1], log, time.perf_counter() - begun)
            if process.poll() is not None:
                break
            time.sleep(0.02)
        process.kill()
        raise AssertionError(f"not ready (status {process.wait()}): {said.read_text()}")

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()


def _wait_until_it_answers(url: str, until: float) -> None:
    while time.perf_counter() < until:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
