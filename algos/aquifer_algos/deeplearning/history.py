"""The scoring history of a training: its rows, the table of them, and what early stopping reads from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

from aquifer_algos.datainfo import ModelCategory
from aquifer_algos.measurement import Metrics
from aquifer_algos.stopping import StoppingMetric
from aquifer_algos.table import Cell, Table, TableColumn

MEASURES: dict[ModelCategory, tuple[tuple[str, str], ...]] = {
    ModelCategory.BINOMIAL: (
        ("rmse", "rmse"),
        ("logloss", "logloss"),
        ("r2", "r2"),
        ("auc", "auc"),
        ("pr_auc", "pr_auc"),
        ("lift", "lift_top_group"),
        ("classification_error", "err"),
    ),
    ModelCategory.MULTINOMIAL: (
        ("rmse", "rmse"),
        ("logloss", "logloss"),
        ("r2", "r2"),
        ("classification_error", "err"),
        ("auc", "auc"),
        ("pr_auc", "pr_auc"),
    ),
    ModelCategory.REGRESSION: (
        ("rmse", "rmse"),
        ("deviance", "mean_residual_deviance"),
        ("mae", "mae"),
        ("r2", "r2"),
    ),
    ModelCategory.AUTOENCODER: (("rmse", "rmse"), ("mse", "mse")),
}
"""For each category: the columns of the history, after `training_` or `validation_`, and the metric shown."""

_COLUMNS = (
    TableColumn("", "string", "%s"),
    TableColumn("timestamp", "string", "%s"),
    TableColumn("duration", "string", "%s"),
    TableColumn("training_speed", "string", "%s"),
    TableColumn("epochs", "double", "%.5f"),
    TableColumn("iterations", "int", "%d"),
    TableColumn("samples", "double", "%f"),
)


@dataclass(frozen=True)
class Progress:
    """How far training is: wall seconds since the start, rows per second of training, passes, rows."""

    time: float
    seconds: float
    speed: float | None
    epochs: float
    iterations: int
    samples: int


NOTHING_DONE = Progress(time=0.0, seconds=0.0, speed=None, epochs=0.0, iterations=0, samples=0)

Numbers: TypeAlias = Mapping[str, float]
"""Those of a scoring's metrics that are single numbers, by name."""


@dataclass(frozen=True)
class HistoryRow:
    """One scoring: before the first iteration the metrics are None, but for an autoencoder."""

    progress: Progress
    training: Numbers | None
    validation: Numbers | None

    @property
    def decisive(self) -> Numbers | None:
        """The metrics that early stopping and the choice of the best model go by."""
        return self.validation or self.training


def numbers_of(metrics: Metrics | None) -> Numbers | None:
    """What a history keeps of metrics, whose tables would take much memory."""
    if metrics is None:
        return None
    values = {field.name: getattr(metrics, field.name) for field in fields(metrics)}
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def history_table(rows: Sequence[HistoryRow], category: ModelCategory, validated: bool) -> Table:
    """The history as the protocol lays it out."""
    sets = ("training", "validation") if validated else ("training",)
    measures = [(kind, *measure) for kind in sets for measure in MEASURES[category]]
    columns = [*_COLUMNS, *(TableColumn(f"{kind}_{name}", "double", "%.5f") for kind, name, _ in measures)]
    data = [*zip(*(_leading_cells(row.progress) for row in rows), strict=True)]
    data += [tuple(_value(getattr(row, kind), metric) for row in rows) for kind, _, metric in measures]
    return Table("Scoring History", "", tuple(columns), tuple(data))


def live_row(row: HistoryRow, category: ModelCategory) -> dict[str, Any]:
    """The row as numbers by the names of the table, for plots while training goes on."""
    shown: dict[str, Any] = {
        "timestamp": row.progress.time,
        "seconds": row.progress.seconds,
        "speed": row.progress.speed,
        "epochs": row.progress.epochs,
        "iterations": row.progress.iterations,
        "samples": row.progress.samples,
    }
    for kind in ("training", "validation"):
        measured = getattr(row, kind)
        if measured is not None:
            shown |= {f"{kind}_{name}": _value(measured, metric) for name, metric in MEASURES[category]}
    return shown


def stopping_values(rows: Sequence[HistoryRow], metric: StoppingMetric) -> list[float]:
    """The watched metric at each scoring; NaN where there is none."""
    return [_value(row.decisive, metric.attribute) for row in rows]


def duration(seconds: float) -> str:
    """Format a time as the protocol's tables do: ` 1.212 sec`, ` 2 min  3.500 sec`, ` 1:02:03.500`."""
    total = round(seconds * 1000)
    minutes, rest = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:2d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
    if minutes:
        return f"{minutes:2d} min {rest // 1000:2d}.{rest % 1000:03d} sec"
    return f"{rest // 1000:2d}.{rest % 1000:03d} sec"


def _leading_cells(progress: Progress) -> tuple[Cell, ...]:
    return (
        "",
        datetime.fromtimestamp(progress.time).strftime("%Y-%m-%d %H:%M:%S"),
        duration(progress.seconds),
        None if progress.speed is None else f"{progress.speed:.0f} obs/sec",
        progress.epochs,
        progress.iterations,
        float(progress.samples),
    )


def _value(numbers: Numbers | None, name: str) -> float:
    return math.nan if numbers is None else numbers.get(name, math.nan)
