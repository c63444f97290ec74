"""What is learnt from five tables, beside H2O: the same client, the same parameters, five seeds each.

The error of one seed says little, so the median is reported with the smallest and the largest. Aquifer is no
worse where its median is not above H2O's median by more than H2O's own seeds are apart (largest - smallest).

    python benchmarks/accuracy.py --official .venv-h2o/bin/python [--seeds 5] [--tables prostate,iris,…]
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from functools import cache
from typing import Any

from servers import DATA, Measure, Task, answer, aquifer_server, drivers, h2o_server


@dataclass(frozen=True)
class Table:
    """A table, its response, and how it is learnt; `metric` is of rows held out, smaller is better."""

    name: str
    file: str
    response: str
    ignored: tuple[str, ...]
    classes: bool
    metric: str
    parameters: dict[str, Any]


TABLES = (
    Table(
        "prostate", "prostate.csv", "CAPSULE", ("ID",), True, "logloss",
        {"hidden": [20, 20], "epochs": 30},
    ),
    Table("iris", "iris_wheader.csv", "class", (), True, "logloss", {"hidden": [20, 20], "epochs": 100}),
    Table(
        "cars", "cars.csv", "economy (mpg)", ("name",), False, "mean_residual_deviance",
        {"hidden": [20, 20], "epochs": 100},
    ),
    Table("covtype", "covtype.20k.data", "C55", (), True, "err", {"hidden": [100, 100], "epochs": 10}),
    Table(
        "MNIST", "mnist_train.csv.gz", "C785", (), True, "err",
        {
            "hidden": [32, 32, 32], "epochs": 10, "activation": "RectifierWithDropout",
            "input_dropout_ratio": 0.2, "sparse": True, "l1": 1e-5,
        },
    ),
)  # fmt: skip


def main() -> None:
    options = _options()
    if options.drive:
        answer(options.drive, run)
        return
    tables = [table for table in TABLES if table.name in options.tables.split(",")]
    with h2o_server(options.official) as theirs, aquifer_server() as ours:
        urls = {"H2O": theirs, "Aquifer": ours}
        with drivers(__file__, options.official, urls) as measure:
            lines = [line(table, errors(table, measure, options.seeds)) for table in tables]
    print(f"\n{'table':10} {'error':24} {'H2O':>28} {'Aquifer':>28}  no worse", *lines, sep="\n")


def errors(table: Table, measure: Measure, seeds: int) -> dict[str, list[float]]:
    """The errors of each server, one for each seed."""
    found: dict[str, list[float]] = {"H2O": [], "Aquifer": []}
    for seed in range(1, seeds + 1):
        for server, values in found.items():
            values.append(float(measure(server, {"table": table.name, "seed": seed})["error"]))
    return found


def line(table: Table, found: dict[str, list[float]]) -> str:
    """A line of the report."""
    median = {server: statistics.median(values) for server, values in found.items()}
    shown = [f"{median[s]:.4f} ({min(values):.4f} … {max(values):.4f})" for s, values in found.items()]
    allowed = median["H2O"] + max(found["H2O"]) - min(found["H2O"])
    verdict = "yes" if median["Aquifer"] <= allowed else "NO"
    return f"{table.name:10} {table.metric:24} {shown[0]:>28} {shown[1]:>28}  {verdict}"


# what the driver does, in the official client's environment


@cache
def frames(name: str) -> tuple[Any, Any]:
    """The rows of a table to train on, and those held out: every fourth, or MNIST's own."""
    import h2o

    table = next(table for table in TABLES if table.name == name)
    frame = h2o.import_file(str(DATA / table.file))
    if table.classes:
        frame[table.response] = frame[table.response].asfactor()
    if name == "MNIST":
        test = h2o.import_file(str(DATA / "mnist_test.csv.gz"))
        test[table.response] = test[table.response].asfactor()
        return frame, test
    fold = frame.modulo_kfold_column(4)
    return frame[fold != 0, :], frame[fold == 0, :]


def run(task: Task) -> Task:
    """Train with a seed; the error on the rows held out."""
    from h2o.estimators import H2ODeepLearningEstimator

    table = next(table for table in TABLES if table.name == task["table"])
    train, test = frames(table.name)
    x = [name for name in train.names if name not in (table.response, *table.ignored)]
    model = H2ODeepLearningEstimator(
        seed=task["seed"], stopping_rounds=0, overwrite_with_best_model=False, **table.parameters
    )
    model.train(x=x, y=table.response, training_frame=train)
    performance = model.model_performance(test)
    if table.metric == "err":
        return {"error": performance.confusion_matrix().as_data_frame()["Error"].iloc[-1]}
    return {"error": getattr(performance, table.metric)()}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="python with PyPI's h2o")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tables", default=",".join(table.name for table in TABLES))
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
