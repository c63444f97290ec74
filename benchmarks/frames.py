"""Frames side by side with H2O: speed of import, bytes that a frame takes, and memory at the peak.

The same official client imports the same files on both servers in turn, in one sitting. Seconds are the wall
time of `import_file`, the median of the rounds after one that does not count; bytes are what each server
says of its frame; growth is that of the resident memory of all its processes during the first import, at
most. The decoding of chunks into float32 is measured in this process, on one core.

    python benchmarks/frames.py --official .venv-h2o/bin/python [--megabytes 500] [--rounds 3] [--nodes 0]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from aquifer_cluster.chunk import ColumnType, encode
from mixed_csv import write_mixed_csv
from servers import DATA, aquifer_server, h2o_server

FILES = ("mnist_train.csv.gz", "covtype.20k.data", "allyears2k_headers.zip", "prostate.csv")
CHUNK_ROWS = 65_536
_DECODED = 200
_INTERVAL = 0.01


@dataclass
class Imported:
    """What was measured of one file on one server: seconds, and bytes of the file, frame and peak."""

    seconds: list[float] = field(default_factory=list)
    frame: int = 0
    growth: int = 0


class Server:
    """A server, its processes, and the official client that drives it from an environment of its own."""

    def __init__(self, url: str, python: str, opened: ExitStack) -> None:
        port = str(urllib.parse.urlsplit(url).port)
        (process,) = (child for child in psutil.Process().children() if port in child.cmdline())
        self.processes = [process, *process.children(recursive=True)]
        self._client = subprocess.Popen(
            [python, "-E", Path(__file__).with_name("import_driver.py"), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        opened.callback(self._client.wait)
        opened.callback(self._client.kill)

    def load(self, path: Path) -> dict[str, float]:
        """Import a file and remove the frame again: seconds, bytes and rows."""
        assert self._client.stdin is not None
        assert self._client.stdout is not None
        print(path, file=self._client.stdin, flush=True)
        answer = self._client.stdout.readline()
        if not answer:
            raise RuntimeError(f"the client of {self.processes[0].cmdline()} ended at {path}")
        return dict(json.loads(answer))

    def resident(self) -> int:
        """Bytes of memory that its processes hold."""
        return sum(process.memory_info().rss for process in self.processes if process.is_running())


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        mixed = Path(folder) / f"mixed_{options.megabytes}MB.csv"
        write_mixed_csv(mixed, options.megabytes)
        files = [mixed, *(DATA / name for name in FILES if (DATA / name).exists())]
        nodes = ("--nodes", str(options.nodes)) if options.nodes else ()
        servers = {
            "H2O": Server(opened.enter_context(h2o_server(options.official, "4g")), options.official, opened),
            "Aquifer": Server(opened.enter_context(aquifer_server(*nodes)), options.official, opened),
        }
        found = {path: imports(path, servers, options.rounds) for path in files}
    print(import_table(found))
    print(decode_table())


def imports(path: Path, servers: dict[str, Server], rounds: int) -> dict[str, Imported]:
    """Import one file on all servers in turn; the first round tells only the growth of memory."""
    found = {name: Imported() for name in servers}
    for turn in range(rounds + 1):
        for name, server in servers.items():
            measured = found[name]
            with peak(server.resident) as growth:
                answer = server.load(path)
            measured.frame = int(answer["bytes"])
            if turn:
                measured.seconds.append(answer["seconds"])
            else:
                measured.growth = growth[0]
            print(f"  {path.name:24} round {turn} {name:8} {answer['seconds']:8.2f} s", flush=True)
    return found


def import_table(found: dict[Path, dict[str, Imported]]) -> str:
    """The report of all imports; ratios above 1 are in Aquifer's favour."""
    heads = [f"{side} {what}" for what in ("seconds", "bytes", "growth") for side in ("H2O", "Aquifer")]
    heads = ["file", *heads[:2], "ratio", *heads[2:4], "ratio", *heads[4:]]
    lines = ["", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for path, servers in found.items():
        theirs, ours = servers["H2O"], servers["Aquifer"]
        slow, fast = statistics.median(theirs.seconds), statistics.median(ours.seconds)
        cells = [
            path.name,
            f"{slow:.2f}",
            f"{fast:.2f}",
            f"{slow / fast:.2f}",
            *(f"{side.frame / 1e6:,.3f} MB" for side in (theirs, ours)),
            f"{theirs.frame / ours.frame:.2f}",
            *(f"{side.growth / 1e6:,.0f} MB" for side in (theirs, ours)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


@contextmanager
def peak(resident: Callable[[], int]) -> Iterator[list[int]]:
    """By how many bytes `resident` grows at most in the meantime: in the list at the end."""
    before, found, done = resident(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(_INTERVAL):
            found[0] = max(found[0], resident() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()


# decoding


def columns() -> dict[str, tuple[Any, ColumnType]]:
    """One chunk's values of each kind that encodings are made for."""
    random = np.random.default_rng(20)
    zeros = np.where(random.random(CHUNK_ROWS) < 0.9, 0, random.integers(0, 256, CHUNK_ROWS))
    return {
        "one value": (np.full(CHUNK_ROWS, 3.0), ColumnType.NUMERIC),
        "whole, 8 bits": (random.integers(0, 200, CHUNK_ROWS).astype(float), ColumnType.NUMERIC),
        "whole, 20 bits": (random.integers(0, 10**6, CHUNK_ROWS).astype(float), ColumnType.NUMERIC),
        "two decimals": (random.lognormal(3, 1, CHUNK_ROWS).round(2), ColumnType.NUMERIC),
        "mostly zero": (zeros.astype(float), ColumnType.NUMERIC),
        "float32": (random.random(CHUNK_ROWS).astype(np.float32).astype(float), ColumnType.NUMERIC),
        "float64": (random.normal(size=CHUNK_ROWS), ColumnType.NUMERIC),
        "enum of 10": (random.integers(0, 10, CHUNK_ROWS).astype(np.int32), ColumnType.ENUM),
    }


def decode_table() -> str:
    """How fast chunks are decoded into float32 and made, by CPU time."""
    heads = ("values", "encoding", "bytes a value", "decoded, GB/s of float32", "encoded, MB/s")
    lines = ["", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    out = np.empty(CHUNK_ROWS, np.float32)
    for name, (values, type) in columns().items():
        chunk: Any = encode(values, type)
        decode, make = cpu_seconds(lambda: chunk.fill(out)), cpu_seconds(lambda: encode(values, type))  # noqa: B023
        lines.append(
            f"| {name} | {chunk.name} | {chunk.nbytes / CHUNK_ROWS:.2f} | {out.nbytes / decode / 1e9:.2f} | "
            f"{values.nbytes / make / 1e6:,.0f} |"
        )
    return "\n".join(lines)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds that one call of `work` takes, after one that does not count."""
    work()
    begun = time.thread_time()
    for _ in range(_DECODED):
        work()
    return (time.thread_time() - begun) / _DECODED


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="Python with the official client")
    parser.add_argument("--megabytes", type=int, default=500, help="of the mixed CSV file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=0, help="of Aquifer; 0 is one in the server's process")
    return parser.parse_args()


if __name__ == "__main__":
    main()
