"""The booklet's examples go through with H2O's own client and with ours, on one node and on three."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BOOKLET = Path(__file__).with_name("booklet.py")
SECONDS = 400
ON_THREE = pytest.param(3, "official", id="official-ray", marks=pytest.mark.ray)


@pytest.mark.official
@pytest.mark.slow
@pytest.mark.parametrize(("nodes", "client"), [(0, "official"), (0, "ours"), ON_THREE], indirect=["nodes"])
def test_the_booklets_examples_go_through_with_both_clients(
    official_python: list[str],
    start: Callable[..., Any],
    nodes: int,
    client: str,
    test_data: Path,
    tmp_path: Path,
) -> None:
    server = start("--nodes", str(nodes))
    python = official_python if client == "official" else [sys.executable]
    run = subprocess.run(
        [*python, "-W", "ignore", str(BOOKLET), server.url, str(test_data)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert "BOOKLET DONE" in run.stdout
