"""Speed and error on real tables beside H2O: flights of categories with 2,700 levels, and forest cover.

The same official client, the same parameters, one sitting. A rate is the rows of 2n epochs divided by the
difference of the wall times of n and 3n epochs; n is longer for Aquifer, or its difference would be lost in
the client's steps. Errors are of rows held out, for each seed: a speed counts only at an equal error. H2O
trains whole iterations and so more epochs than it is asked for (of 0.75, up to 1.5), with fewer errors;
Aquifer trains as many as H2O has.

    python benchmarks/tables.py --official .venv-h2o/bin/python [--seeds 5] [--tables flights,covtype]
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from servers import DATA, Measure, Task, answer, aquifer_server, drivers, h2o_server

HELD_OUT = 5  # one row of so many
LONGER = {"H2O": 1, "Aquifer": 20}
WANTED = 10


@dataclass(frozen=True)
class Table:
    """A table of `rows`, its response and the columns to learn it from (all if none are named).

    metric: of the rows held out; epochs: n, so many that H2O works for some seconds.
    """

    lines: Callable[[], list[str]]
    header: bool
    rows: int
    response: str
    predictors: tuple[str, ...]
    categories: tuple[str, ...]
    metric: str
    epochs: float


def flights() -> list[str]:
    with zipfile.ZipFile(DATA / "allyears2k_headers.zip") as archive:
        name = archive.namelist()[0]
        return io.TextIOWrapper(archive.open(name), "latin-1").read().splitlines()


def cover() -> list[str]:
    return (DATA / "covtype.20k.data").read_text().splitlines()


_DAYS = ("Year", "Month", "DayofMonth", "DayOfWeek", "FlightNum")

TABLES = {
    "flights": Table(
        flights, True, 43_978, "IsDepDelayed", (*_DAYS, "UniqueCarrier", "Origin", "Dest"), _DAYS, "AUC", 0.25
    ),
    "covtype": Table(cover, False, 20_000, "C55", (), ("C55",), "error", 1.0),
}


def main() -> None:
    options = _options()
    if options.drive:
        answer(options.drive, run)
        return
    lines = [
        f"{'table':9}{'H2O rows/s':>12}{'Aquifer rows/s':>16}{'ratio':>7} (wanted {WANTED})  metric of "
        "held-out rows: H2O, Aquifer (each seed)"
    ]
    with h2o_server(options.official) as theirs, aquifer_server("--memory", "4g") as ours:
        urls = {"H2O": theirs, "Aquifer": ours}
        with drivers(__file__, options.official, urls) as measure, tempfile.TemporaryDirectory() as folder:
            lines += [
                compare(name, shuffled(name, Path(folder)), measure, options.seeds)
                for name in options.tables.split(",")
            ]
    print(*lines, sep="\n")


def shuffled(name: str, folder: Path) -> str:
    """The path of the table with its rows in another order, the same for both servers."""
    table, path = TABLES[name], folder / f"{name}.csv"
    lines = table.lines()
    header, rows = (lines[:1], lines[1:]) if table.header else ([], lines)
    random.Random(1).shuffle(rows)
    path.write_text("\n".join((*header, *rows)) + "\n")
    return str(path)


def compare(name: str, path: str, measure: Measure, seeds: int) -> str:
    """A line of the report."""
    table = TABLES[name]
    rates: dict[str, float] = {}
    metrics: dict[str, list[float]] = {}
    epochs = dict.fromkeys(range(1, seeds + 1), 3 * table.epochs)
    for server, longer in LONGER.items():

        def train(epochs: float, seed: int, server: str = server) -> Task:
            return measure(server, {"table": name, "path": path, "epochs": epochs, "seed": seed})

        train(table.epochs / 10, 1)
        results = {seed: train(wanted, seed) for seed, wanted in epochs.items()}
        metrics[server] = [float(result["metric"]) for result in results.values()]
        epochs = {seed: float(result["epochs"]) for seed, result in results.items()}
        short, long = (train(factor * longer * table.epochs, 1)["seconds"] for factor in (1, 3))
        trained = table.rows - table.rows // HELD_OUT
        rates[server] = 2 * longer * table.epochs * trained / (long - short)
        print(f"  {name} {server}: {rates[server]:,.0f} rows/s ({short:.1f} s, {long:.1f} s)", flush=True)
    shown = (
        f"{table.metric} {statistics.median(values):.4f} ({', '.join(f'{value:.4f}' for value in values)})"
        for values in metrics.values()
    )
    ratio = rates["Aquifer"] / rates["H2O"]
    return f"{name:9}{rates['H2O']:>12,.0f}{rates['Aquifer']:>16,.0f}{ratio:>7.1f}  " + "; ".join(shown)


# what the driver does, in the official client's environment


@cache
def frames(name: str, path: str) -> tuple[Any, Any, list[str]]:
    """Rows to train on, rows held out, and the predictors."""
    import h2o

    table = TABLES[name]
    frame = h2o.import_file(path)
    assert frame.nrow == table.rows, f"{path} has {frame.nrow} rows"
    for column in table.categories:
        frame[column] = frame[column].asfactor()
    predictors = list(table.predictors) or [column for column in frame.names if column != table.response]
    trained = table.rows - table.rows // HELD_OUT
    return frame[:trained, :], frame[trained:, :], predictors


def run(task: Task) -> Task:
    """The seconds that a training takes, its epochs, and the metric of the rows held out."""
    from h2o.estimators import H2ODeepLearningEstimator

    table = TABLES[task["table"]]
    train, held_out, predictors = frames(task["table"], task["path"])
    model = H2ODeepLearningEstimator(
        hidden=[100, 100],
        epochs=task["epochs"],
        seed=task["seed"],
        stopping_rounds=0,
        classification_stop=-1,
        score_interval=1000,
        overwrite_with_best_model=False,
        variable_importances=False,
    )
    begun = time.perf_counter()
    model.train(x=predictors, y=table.response, training_frame=train)
    seconds = time.perf_counter() - begun
    found = model.model_performance(held_out)
    metric = (
        found.auc() if table.metric == "AUC" else found.confusion_matrix().as_data_frame()["Error"].iloc[-1]
    )
    epochs = model.scoring_history()["epochs"].iloc[-1]
    return {"seconds": seconds, "epochs": float(epochs), "metric": float(metric)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="python with PyPI's h2o")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
