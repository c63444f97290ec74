"""Training speed side by side with H2O: the same official client, the same parameters, one sitting.

For each network and server: one warm-up, then two runs of n and 3n epochs. The rate is 2n × rows divided by
the difference of the wall times of `train()` at the client, so that start-up, scoring at the end and the
client's own steps cancel out. Rounds alternate between the servers; the medians are reported, and the
validation error after equal rows beside them, since a speed counts only at an equal error.

    python benchmarks/train.py --official .venv-h2o/bin/python [--rounds 3] [--cells sparse,medium,large]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("AQUIFER_TEST_DATA", "../shared/data")).resolve()
ROWS = 8000


@dataclass(frozen=True)
class Cell:
    """One network of the table; `epochs` is n, so long that the slower server works for 10 s or more."""

    name: str
    hidden: tuple[int, ...]
    sparse: bool
    epochs: float
    required: float


CELLS = (
    Cell("sparse", (32, 32, 32), True, 200, 5),
    Cell("medium", (200, 200), False, 15, 12),
    Cell("large", (1024, 1024, 2048), False, 0.5, 9),
)


def main() -> None:
    options = _options()
    if options.drive:
        drive(options.drive)
        return
    cells = [cell for cell in CELLS if cell.name in options.cells.split(",")]
    with h2o_server(options.official) as theirs, aquifer_server() as ours:
        urls = {"H2O": theirs, "Aquifer": ours}
        with drivers(options.official, urls) as measure:
            results = {cell: rounds(cell, measure, options.rounds) for cell in cells}
    print(table(results))


def rounds(cell: Cell, measure: Any, count: int) -> dict[str, list[dict[str, float]]]:
    """Measure a cell on both servers in turn, `count` times."""
    found: dict[str, list[dict[str, float]]] = {"H2O": [], "Aquifer": []}
    for turn in range(count):
        for server in found:
            result = measure(server, cell, turn)
            found[server].append(result)
            wall = f"({result['short']:.1f} s, {result['long']:.1f} s)"
            print(
                f"  {cell.name:7} round {turn + 1} {server:8} {result['rate']:>10,.0f} rows/s  {wall}",
                flush=True,
            )
    return found


def table(results: dict[Cell, dict[str, list[dict[str, float]]]]) -> str:
    """The report: median rates, their ratio, and the median errors."""
    lines = [
        "",
        f"{'hidden':20} {'H2O rows/s':>12} {'Aquifer rows/s':>15} {'ratio':>7} {'wanted':>7} "
        f"{'H2O error':>10} {'Aquifer error':>14}",
    ]
    for cell, found in results.items():
        rate, error = (
            {s: statistics.median(r[key] for r in runs) for s, runs in found.items()}
            for key in ("rate", "error")
        )
        name = str(list(cell.hidden)) + (" sparse" if cell.sparse else "")
        lines.append(
            f"{name:20} {rate['H2O']:>12,.0f} {rate['Aquifer']:>15,.0f} "
            f"{rate['Aquifer'] / rate['H2O']:>6.1f}x {cell.required:>6.0f}x "
            f"{error['H2O']:>10.4f} {error['Aquifer']:>14.4f}"
        )
    return "\n".join(lines)


# the driver: runs in the official client's own environment, one process per server


def drive(url: str) -> None:
    """Answer each line (a cell and a seed) on stdin with a line (a result) on stdout."""
    import h2o
    from h2o.utils.progressbar import ProgressBar

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the client prints is not an answer
    # The client looks for the end of a job at growing intervals, up to seconds; for both servers alike,
    # look often enough that this does not blur the wall times.
    ProgressBar.MAX_PROGRESS_CHECK_INTERVAL = 0.2
    h2o.connect(url=url, strict_version_check=False, verbose=False)
    h2o.no_progress()
    frame = h2o.import_file(str(DATA / "mnist_test.csv.gz"))
    frame[784] = frame[784].asfactor()
    train, valid = frame[:ROWS, :], frame[ROWS:, :]
    assert train.nrow == ROWS
    assert valid.nrow == 2000
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(run(task, train, valid)), file=answers, flush=True)


def run(task: dict[str, Any], train: Any, valid: Any) -> dict[str, float]:
    """One warm-up, a short and a long run; the rate between them, and the error after the long one."""
    seconds = {}
    for name, factor in (("warm", 0.05), ("short", 1), ("long", 3)):
        model = estimator(task, factor * task["epochs"])
        begun = time.perf_counter()
        model.train(y=784, training_frame=train, validation_frame=valid)
        seconds[name] = time.perf_counter() - begun
    rate = 2 * task["epochs"] * ROWS / (seconds["long"] - seconds["short"])
    error = model.confusion_matrix(valid).as_data_frame()["Error"].iloc[-1]
    return {"rate": rate, "error": float(error), "short": seconds["short"], "long": seconds["long"]}


def estimator(task: dict[str, Any], epochs: float) -> Any:
    from h2o.estimators import H2ODeepLearningEstimator

    return H2ODeepLearningEstimator(
        hidden=task["hidden"],
        sparse=task["sparse"],
        epochs=epochs,
        activation="RectifierWithDropout",
        input_dropout_ratio=0.2,
        l1=1e-5,
        stopping_rounds=0,
        classification_stop=-1,
        score_interval=1000,
        overwrite_with_best_model=False,
        variable_importances=False,
        seed=task["seed"],
    )


@contextmanager
def drivers(python: str, urls: dict[str, str]) -> Iterator[Any]:
    """One driver per server; yields `measure(server, cell, turn)`."""
    processes = {
        server: subprocess.Popen(
            [python, __file__, "--drive", url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for server, url in urls.items()
    }

    def measure(server: str, cell: Cell, turn: int) -> dict[str, float]:
        pipe = processes[server]
        assert pipe.stdin is not None
        assert pipe.stdout is not None
        print(json.dumps({**asdict(cell), "seed": 1 + turn}), file=pipe.stdin, flush=True)
        answer = pipe.stdout.readline()
        if not answer:
            raise RuntimeError(f"the driver of {server} ended with status {pipe.wait()}")
        return dict(json.loads(answer))

    try:
        yield measure
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


# the servers


@contextmanager
def h2o_server(python: str, memory: str = "3g") -> Iterator[str]:
    """H2O's own server, from the package in the official client's environment."""
    find = "import h2o, pathlib; print(pathlib.Path(h2o.__file__).parent / 'backend/bin/h2o.jar')"
    jar = subprocess.run([python, "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    port = free_port()
    command = ["java", f"-Xmx{memory}", "-jar", jar, "-ip", "127.0.0.1", "-port", str(port), "-name", "bench"]
    with served(command, f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def aquifer_server(*arguments: str) -> Iterator[str]:
    """Aquifer's server, from the environment of this Python."""
    port = free_port()
    command = [sys.executable, "-m", "aquifer", "start", "--port", str(port), *arguments]
    with served(command, f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def served(command: list[str], url: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/3/Cloud", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with status {process.returncode}") from None
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="python with PyPI's h2o")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", default="sparse,medium,large")
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
