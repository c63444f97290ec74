"""H2O's own client, unmodified and in an environment of its own, works a day on our server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

JOURNEY = Path(__file__).with_name("official_journey.py")
SECONDS_TO_START = 60
SECONDS_FOR_THE_JOURNEY = 240


@pytest.fixture(scope="module")
def official_python() -> str:
    """The interpreter of an environment that has PyPI's `h2o`."""
    default = Path(__file__).parents[2] / ".venv-h2o" / "bin" / "python"
    python = os.environ.get("AQUIFER_H2O_PYTHON", str(default))
    if not Path(python).exists():
        pytest.skip(f"H2O's client is not in {python}: set AQUIFER_H2O_PYTHON to a Python that has h2o")
    return python


@pytest.fixture
def server(nodes: int, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`aquifer start` in a process of its own, and its port."""
    command = [sys.executable, "-m", "aquifer", "start", "--port", "0", "--nodes", str(nodes)]
    command += ["--log-dir", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield process, _port_of(process, tmp_path / "aquifer.log")
        finally:
            if process.poll() is None:
                process.kill()


def _port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        ready = re.search(r"ready .*url=http://[^:]+:(\d+)", log.read_text()) if log.exists() else None
        if ready:
            return int(ready[1])
        time.sleep(0.05)
    raise AssertionError("the server did not start")


@pytest.mark.official
@pytest.mark.slow
@pytest.mark.parametrize("nodes", [0, pytest.param(3, marks=pytest.mark.ray)], indirect=True)
def test_the_official_client_works_a_day_on_our_server(
    official_python: str,
    server: tuple[subprocess.Popen[bytes], int],
    nodes: int,
    test_data: Path,
    tmp_path: Path,
) -> None:
    process, port = server
    journey = subprocess.run(
        [official_python, str(JOURNEY), str(port), str(process.pid), str(nodes), str(test_data)],
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_THE_JOURNEY,
        cwd=tmp_path,
        check=False,
    )
    assert journey.returncode == 0, journey.stdout[-3000:] + journey.stderr[-3000:]
    assert journey.stdout.rstrip().endswith("JOURNEY DONE")
    assert process.wait(20) == 0
