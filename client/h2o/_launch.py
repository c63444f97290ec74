"""A local server as a child of this process: started when there is none, ended with the program."""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from h2o.exceptions import H2OStartupError

__all__ = ["LocalServer", "free_port", "start_server"]

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_NEEDED = ("aquifer", "fastapi", "uvicorn", "numba", "pyarrow")
_ENTRY = "import sys; from aquifer.cli import main; sys.exit(main())"


class LocalServer:
    """The child process; ``stop`` ends it, and is called when the program ends."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, url: str) -> None:
        self.process = process
        self.url = url
        self.log = log
        atexit.register(self.stop)

    def stop(self) -> None:
        """Ask the server to end, and make it after some seconds; stopping twice is fine."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        atexit.unregister(self.stop)
        with contextlib.suppress(OSError):
            self.log.unlink()

    def wait_until_ready(self, ready: Callable[[], bool]) -> None:
        """Wait for the server; raises H2OStartupError with the end of its log when it does not come up."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise H2OStartupError(self._failure(f"ended with status {self.process.returncode}"))
            if ready():
                return
            time.sleep(_POLL_SECONDS)
        reason = self._failure(f"was not ready within {READY_SECONDS:.0f} s")
        self.stop()
        raise H2OStartupError(reason)

    def _failure(self, what: str) -> str:
        tail = self.log.read_text(errors="replace").splitlines()[-20:]
        return "\n".join([f"the local server {what}; its last words:", *tail])


def _require_server() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise H2OStartupError(
            "no server is running and none can be started here "
            f"({', '.join(missing)} not installed): "
            'run  pip install "aquifer[server]"  or connect to a server with h2o.connect(url=…)'
        )


def start_server(
    ip: str,
    port: int,
    *,
    nthreads: int = -1,
    max_mem_size: str | None = None,
    name: str | None = None,
    log_dir: str | None = None,
    log_level: str | None = None,
) -> LocalServer:
    """Run ``aquifer start`` with this interpreter; H2OStartupError where the server is not installed."""
    _require_server()
    command = [sys.executable, "-c", _ENTRY, "start", "--ip", ip, "--port", str(port)]
    options = {
        "--threads": nthreads if nthreads > 0 else None,
        "--memory": max_mem_size,
        "--name": name,
        "--log-dir": log_dir,
        "--log-level": log_level,
    }
    for option, value in options.items():
        if value is not None:
            command += [option, str(value)]
    handle, log = tempfile.mkstemp(prefix="aquifer-", suffix=".log")
    # A session of its own keeps Ctrl-C, which cancels a job here, from reaching the server.
    with open(handle, "wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return LocalServer(process, Path(log), f"http://{f'[{ip}]' if ':' in ip else ip}:{port}")


def free_port(ip: str, first: int) -> int:
    """The first port from ``first`` on that nobody listens on."""
    for port in range(first, 65536):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((ip, port))
            return port
    raise H2OStartupError(f"no port from {first} on is free on {ip}")
