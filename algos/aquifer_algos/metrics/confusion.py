"""The confusion matrix: what was predicted for each actual class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aquifer_algos.metrics.observations import FloatArray, quotient, ratio
from aquifer_algos.table import ColumnType, Table, TableColumn, as_cells


def error_rate(counts: FloatArray) -> float:
    """Share of the weight that is off the diagonal; NaN for an empty matrix."""
    total = float(counts.sum())
    return quotient(total - float(np.trace(counts)), total)


def mean_per_class_error(counts: FloatArray) -> float:
    """Mean of the classes' error rates, over the classes that occur; NaN if none does."""
    errors = _class_errors(counts)
    occurring = errors[~np.isnan(errors)]
    return float(occurring.mean()) if len(occurring) else float("nan")


def confusion_matrix_table(counts: FloatArray, domain: Sequence[str]) -> Table:
    """The matrix as the protocol lays it out: a column for each class, the error, the rate, a row of totals.

    Args:
        counts: weight of the rows of actual class i that were predicted as class j, shape (classes, classes).
        domain: the classes' names.
    """
    wrong = counts.sum(axis=1) - np.diag(counts)
    of = counts.sum(axis=1)
    whole = bool(np.all(counts == np.floor(counts)))
    kind: ColumnType = "long" if whole else "double"
    cells = np.vstack([counts, counts.sum(axis=0)])
    rates = _rates(np.append(wrong, wrong.sum()), np.append(of, of.sum()), whole)
    columns = [
        *(TableColumn(name, kind, "%d" if whole else "%.2f") for name in domain),
        TableColumn("Error", "double", "%.4f"),
        TableColumn("Rate", "string", f"= %{max(map(len, rates))}s"),
    ]
    data = [
        *(as_cells(column.astype(np.int64) if whole else column) for column in cells.T),
        as_cells(np.append(_class_errors(counts), error_rate(counts))),
        rates,
    ]
    return Table(
        "Confusion Matrix", "Rows: actual class; columns: predicted class", tuple(columns), tuple(data)
    )


def _class_errors(counts: FloatArray) -> FloatArray:
    weight = counts.sum(axis=1)
    return ratio(weight - np.diag(counts), weight)


def _rates(wrong: FloatArray, of: FloatArray, whole: bool) -> tuple[str, ...]:
    digits = 0 if whole else 4
    return tuple(f"{a:,.{digits}f} / {b:,.{digits}f}" for a, b in zip(wrong, of, strict=True))
