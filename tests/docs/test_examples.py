"""Examples that the docs speak of run: on few digits, for seconds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_ten_minutes_of_digits_in_two_seconds(tmp_path: Path) -> None:
    pixels, digits = load_digits(return_X_y=True)
    rows = np.column_stack([15 * pixels, digits])
    for name, part in (("train.csv", rows[:1500]), ("test.csv", rows[1500:])):
        np.savetxt(tmp_path / name, part, "%d", ",")
    plot = tmp_path / "curve.png"
    command = [sys.executable, str(EXAMPLES / "ten_minutes.py"), "train.csv", "test.csv"]
    options = ["--seconds", "2", "--hidden", "20", "--plot", str(plot)]
    run = subprocess.run(
        command + options, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    found = re.search(r"297 digits it has not seen: error ([\d.]+)%", run.stdout)
    assert found, run.stdout
    assert float(found[1]) < 50
    assert plot.read_bytes().startswith(b"\x89PNG")
