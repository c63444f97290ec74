"""Servers started as their users start them: by the command, in a process of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest


@dataclass
class Started:
    """A server process that has said it is ready."""

    process: subprocess.Popen[str]
    url: str
    log: Path
    seconds: float

    def get(self, path: str, **kwargs: object) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30, **kwargs)  # type: ignore[arg-type]

    def post(self, path: str, **kwargs: object) -> httpx.Response:
        return httpx.post(self.url + path, timeout=30, **kwargs)  # type: ignore[arg-type]


def aquifer(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "aquifer", *arguments]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start `aquifer start --port 0 …` and wait for its first sign of life; ends it afterwards."""
    processes = []

    def run(*arguments: str, timeout: float = 60, **environment: str) -> Started:
        begun = time.perf_counter()
        log_dir = tmp_path / f"log-{len(processes)}"
        process = subprocess.Popen(
            aquifer("start", "--port", "0", "--log-dir", str(log_dir), *arguments),
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
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
        raise AssertionError(f"not ready (status {process.poll()}): {process.communicate()[1]}")

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _wait_until_it_answers(url: str, until: float) -> None:
    while time.perf_counter() < until:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
