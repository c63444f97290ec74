"""H2O's own client, in an environment of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def official_python() -> list[str]:
    """The command of an interpreter whose environment has PyPI's `h2o`, whatever PYTHONPATH says."""
    default = Path(__file__).parents[2] / ".venv-h2o" / "bin" / "python"
    python = os.environ.get("AQUIFER_H2O_PYTHON", str(default))
    if not Path(python).exists():
        pytest.skip(f"H2O's client is not in {python}: set AQUIFER_H2O_PYTHON to a Python that has h2o")
    return [python, "-E"]
