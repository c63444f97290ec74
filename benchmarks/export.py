"""How fast frames leave: downloads side by side with H2O, and data frames over Arrow and over CSV.

    python benchmarks/export.py [--official .venv-h2o/bin/python] [--rows 1000000] [--rounds 5]

Every number is the best and the median of some rounds, which alternate between what is compared, in one
sitting. H2O's server is started where `--official` names the interpreter of its client (needs Java).
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h2o
import httpx
import numpy as np
import pandas
from servers import aquifer_server, h2o_server

Seconds = list[float]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        path = Path(folder) / "mixed.csv"
        generate(options.rows).to_csv(path, index=False)
        urls = {"Aquifer": servers.enter_context(aquifer_server())}
        if options.official:
            urls["H2O"] = servers.enter_context(h2o_server(options.official))
        keys = {name: parsed(url, path) for name, url in urls.items()}
        report("CSV download", downloads(urls, keys, options.rounds))
        h2o.connect(urls["Aquifer"], verbose=False)
        report("as_data_frame", data_frames(h2o.get_frame(keys["Aquifer"]), options.rounds))


def generate(rows: int) -> pandas.DataFrame:
    """Ten columns: real numbers of full and of few digits, whole numbers, categories."""
    random = np.random.default_rng(1)
    columns: dict[str, Any] = {f"real{i}": random.normal(size=rows) for i in range(3)}
    columns |= {f"money{i}": np.round(random.normal(size=rows) * 100, 2) for i in range(3)}
    columns |= {f"whole{i}": random.integers(0, 10**5, rows) for i in range(3)}
    return pandas.DataFrame(columns | {"kind": random.choice([f"kind {i}" for i in range(40)], rows)})


def parsed(url: str, path: Path) -> str:
    """Have a server parse a file; returns the frame's key."""
    h2o.connect(url, verbose=False)
    return h2o.import_file(path).frame_id


def downloads(urls: Mapping[str, str], keys: Mapping[str, str], rounds: int) -> dict[str, Seconds]:
    """Seconds for the whole frame as CSV, of each server."""

    def get(name: str) -> Callable[[], object]:
        query = {"frame_id": keys[name], "hex_string": "False"}
        return lambda: httpx.get(f"{urls[name]}/3/DownloadDataset", params=query, timeout=600).content

    return alternated({name: get(name) for name in urls}, rounds)


def data_frames(frame: Any, rounds: int) -> dict[str, Seconds]:
    """Seconds for `as_data_frame` over Arrow, and for what H2O's client does: the text, then read_csv."""

    def over_csv() -> object:
        return pandas.read_csv(io.StringIO(frame.get_frame_data()), low_memory=False, skip_blank_lines=False)

    return alternated({"Arrow": frame.as_data_frame, "CSV": over_csv}, rounds)


def alternated(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Seconds]:
    """Seconds that each way takes, in rounds through all of them after one that does not count."""
    seconds: dict[str, Seconds] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - begun)
    return {name: taken[1:] for name, taken in seconds.items()}


def report(title: str, seconds: Mapping[str, Seconds]) -> None:
    """Print the best and the median of each way, and how many times the last takes longer than the first."""
    for name, taken in seconds.items():
        print(f"{title:14} {name:8} best {min(taken):7.3f} s, median {statistics.median(taken):7.3f} s")
    medians = [statistics.median(taken) for taken in seconds.values()]
    if len(medians) > 1:
        print(f"{title:14} ratio of the medians {medians[-1] / medians[0]:.1f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", help="interpreter of H2O's client; leaves H2O out if not given")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
