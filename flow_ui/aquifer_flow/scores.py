"""Scores over the course of a training: the curves that a job's page and a model's page draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from aquifer_flow.charts import Series, line_chart
from aquifer_flow.page import ViewModel

_SIDES = ("training", "validation")
_PROGRESS = ("epochs", "iterations", "samples")
_MEASURES = {
    "classification_error": "Classification error",
    "logloss": "Logloss",
    "deviance": "Deviance",
    "rmse": "RMSE",
    "mae": "MAE",
}
"""What is worth a chart, most telling first; the first two that were scored are drawn."""
_DRAWN = 2


class ScoreCurve(ViewModel):
    """One measure over the progress of the training, a line for each of the frames it was scored on."""

    measure: str
    progress: str
    lines: tuple[Series, ...]


class ScoreCurves(ViewModel):
    """The measures that are drawn."""

    curves: tuple[ScoreCurve, ...]

    def drawn(self) -> Markup:
        """All charts, one after another."""
        return Markup("").join(
            line_chart(curve.lines, curve.measure, curve.progress, curve.measure) for curve in self.curves
        )


def curves_of(history: Sequence[Mapping[str, Any]]) -> ScoreCurves | None:
    """The curves of a scoring history, whose rows name their values as the protocol's table does.

    None if nothing was scored. Where an earlier, better model was taken in the end, the history says so in a
    row of its own at the same progress: the curve goes on to the end of the training.
    """
    scored = [row for row in history if _known(row)]
    progress = next((name for name in _PROGRESS if any(name in row for row in scored)), None)
    if progress is None:
        return None
    rows = [row for i, row in enumerate(scored) if i == 0 or row.get(progress) != scored[i - 1].get(progress)]
    at = tuple(_number(row.get(progress)) for row in rows)
    curves = []
    for measure, title in _MEASURES.items():
        sides = [(side, _column(rows, f"{side}_{measure}")) for side in _SIDES]
        lines = tuple(
            Series(side, at, values) for side, values in sides if any(v is not None for v in values)
        )
        if lines:
            curves.append(ScoreCurve(measure=title, progress=progress, lines=lines))
    return ScoreCurves(curves=tuple(curves[:_DRAWN])) if curves else None


def _known(row: Mapping[str, Any]) -> bool:
    return any(_number(row.get(f"{side}_{measure}")) is not None for side in _SIDES for measure in _MEASURES)


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[float | None, ...]:
    return tuple(_number(row.get(name)) for row in rows)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None
