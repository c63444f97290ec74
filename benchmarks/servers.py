"""The two servers side by side, and H2O's own client that drives both: a process for each server.

A benchmark starts itself again with `--drive URL` in the client's environment; that process calls `answer`,
which turns each line on stdin (a task) into a line on stdout (a result).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("AQUIFER_TEST_DATA", "../shared/data")).resolve()
POLL_SECONDS = 0.2

Task = dict[str, Any]
Measure = Callable[[str, Task], Task]


@contextmanager
def h2o_server(python: str, memory: str = "3g") -> Iterator[str]:
    """H2O's own server, from the package in the official client's environment."""
    find = "import h2o, pathlib; print(pathlib.Path(h2o.__file__).parent / 'backend/bin/h2o.jar')"
    jar = subprocess.run(
        [python, "-E", "-c", find], capture_output=True, text=True, check=True
    ).stdout.strip()
    port = free_port()
    command = [
        "java",
        f"-Xmx{memory}",
        "-jar",
        jar,
        "-ip",
        "127.0.0.1",
        "-port",
        str(port),
        "-name",
        f"bench-{port}",
    ]
    with served(command, f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def aquifer_server(*arguments: str) -> Iterator[str]:
    """Aquifer's server, from the environment of this Python."""
    port = free_port()
    command = [sys.executable, "-m", "aquifer", "start", "--port", str(port), *arguments]
    with served(command, f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def served(command: list[str], url: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/3/Cloud", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with status {process.returncode}") from None
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def drivers(script: str, python: str, urls: Mapping[str, str]) -> Iterator[Measure]:
    """One process of `script` for each server; yields `measure(server, task)`."""
    processes = {
        server: subprocess.Popen(
            [python, "-E", script, "--drive", url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for server, url in urls.items()
    }

    def measure(server: str, task: Task) -> Task:
        pipe = processes[server]
        assert pipe.stdin is not None
        assert pipe.stdout is not None
        print(json.dumps(task), file=pipe.stdin, flush=True)
        answer = pipe.stdout.readline()
        if not answer:
            raise RuntimeError(f"the driver of {server} ended with status {pipe.wait()}")
        return dict(json.loads(answer))

    try:
        yield measure
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


def answer(url: str, task_of: Callable[[Task], Task]) -> None:
    """Connect H2O's client to `url`, and answer each line on stdin by `task_of` of it."""
    import h2o
    from h2o.utils.progressbar import ProgressBar

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the client prints is not an answer
    # The client looks for the end of a job at growing intervals, up to seconds; for both servers alike,
    # look often enough that this does not blur the wall times.
    ProgressBar.MAX_PROGRESS_CHECK_INTERVAL = POLL_SECONDS
    h2o.connect(url=url, strict_version_check=False, verbose=False)
    h2o.no_progress()
    for line in sys.stdin:
        print(json.dumps(task_of(json.loads(line))), file=answers, flush=True)
