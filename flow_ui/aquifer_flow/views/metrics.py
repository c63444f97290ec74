"""Metrics as pages show them: numbers, the confusion matrix, the curves, and tables as they are."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TypeAlias

from aquifer_algos.measurement import Metrics
from aquifer_algos.table import Table

from aquifer_flow.charts import Series
from aquifer_flow.page import ViewModel

CLASSES_SHOWN = 40

Cell: TypeAlias = int | float | str | None

_LABELS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "nobs": "Rows",
    "r2": "R²",
    "logloss": "Logloss",
    "auc": "AUC",
    "pr_auc": "AUCPR",
    "gini": "Gini",
    "err": "Classification error",
    "mean_per_class_error": "Mean per-class error",
    "lift_top_group": "Lift of the top group",
    "default_threshold": "Threshold",
    "mean_residual_deviance": "Mean residual deviance",
    "mae": "MAE",
    "rmsle": "RMSLE",
}
_HEADLINES = ("err", "mean_residual_deviance", "mse")


class NamedValue(ViewModel):
    """A number and what it is called."""

    name: str
    value: float | None


class TableView(ViewModel):
    """A table with its headings, row by row."""

    name: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Confusion(ViewModel):
    """The confusion matrix: actual classes in rows, predicted ones in columns.

    `error` and `rate` have one more entry than there are classes, that of the whole. Of very many classes
    only the first are held; `classes` is how many there are.
    """

    domain: tuple[str, ...]
    classes: int
    counts: tuple[tuple[float, ...], ...]
    error: tuple[float | None, ...]
    rate: tuple[str, ...]

    @property
    def largest(self) -> float:
        """The largest count beside the diagonal: the worst confusion."""
        return max((n for i, row in enumerate(self.counts) for j, n in enumerate(row) if i != j), default=0)

    @property
    def largest_right(self) -> float:
        """The largest count on the diagonal."""
        return max((row[i] for i, row in enumerate(self.counts)), default=0)


class MetricsView(ViewModel):
    """What a model achieved on one frame; numbers that were not computed are left out."""

    title: str
    score: NamedValue
    description: str
    values: tuple[NamedValue, ...]
    confusion: Confusion | None
    hit_ratios: TableView | None
    maxima: TableView | None
    gains_lift: TableView | None
    roc: Series | None
    auc: float | None


def metrics_view(title: str, metrics: Metrics, description: str) -> MetricsView:
    """All that is known of `metrics`, whatever the model predicts."""
    thresholds = _table(metrics, "thresholds_and_metric_scores")
    return MetricsView(
        title=title,
        score=headline(metrics),
        description=description,
        values=tuple(
            NamedValue(name=_LABELS.get(field.name, field.name), value=value)
            for field in fields(metrics)
            if isinstance(value := getattr(metrics, field.name), int | float) and not math.isnan(value)
        ),
        confusion=_confusion(metrics),
        hit_ratios=_view(_table(metrics, "hit_ratio_table")),
        maxima=_view(_table(metrics, "max_criteria_and_metric_scores")),
        gains_lift=_view(_table(metrics, "gains_lift_table")),
        roc=_roc(thresholds) if thresholds else None,
        auc=getattr(metrics, "auc", None),
    )


def headline(metrics: Metrics) -> NamedValue:
    """The one number by which a list shows how good a model is."""
    name = next(name for name in _HEADLINES if hasattr(metrics, name))
    return NamedValue(name=_LABELS[name], value=getattr(metrics, name))


def table_view(table: Table) -> TableView:
    """A table as it is, but for columns that have neither heading nor content."""
    kept = [
        (column.name, cells)
        for column, cells in zip(table.columns, table.data, strict=True)
        if column.name or any(cell not in ("", None) for cell in cells)
    ]
    return TableView(
        name=table.name,
        columns=tuple(name for name, _ in kept),
        numeric=tuple(any(isinstance(cell, int | float) for cell in cells) for _, cells in kept),
        rows=tuple(zip(*(cells for _, cells in kept), strict=True)),
    )


def _view(table: Table | None) -> TableView | None:
    return table_view(table) if table else None


def _table(metrics: Metrics, name: str) -> Table | None:
    table = getattr(metrics, name, None)
    return table if isinstance(table, Table) else None


def _confusion(metrics: Metrics) -> Confusion | None:
    table = _table(metrics, "confusion_matrix")
    domain: tuple[str, ...] = getattr(metrics, "domain", ())
    if table is None:
        return None
    shown = domain[:CLASSES_SHOWN]
    rows = [*range(len(shown)), table.rowcount - 1]
    error = table.data[len(domain)]
    return Confusion(
        domain=shown,
        classes=len(domain),
        counts=tuple(tuple(_float(table.data[j][i]) for j in range(len(shown))) for i in range(len(shown))),
        error=tuple(_float(error[i]) for i in rows),
        rate=tuple(str(table.data[len(domain) + 1][i]).strip() for i in rows),
    )


def _roc(thresholds: Table) -> Series:
    """The curve from (0, 0) to (1, 1)."""
    x = tuple(_float(cell) for cell in thresholds.column("fpr"))
    y = tuple(_float(cell) for cell in thresholds.column("tpr"))
    return Series("ROC curve", (0.0, *x), (0.0, *y))


def _float(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else math.nan
