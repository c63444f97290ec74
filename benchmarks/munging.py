"""Sums, filters, groups, sorts and merges side by side with H2O: the same expressions and data, one sitting.

All servers import the same two files: `--rows` rows of ten numeric columns, and a tenth as many rows to
merge them with. Each operation is one request; rounds alternate between the servers. Reported are the best
and the median wall time, the first server's median divided by each other's, and the growth of the resident
memory at its peak, over all processes of the server, beside the bytes that the operation reads and makes.
Polars does the same in this process. H2O is left out without `--official`; `--nodes` adds a server of ours
on so many nodes.

    python benchmarks/munging.py --official .venv-h2o/bin/python [--nodes 3] [--rows 10000000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil
from servers import aquifer_server, h2o_server

GROUPS = 1000
COLUMNS = ("k", "g", *(f"x{i}" for i in range(8)))
CELL_BYTES = 8


@dataclass(frozen=True)
class Operation:
    """One row of the table: the expression, what polars does instead, and whether the result is a frame."""

    name: str
    expression: str
    polars: Callable[[pl.DataFrame, pl.DataFrame], Any]
    makes_frame: bool = True


OPERATIONS = (
    Operation("column sum", "(sumNA (cols_py big 'x0'))", lambda big, small: big["x0"].sum(), False),
    Operation(
        "filter", "(rows big (> (cols_py big 'x1') 0))", lambda big, small: big.filter(pl.col("x1") > 0)
    ),
    Operation(
        "group-by mean",
        "(GB big [1] 'mean' 2 'all')",
        lambda big, small: big.group_by("g").agg(pl.col("x0").mean()).sort("g"),
    ),
    Operation("sort by a whole number", "(sort big [0] [1])", lambda big, small: big.sort("k")),
    Operation("sort by a real number", "(sort big [2] [1])", lambda big, small: big.sort("x0")),
    Operation(
        "inner merge",
        "(merge big small False False [0] [0] 'auto')",
        lambda big, small: big.join(small, on="k").sort("k"),
    ),
)


@dataclass
class Measured:
    """What was measured of one operation on one server: seconds, and bytes at the peak."""

    seconds: list[float] = field(default_factory=list)
    growth: list[int] = field(default_factory=list)


class Server:
    """A server that is asked over REST, and the processes that it runs in."""

    def __init__(self, url: str, session: str = "_sid_bench") -> None:
        self.url = url
        self.session = session
        port = urllib.parse.urlsplit(url).port
        main = next(process for process in psutil.Process().children() if str(port) in process.cmdline())
        self.processes = [main, *main.children(recursive=True)]

    def resident(self) -> int:
        """Bytes of memory that the processes hold."""
        return sum(process.memory_info().rss for process in self.processes if process.is_running())

    def call(self, path: str, **form: Any) -> dict[str, Any]:
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with urllib.request.urlopen(f"{self.url}{path}", data, timeout=3600) as answer:
                return dict(json.loads(answer.read()))
        except urllib.error.HTTPError as refused:
            raise RuntimeError(f"{self.url}{path}: {refused.read()[:500]!r}") from refused

    def load(self, path: Path, key: str) -> float:
        """Import a CSV file; the seconds that it took."""
        begun = time.perf_counter()
        source = self.call("/3/ImportFilesMulti", paths=f"[{path}]")["destination_frames"][0]
        setup = self.call("/3/ParseSetup", source_frames=f'["{source}"]')
        names = [str(name) for name in setup["column_names"]]
        job = self.call(
            "/3/Parse",
            destination_frame=key,
            source_frames=f'["{source}"]',
            parse_type=setup["parse_type"],
            separator=setup["separator"],
            number_columns=setup["number_columns"],
            single_quotes="false",
            column_names=json.dumps(names),
            column_types=json.dumps(setup["column_types"]),
            check_header=setup["check_header"],
            chunk_size=setup["chunk_size"],
            delete_on_done="true",
        )["job"]["key"]["name"]
        while (now := self.call(f"/3/Jobs/{job}")["jobs"][0])["status"] in ("CREATED", "RUNNING"):
            time.sleep(0.1)
        if now["status"] != "DONE":
            raise RuntimeError(f"{path} was not parsed: {now['exception']}")
        return time.perf_counter() - begun

    def evaluate(self, operation: Operation, measured: Measured) -> int:
        """Time one operation; the rows of its result."""
        text = f"(tmp= result {operation.expression})" if operation.makes_frame else operation.expression
        with peak(self.resident) as growth:
            begun = time.perf_counter()
            answer = self.call("/99/Rapids", ast=text, session_id=self.session)
            measured.seconds.append(time.perf_counter() - begun)
        measured.growth.append(growth[0])
        if operation.makes_frame:
            self.call("/99/Rapids", ast="(rm result)", session_id=self.session)
        return int(answer.get("num_rows", 1))


@contextmanager
def peak(resident: Callable[[], int]) -> Iterator[list[int]]:
    """By how many bytes the resident memory grew at most in the meantime: in the list at the end."""
    before, found, done = resident(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            found[0] = max(found[0], resident() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()


def make_data(folder: Path, rows: int) -> tuple[Path, Path]:
    """Two CSV files: the large table and the one that it is merged with, whose keys are each there once."""
    random, keys = np.random.default_rng(20), max(rows // 10, 1)
    large: dict[str, Any] = {"k": random.integers(0, keys, rows), "g": random.integers(0, GROUPS, rows)}
    for i in range(8):
        large[f"x{i}"] = random.normal(size=rows) if i < 4 else np.round(random.normal(size=rows), 2)
    small = {"k": random.permutation(keys), "y": random.normal(size=keys)}
    paths = folder / "big.csv", folder / "small.csv"
    for path, columns in zip(paths, (large, small), strict=True):
        pl.DataFrame(columns).write_csv(path)
    return paths


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        big, small = make_data(Path(folder), options.rows)
        with ExitStack() as opened:
            servers = {name: Server(url) for name, url in started(options, opened)}
            for name, server in servers.items():
                seconds = server.load(big, "big") + server.load(small, "small")
                print(f"  {name:16} imported in {seconds:.1f} s", flush=True)
            results = {operation: measure(operation, servers, options) for operation in OPERATIONS}
        peers = beside_polars(big, small, options.rounds)
    print(table(results, peers, options.rows))


def started(options: argparse.Namespace, opened: ExitStack) -> Iterator[tuple[str, str]]:
    """The names and the addresses of the servers that are compared."""
    if options.official:
        yield "H2O", opened.enter_context(h2o_server(options.official, options.memory))
    yield "Aquifer", opened.enter_context(aquifer_server())
    if options.nodes:
        nodes = str(options.nodes)
        yield f"on {nodes} nodes", opened.enter_context(aquifer_server("--nodes", nodes))


def measure(
    operation: Operation, servers: dict[str, Server], options: argparse.Namespace
) -> tuple[dict[str, Measured], int]:
    """All servers in turn, after a round that does not count; and the rows of the result."""
    found = {name: Measured() for name in servers}
    rows = {name: server.evaluate(operation, Measured()) for name, server in servers.items()}
    if len(set(rows.values())) > 1:
        raise RuntimeError(f"{operation.name}: the results have {rows} rows")
    for turn in range(options.rounds):
        for name, server in servers.items():
            server.evaluate(operation, found[name])
            seconds = found[name].seconds[-1]
            print(f"  {operation.name:24} round {turn + 1} {name:16} {seconds:8.3f} s", flush=True)
    return found, next(iter(rows.values()))


def beside_polars(big: Path, small: Path, rounds: int) -> dict[Operation, float]:
    """The median seconds of polars, with all its threads."""
    left, right = pl.read_csv(big), pl.read_csv(small)
    found = {}
    for operation in OPERATIONS:
        seconds = []
        for _ in range(rounds):
            begun = time.perf_counter()
            operation.polars(left, right)
            seconds.append(time.perf_counter() - begun)
        found[operation] = statistics.median(seconds)
    return found


def table(
    results: dict[Operation, tuple[dict[str, Measured], int]], peers: dict[Operation, float], rows: int
) -> str:
    """The report; sizes are those of plain 64-bit columns."""
    first, *others = next(iter(results.values()))[0]
    heads = ["operation", first, *others, *(f"{first} ÷ {name}" for name in others), "polars"]
    heads += [*(f"{name} grows" for name in (first, *others)), "in and out"]
    lines = [
        f"{rows:,} rows × {len(COLUMNS)} columns; seconds: best / median; growth of memory at the peak",
        "",
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
    ]
    ratios: dict[str, list[float]] = {name: [] for name in others}
    for operation, (found, made) in results.items():
        medians = {name: statistics.median(side.seconds) for name, side in found.items()}
        for name in others:
            ratios[name].append(medians[first] / medians[name])
        width = len(COLUMNS) if operation.makes_frame and made > GROUPS else 1
        size = (rows * len(COLUMNS) + made * width) * CELL_BYTES
        cells = [
            operation.name,
            *(f"{min(side.seconds):.3f} / {medians[name]:.3f}" for name, side in found.items()),
            *(f"{values[-1]:.2f}" for values in ratios.values()),
            f"{peers[operation]:.3f}",
            *(f"{max(side.growth) / 1e6:,.0f} MB" for side in found.values()),
            f"{size / 1e6:,.0f} MB",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for name, values in ratios.items():
        lines += ["", f"Geometric mean of {first} ÷ {name}: {statistics.geometric_mean(values):.2f}"]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", help="Python with the official client; leaves H2O out if not given")
    parser.add_argument("--nodes", type=int, default=0, help="also measure ours on so many nodes")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", default="6g", help="of the Java server")
    return parser.parse_args()


if __name__ == "__main__":
    main()
