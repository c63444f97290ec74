"""Size and speed of the encodings of chunks, on typical columns.

    python benchmarks/chunks.py [--rows 65536] [--repeats 7]

For each column: the encoding that is chosen, its bits for each row, and what one core does in a second of
processor time: megabytes of decoded values encoded and rolled up, megabytes of float32 and float64 written
by decoding, and millions of rows taken (every second one, by random choice). The best of the repeats counts.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from aquifer_cluster.chunk import ColumnType, NumberChunk, encode
from aquifer_cluster.rollups import summarise
from numpy.typing import NDArray

Column = tuple[ColumnType, NDArray[np.generic]]


def columns(rows: int) -> dict[str, Column]:
    random = np.random.default_rng(0)
    pixels, real = random.integers(1, 256, rows).astype(float), random.normal(size=rows)
    numbers = {
        "whole": random.integers(0, 200, rows).astype(float),
        "whole, missing": np.where(random.random(rows) < 0.1, np.nan, random.integers(-5, 1000, rows)),
        "prices": np.round(random.random(rows) * 1000, 2),
        "real": real,
        "float32": real.astype(np.float32).astype(float),
        "few real": random.choice(real[:100], rows),
        "pixels": np.where(random.random(rows) < 0.8, 0, pixels),
        "rare": np.where(random.random(rows) < 0.98, 0, pixels),
        "beyond 2^53": random.integers(2**60, 2**60 + 1000, rows),
    }
    found: dict[str, Column] = {name: (ColumnType.NUMERIC, values) for name, values in numbers.items()}
    found["levels"] = ColumnType.ENUM, random.integers(0, 7, rows).astype(np.int32)
    found["times"] = ColumnType.TIME, random.integers(0, 20_000, rows) * 86_400_000
    return found


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Processor time of one run: the best of some repeats, of several runs each."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        for _ in range(5):
            run()
        times.append((time.process_time() - begun) / 5)
    return min(times)


def report(name: str, column: Column, repeats: int) -> None:
    type, values = column
    chunk = encode(values, type)
    assert isinstance(chunk, NumberChunk)
    rows = np.flatnonzero(np.random.default_rng(1).random(len(values)) < 0.5)
    megabytes = values.nbytes / 1e6
    speeds = [
        megabytes / seconds(lambda: encode(values, type), repeats),
        megabytes / seconds(lambda: summarise(chunk, values), repeats),
    ]
    for dtype in (np.float32, np.float64):
        out = np.empty(len(values), dtype)
        speeds.append(out.nbytes / 1e6 / seconds(lambda out=out: chunk.fill(out), repeats))  # type: ignore[misc]
    speeds.append(len(rows) / 1e6 / seconds(lambda: chunk.take(rows), repeats))
    bits = 8 * chunk.nbytes / len(values)
    print(f"{name:15s} {chunk.name:10s} {bits:5.1f}" + "".join(f"{speed:10,.0f}" for speed in speeds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=65_536)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    print(f"{'column':15s} {'encoding':10s} {'bits':>5s}    encode   roll up   float32   float64      take")
    for name, column in columns(given.rows).items():
        report(name, column, given.repeats)


if __name__ == "__main__":
    main()
