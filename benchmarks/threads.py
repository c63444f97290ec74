"""Two threads against one: rows per second of Aquifer's training, with a plot for the documentation.

A server for each number of threads, the same client, MNIST's test set; rounds alternate between them. The
rate is taken from the difference of two run lengths, as in `train.py`.

    python benchmarks/threads.py --official .venv-h2o/bin/python [--rounds 5] [--plot docs/images/threads.png]
"""

from __future__ import annotations

import argparse
import os
import statistics
from contextlib import ExitStack
from pathlib import Path

from servers import Task, answer, aquifer_server, drivers
from train import NETS, Cell, Net, run

FASTER = {"small": 20, "medium": 30, "large": 12}
"""Roughly how much faster than H2O, so that runs are long enough."""
SECONDS = 4


def main() -> None:
    options = _options()
    if options.drive:
        answer(options.drive, run)
        return
    threads = [2**power for power in range((os.cpu_count() or 1).bit_length())]
    found: dict[tuple[Net, int], list[Task]] = {}
    with ExitStack() as opened:
        urls = {
            str(count): opened.enter_context(aquifer_server("--threads", str(count))) for count in threads
        }
        measure = opened.enter_context(drivers(__file__, options.official, urls))
        for net in NETS:
            for turn in range(options.rounds):
                for count in threads:
                    result = measure(str(count), task(net, turn))
                    found.setdefault((net, count), []).append(result)
    rates = {key: statistics.median(run["rate"] for run in runs) for key, runs in found.items()}
    errors = {key: statistics.median(run["error"] for run in runs) for key, runs in found.items()}
    for (net, count), rate in rates.items():
        ratio = rate / rates[net, 1]
        said = f"{rate:>10,.0f} rows/s {ratio:5.2f}x  error {errors[net, count]:.4f}"
        print(f"{net.name:7} {count} threads {said}")
    if options.plot:
        plot(rates, threads, options.plot)


def task(net: Net, turn: int) -> Task:
    """What to train in a round."""
    epochs = Cell(net, "Rectifier").epochs(SECONDS * FASTER[net.name])
    return {
        "hidden": net.hidden,
        "sparse": net.sparse,
        "activation": "RectifierWithDropout",
        "epochs": epochs,
        "longer": 1,
        "seed": 1 + turn,
    }


def plot(rates: dict[tuple[Net, int], float], threads: list[int], path: Path) -> None:
    """Draw rows per second over threads, as multiples of one thread's."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    axes.plot(threads, threads, color="0.7", linestyle=":", label="as many times as fast")
    for net in NETS:
        relative = [rates[net, count] / rates[net, 1] for count in threads]
        axes.plot(threads, relative, marker="o", label=str(list(net.hidden)))
    axes.set(xlabel="threads", ylabel="rows per second, of one thread's", xticks=threads, ylim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="python with PyPI's h2o")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plot", type=Path, help="file for the plot")
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
