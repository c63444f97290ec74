"""H2O's own client, unmodified and in an environment of its own, works a day on our server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CALLS = Path(__file__).with_name("both_clients.py")
JOURNEY = Path(__file__).with_name("official_journey.py")
SECONDS_FOR_THE_JOURNEY = 240


@pytest.mark.official
@pytest.mark.slow
@pytest.mark.parametrize("nodes", [0, pytest.param(3, marks=pytest.mark.ray)], indirect=True)
def test_the_official_client_works_a_day_on_our_server(
    official_python: list[str],
    start: Callable[..., Any],
    nodes: int,
    test_data: Path,
    tmp_path: Path,
) -> None:
    server = start("--nodes", str(nodes))
    port, pid = server.url.rsplit(":", 1)[1], server.process.pid
    journey = subprocess.run(
        [*official_python, str(JOURNEY), port, str(pid), str(nodes), str(test_data)],
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_THE_JOURNEY,
        cwd=tmp_path,
        check=False,
    )
    assert journey.returncode == 0, journey.stdout[-3000:] + journey.stderr[-3000:]
    assert journey.stdout.rstrip().endswith("JOURNEY DONE")
    assert server.process.wait(20) == 0


def answers(python: list[str], url: str, folder: Path) -> dict[str, Any]:
    """What each call of the script gives; of those that are refused only that they are."""
    folder.mkdir()
    run = subprocess.run(
        [*python, "-W", "ignore", str(CALLS), url, str(folder)],
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_THE_JOURNEY,
        check=True,
    )
    return dict(json.loads(line) for line in run.stdout.splitlines() if line.startswith("["))


@pytest.mark.official
@pytest.mark.slow
def test_both_clients_get_the_same_answers(
    official_python: list[str], server_url: str, tmp_path: Path
) -> None:
    theirs = answers(official_python, server_url, tmp_path / "theirs")
    ours = answers([sys.executable], server_url, tmp_path / "ours")
    assert len(theirs) > 200
    for name, answer in theirs.items():
        assert ours[name] == answer, name
