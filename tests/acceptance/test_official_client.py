"""H2O's own client, unmodified and in an environment of its own, works a day on our server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

JOURNEY = Path(__file__).with_name("official_journey.py")
SECONDS_FOR_THE_JOURNEY = 240


@pytest.fixture(scope="module")
def official_python() -> str:
    """The interpreter of an environment that has PyPI's `h2o`."""
    default = Path(__file__).parents[2] / ".venv-h2o" / "bin" / "python"
    python = os.environ.get("AQUIFER_H2O_PYTHON", str(default))
    if not Path(python).exists():
        pytest.skip(f"H2O's client is not in {python}: set AQUIFER_H2O_PYTHON to a Python that has h2o")
    return python


@pytest.mark.official
@pytest.mark.slow
@pytest.mark.parametrize("nodes", [0, pytest.param(3, marks=pytest.mark.ray)], indirect=True)
def test_the_official_client_works_a_day_on_our_server(
    official_python: str,
    start: Callable[..., Any],
    nodes: int,
    test_data: Path,
    tmp_path: Path,
) -> None:
    server = start("--nodes", str(nodes))
    port, pid = server.url.rsplit(":", 1)[1], server.process.pid
    journey = subprocess.run(
        [official_python, str(JOURNEY), port, str(pid), str(nodes), str(test_data)],
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_THE_JOURNEY,
        cwd=tmp_path,
        check=False,
    )
    assert journey.returncode == 0, journey.stdout[-3000:] + journey.stderr[-3000:]
    assert journey.stdout.rstrip().endswith("JOURNEY DONE")
    assert server.process.wait(20) == 0
