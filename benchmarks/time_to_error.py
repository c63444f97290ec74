"""How long it takes to read MNIST with 2.5 % error, beside H2O: the same client, the same parameters.

[200, 200], RectifierWithDropout. A fifth of all units is dropped and weights are penalised: with the
defaults, half of the hidden units and no penalty, both servers were still above 3 % after thirty epochs.
Both score the 10,000 test rows after every epoch. The time is the training time of the first scoring that
is as good, as the model's history has it, and includes the scorings before it. A build is cancelled once
its history is far enough (H2O shows it while it trains); the medians of the seeds are compared.

    python benchmarks/time_to_error.py --official .venv-h2o/bin/python [--seeds 3] [--error 0.025]
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from functools import cache
from typing import Any

from servers import DATA, Task, answer, aquifer_server, drivers, h2o_server

EPOCHS = 40


def main() -> None:
    options = _options()
    if options.drive:
        answer(options.drive, run)
        return
    found: dict[str, list[float]] = {"H2O": [], "Aquifer": []}
    with h2o_server(options.official, "4g") as theirs, aquifer_server() as ours:
        urls = {"H2O": theirs, "Aquifer": ours}
        with drivers(__file__, options.official, urls) as measure:
            for seed in range(1, options.seeds + 1):
                for server, values in found.items():
                    result = measure(server, {"seed": seed, "error": options.error})
                    values.append(result["seconds"])
                    print(f"  seed {seed} {server:8} {result}", flush=True)
    medians = {server: statistics.median(values) for server, values in found.items()}
    print(f"\nseconds to {options.error:.1%}: {medians}, ratio {medians['H2O'] / medians['Aquifer']:.1f}")


# what the driver does, in the official client's environment


@cache
def frames() -> tuple[Any, Any]:
    """MNIST's training and test set."""
    import h2o

    train, test = (h2o.import_file(str(DATA / f"mnist_{part}.csv.gz")) for part in ("train", "test"))
    for frame in (train, test):
        frame["C785"] = frame["C785"].asfactor()
    return train, test


def run(task: Task) -> Task:
    """Train until the test error is low enough; when that was, and after how many epochs."""
    import h2o
    from h2o.estimators import H2ODeepLearningEstimator

    train, test = frames()
    model = H2ODeepLearningEstimator(
        model_id=f"seed_{task['seed']}",
        hidden=[200, 200],
        activation="RectifierWithDropout",
        input_dropout_ratio=0.2,
        hidden_dropout_ratios=[0.2, 0.2],
        l1=1e-5,
        epochs=EPOCHS,
        train_samples_per_iteration=0,
        score_each_iteration=True,
        score_training_samples=100,
        stopping_rounds=0,
        classification_stop=-1,
        variable_importances=False,
        seed=task["seed"],
    )
    model.start(x=train.names[:-1], y="C785", training_frame=train, validation_frame=test)
    key = model._job.job_key
    while True:
        time.sleep(0.5)
        job = h2o.api(f"GET /3/Jobs/{key}")["jobs"][0]
        reached = first(history(f"seed_{task['seed']}"), task["error"])
        if reached and job["status"] == "RUNNING":
            h2o.api(f"POST /3/Jobs/{key}/cancel")
        if reached or job["status"] not in ("CREATED", "RUNNING"):
            return reached or {"seconds": float("inf"), "epochs": EPOCHS}


def history(model: str) -> list[dict[str, Any]]:
    """The scorings of a model so far; none while there is no model."""
    import h2o
    from h2o.exceptions import H2OResponseError

    try:
        table = h2o.api(f"GET /3/Models/{model}")["models"][0]["output"]["scoring_history"]
    except H2OResponseError:
        return []
    if table is None:
        return []
    rows = table.cell_values
    return [dict(zip(table.col_header, row, strict=True)) for row in rows]


def first(rows: list[dict[str, Any]], error: float) -> Task | None:
    """The first scoring with so small an error."""
    for row in rows:
        value = row.get("validation_classification_error")
        if isinstance(value, float) and value <= error:
            return {"seconds": seconds(row["duration"]), "epochs": row["epochs"], "error": value}
    return None


def seconds(duration: str) -> float:
    """Seconds of a text such as "1 min 23.4 sec"."""
    units = {"min": 60.0, "sec": 1.0, "hour": 3600.0}
    return sum(
        float(number) * units[unit] for number, unit in re.findall(r"([\d.]+) +(min|sec|hour)", duration)
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=".venv-h2o/bin/python", help="python with PyPI's h2o")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--error", type=float, default=0.025)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
