"""A local server is started when there is none, and ended with the program."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import h2o
import pytest
from h2o import _launch
from h2o._launch import LocalServer, free_port, start_server
from h2o.exceptions import H2OConnectionError, H2OStartupError


def child(tmp_path: Path, program: str) -> LocalServer:
    log = tmp_path / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-c", program], stdout=stream, stderr=subprocess.STDOUT)
    return LocalServer(process, log, "http://127.0.0.1:1")


def test_a_machine_without_the_server_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        _launch.importlib.util, "find_spec", lambda name: None if name == "fastapi" else object()
    )
    with pytest.raises(H2OStartupError, match=r'fastapi not installed.*pip install "aquifer\[server\]"'):
        start_server("127.0.0.1", 54321)


def test_a_server_that_ends_at_once_gives_its_last_words(tmp_path: Path) -> None:
    server = child(tmp_path, "print('port 54321 is taken by nginx'); raise SystemExit(2)")
    server.process.wait()
    with pytest.raises(H2OStartupError, match=r"status 2.*\n.*taken by nginx"):
        server.wait_until_ready(lambda: False)
    server.stop()


def test_a_server_that_does_not_come_up_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_launch, "READY_SECONDS", 0.2)
    server = child(tmp_path, "import time; print('waiting', flush=True); time.sleep(60)")
    with pytest.raises(H2OStartupError, match="not ready within"):
        server.wait_until_ready(lambda: False)
    assert server.process.poll() is not None


def test_stopping_ends_the_process_and_its_log(tmp_path: Path) -> None:
    server = child(tmp_path, "import time; time.sleep(60)")
    server.wait_until_ready(lambda: True)
    server.stop()
    server.stop()
    assert server.process.poll() is not None
    assert not server.log.exists()


def test_the_next_free_port_is_found() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) > port


def test_a_real_server_is_started_and_ended_with_the_program(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = f"""
import h2o
h2o.init(port={port}, nthreads=1, max_mem_size="1G", name="mine", verbose=False)
print(h2o.cluster().cloud_name, h2o.cluster().nodes[0]["pid"])
"""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.split()[0] == "mine"
    with pytest.raises(H2OConnectionError):
        h2o.connect(f"http://127.0.0.1:{port}")


class Launched(Exception):
    """Raised in place of a real start, with its arguments."""


@pytest.fixture
def no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*arguments: Any, **options: Any) -> None:
        raise Launched(arguments, options)

    monkeypatch.setattr("h2o._init.start_server", start)


@pytest.mark.usefixtures("no_start")
def test_init_starts_a_server_where_there_is_none() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Launched) as caught:
        h2o.init(port=port, nthreads=2, max_mem_size=2, name="mine", log_dir="logs", log_level="WARN")
    arguments, options = caught.value.args
    assert arguments == ("127.0.0.1", port)
    assert options == {
        "nthreads": 2,
        "max_mem_size": "2G",
        "name": "mine",
        "log_dir": "logs",
        "log_level": "WARNING",
    }


@pytest.mark.parametrize("level", ["TRACE", "DEBUG", "INFO", "WARN", "ERRR", "FATAL", "error"])
def test_every_log_level_of_h2o_is_one_of_the_servers(level: str, no_start: None) -> None:
    with pytest.raises(Launched) as caught:
        h2o.init(port=free_port("127.0.0.1", 47000), log_level=level)
    assert caught.value.args[1]["log_level"] in ("DEBUG", "INFO", "WARNING", "ERROR")


@pytest.mark.usefixtures("no_start")
@pytest.mark.parametrize(
    "wish",
    [
        {"ice_root": "/tmp"},
        {"max_log_file_size": "1MB"},
        {"min_mem_size": "1G"},
        {"extra_classpath": ["x.jar"]},
        {"jvm_custom_args": ["-Xss1m"]},
        {"bind_to_localhost": False},
    ],
)
def test_a_wish_that_cannot_be_followed_is_warned_of(wish: dict[str, Any]) -> None:
    with pytest.warns(h2o.exceptions.H2OWarning, match=next(iter(wish))), pytest.raises(Launched):
        h2o.init(port=free_port("127.0.0.1", 47000), **wish)


@pytest.mark.usefixtures("no_start")
@pytest.mark.parametrize(
    "where", [{"ip": "192.0.2.1"}, {"url": "http://127.0.0.1:1"}, {"port": 1, "start_h2o": False}]
)
def test_init_starts_no_server_elsewhere_or_against_the_users_will(where: Any, monkeypatch: Any) -> None:
    def unreachable(*arguments: Any, **options: Any) -> None:
        raise H2OConnectionError("nobody there")

    monkeypatch.setattr("h2o._init.connect", unreachable)
    with pytest.raises(H2OConnectionError, match="nobody there"):
        h2o.init(**where)


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port where somebody listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def foreign_port() -> Iterator[int]:
    """A port where something else than a server of ours answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SilentHandler) as foreign:
        thread = threading.Thread(target=foreign.serve_forever)
        thread.start()
        yield foreign.server_address[1]
        foreign.shutdown()
        thread.join()


class SilentHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.mark.usefixtures("no_start")
def test_init_starts_no_second_server_beside_a_busy_one(busy_port: int, monkeypatch: Any) -> None:
    monkeypatch.setattr("h2o._init.PROBE_SECONDS", 0.1)
    monkeypatch.setattr("h2o._init.DEFAULT_PORT", busy_port)
    with pytest.raises(H2OConnectionError, match="did not answer in time"):
        h2o.init()


@pytest.mark.usefixtures("no_start")
def test_init_says_who_is_at_the_port_that_was_asked_for(foreign_port: int) -> None:
    with pytest.raises(H2OConnectionError, match="not an Aquifer or H2O server"):
        h2o.init(port=foreign_port)


@pytest.mark.usefixtures("no_start")
def test_init_takes_the_next_port_when_something_else_has_the_usual_one(
    foreign_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h2o._init.DEFAULT_PORT", foreign_port)
    with pytest.raises(Launched) as caught:
        h2o.init()
    (_, port), _ = caught.value.args
    assert port > foreign_port


@pytest.mark.usefixtures("no_start")
def test_init_does_not_start_beside_a_wrong_server_at_the_asked_port(scripted: Any, monkeypatch: Any) -> None:
    _, transport = scripted({"GET /3/Cloud": {"cloud_name": "theirs"}})
    monkeypatch.setattr("h2o._connection.SocketTransport", lambda *a, **k: transport)
    with pytest.raises(H2OConnectionError, match="'theirs', not 'mine'"):
        h2o.init(port=54999, name="mine")


def test_the_command_line_carries_the_users_wishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_launch.tempfile, "tempdir", str(tmp_path))
    commands: list[list[str]] = []

    def popen(command: list[str], **options: Any) -> Any:
        commands.append(command)
        assert options["start_new_session"], "Ctrl-C here must not reach the server"
        raise Launched

    monkeypatch.setattr(_launch.subprocess, "Popen", popen)
    with pytest.raises(Launched):
        start_server("127.0.0.1", 54400, nthreads=2, max_mem_size="2G", name="mine")
    assert commands[0][0] == sys.executable
    assert (
        " ".join(commands[0][3:]) == "start --ip 127.0.0.1 --port 54400 --threads 2 --memory 2G --name mine"
    )
