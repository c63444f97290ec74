"""A large CSV file of mixed columns, the same for every run: what benchmarks of the parser read.

python benchmarks/mixed_csv.py FILE [MEGABYTES]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SEED = 20
ROWS_AT_ONCE = 100_000
MISSING = 0.03
_DAY = 86_400_000
_WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "harbour", "isle", "juniper")


def write_mixed_csv(path: Path, megabytes: int) -> int:
    """Write at least `megabytes` MB of rows to `path`; returns the number of rows."""
    random = np.random.default_rng(SEED)
    rows = 0
    with path.open("wb") as file:
        while file.tell() < megabytes * 1_000_000:
            mixed_rows(random, rows).write_csv(
                file, include_header=rows == 0, datetime_format="%Y-%m-%d %H:%M:%S"
            )
            rows += ROWS_AT_ONCE
    return rows


def mixed_rows(random: np.random.Generator, first: int) -> pl.DataFrame:
    """Rows of numbers of several kinds, categories, times and text, some of them missing."""
    n = ROWS_AT_ONCE
    words = np.array(_WORDS)
    text = [
        f"{a} {b}, no. {number}" if number % 5 == 0 else f"{a} {b} {number}"  # a comma is written in quotes
        for a, b, number in zip(
            words[random.integers(0, 10, n)],
            words[random.integers(0, 10, n)],
            random.integers(0, 1_000_000, n).tolist(),
            strict=True,
        )
    ]
    columns: dict[str, Any] = {
        "id": np.arange(first, first + n),
        "age": random.integers(18, 99, n),
        "count": random.poisson(0.2, n),
        "large": random.integers(-(10**12), 10**12, n),
        "price": random.lognormal(3, 1, n).round(2),
        "ratio": random.random(n).astype(np.float32),
        "reading": random.normal(0, 1e3, n),
        "tiny": random.normal(0, 1e-7, n),
        "colour": words[random.integers(0, 10, n)],
        "town": [f"town {k}" for k in random.zipf(1.3, n) % 2000],
        "seen": (np.int64(1.6e12) + random.integers(0, 1500 * _DAY, n)).astype("datetime64[ms]"),
        "remark": text,
    }
    frame = pl.DataFrame(columns)
    return frame.with_columns(
        pl.when(pl.Series(random.random(n) >= MISSING)).then(pl.col(name)).alias(name)
        for name in frame.columns[1:]
    )


if __name__ == "__main__":
    print(write_mixed_csv(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500), "rows")
