"""Training speed side by side with H2O: the same official client, the same parameters, one sitting.

For each network and server: one warm-up, then two runs of n and 3n epochs. The rate is 2n × rows divided by
the difference of the wall times of `train()` at the client, so that start-up, scoring at the end and the
client's own steps cancel out; n is longer for Aquifer, or the difference would be lost in the client's steps.
Rounds alternate between the servers; the medians are reported, and the validation error after equal rows (3n
of H2O's epochs) beside them, since a speed counts only at an equal error.

    python benchmarks/train.py --official .venv-h2o/bin/python [--rounds 3] [--nets small,medium,large]
        [--activations Rectifier,Tanh,…] [--seconds 6]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from servers import DATA, Measure, Task, answer, aquifer_server, drivers, h2o_server

ROWS = 8000
WANTED_EACH, WANTED_MEAN = 7, 18
LONGER = {"H2O": 1, "Aquifer": 12}


@dataclass(frozen=True)
class Net:
    """A network of the table; `slowest` is roughly H2O's rows per second with Rectifier."""

    name: str
    hidden: tuple[int, ...]
    sparse: bool
    slowest: float


@dataclass(frozen=True)
class Cell:
    """A network with an activation: what is measured."""

    net: Net
    activation: str

    def epochs(self, seconds: float) -> float:
        """n: so long that H2O works for about so many seconds."""
        cost = next(cost for name, cost in COST.items() if self.activation.startswith(name))
        return max(0.05, seconds * self.net.slowest / cost / ROWS)


NETS = (
    Net("small", (32, 32, 32), True, 66_000),
    Net("medium", (200, 200), False, 3_700),
    Net("large", (1024, 1024, 2048), False, 180),
)
COST = {"Rectifier": 1, "Tanh": 3, "Maxout": 5}
ACTIVATIONS = tuple(name + dropout for name in COST for dropout in ("", "WithDropout"))


def main() -> None:
    options = _options()
    if options.drive:
        answer(options.drive, run)
        return
    cells = [
        Cell(net, activation)
        for net in NETS
        if net.name in options.nets.split(",")
        for activation in options.activations.split(",")
    ]
    with h2o_server(options.official, "6g") as theirs, aquifer_server() as ours:
        urls = {"H2O": theirs, "Aquifer": ours}
        with drivers(__file__, options.official, urls) as measure:
            results = {cell: rounds(cell, measure, options.rounds, options.seconds) for cell in cells}
    print(table(results))


def rounds(cell: Cell, measure: Measure, count: int, seconds: float) -> dict[str, list[Task]]:
    """Measure a cell on both servers in turn, `count` times."""
    found: dict[str, list[Task]] = {"H2O": [], "Aquifer": []}
    for turn in range(count):
        for server in found:
            task = {
                "hidden": cell.net.hidden,
                "sparse": cell.net.sparse,
                "activation": cell.activation,
                "epochs": cell.epochs(seconds),
                "longer": LONGER[server],
                "seed": 1 + turn,
            }
            result = measure(server, task)
            found[server].append(result)
            wall = f"({result['short']:.1f} s, {result['long']:.1f} s)"
            print(
                f"  {cell.net.name:7} {cell.activation:21} round {turn + 1} {server:8} "
                f"{result['rate']:>10,.0f} rows/s  {wall}",
                flush=True,
            )
    return found


def table(results: dict[Cell, dict[str, list[Task]]]) -> str:
    """The report: median rates, their ratio, and the median errors."""
    lines = [
        "",
        f"{'hidden':26} {'activation':21} {'H2O rows/s':>11} {'Aquifer rows/s':>15} {'ratio':>7} "
        f"{'H2O error':>10} {'Aquifer error':>14}",
    ]
    ratios = []
    for cell, found in results.items():
        rate, error = (
            {server: statistics.median(run[key] for run in runs) for server, runs in found.items()}
            for key in ("rate", "error")
        )
        ratios.append(rate["Aquifer"] / rate["H2O"])
        name = str(list(cell.net.hidden)) + (" sparse" if cell.net.sparse else "")
        lines.append(
            f"{name:26} {cell.activation:21} {rate['H2O']:>11,.0f} {rate['Aquifer']:>15,.0f} "
            f"{ratios[-1]:>6.1f}x {error['H2O']:>10.4f} {error['Aquifer']:>14.4f}"
        )
    mean = math.exp(statistics.mean(map(math.log, ratios)))
    lines.append(
        f"geometric mean {mean:.1f} (wanted {WANTED_MEAN}), lowest {min(ratios):.1f} (wanted {WANTED_EACH})"
    )
    return "\n".join(lines)


# what the driver does, in the official client's environment


@cache
def frames() -> tuple[Any, Any]:
    """MNIST's test set, cut into rows to train on and rows to validate on."""
    import h2o

    frame = h2o.import_file(str(DATA / "mnist_test.csv.gz"))
    frame[784] = frame[784].asfactor()
    return frame[:ROWS, :], frame[ROWS:, :]


def run(task: Task) -> Task:
    """One run for the error, which warms up; a short and a long one, and the rate between them."""
    n = task["epochs"] * task["longer"]
    _, error = trained(task, 3 * task["epochs"] if task["longer"] > 1 else 0.05 * n)
    short, _ = trained(task, n)
    long, error_of_long = trained(task, 3 * n)
    error = error if task["longer"] > 1 else error_of_long
    return {"rate": 2 * n * ROWS / (long - short), "error": error, "short": short, "long": long}


def trained(task: Task, epochs: float) -> tuple[float, float]:
    """The wall time of so many epochs, and the validation error after them."""
    import h2o

    train, valid = frames()
    model = estimator(task, epochs)
    begun = time.perf_counter()
    model.train(y=784, training_frame=train, validation_frame=valid)
    seconds = time.perf_counter() - begun
    error = float(model.confusion_matrix(valid).as_data_frame()["Error"].iloc[-1])
    h2o.remove(model.model_id)  # or H2O's heap fills up with large networks, and it does little but collect
    return seconds, error


def estimator(task: Task, epochs: float) -> Any:
    from h2o.estimators import H2ODeepLearningEstimator

    return H2ODeepLearningEstimator(
        hidden=task["hidden"],
        sparse=task["sparse"],
        epochs=epochs,
        activation=task["activation"],
        input_dropout_ratio=0.2 if task["activation"].endswith("WithDropout") else 0,
        l1=1e-5,
        stopping_rounds=0,
        classification_stop=-1,
        score_interval=1000,
        overwrite_with_best_model=False,
        variable_importances=False,
        seed=task["seed"],
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="python with PyPI's h2o")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nets", default=",".join(net.name for net in NETS))
    parser.add_argument("--activations", default=",".join(ACTIVATIONS))
    parser.add_argument("--seconds", type=float, default=6, help="how long H2O's short run is, roughly")
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
