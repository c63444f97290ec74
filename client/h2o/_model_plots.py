"""Plots of a model; they need matplotlib, which is loaded when one is drawn."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from h2o.exceptions import H2OValueError, unknown
from h2o.two_dim_table import H2OTwoDimTable

__all__ = ["ModelPlots", "Plot"]

_PARTS = {"training": "Training", "validation": "Validation"}
_FEATURES = 10
_AUTOMATIC = ("logloss", "deviance", "mse", "rmse")  # of the history's metrics, the first there is
_TIMESTEPS = ("epochs", "iterations", "samples", "duration")


class Plot:
    """What was drawn; ``figure()`` is matplotlib's figure."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure

    def figure(self) -> Any:
        """matplotlib's figure."""
        return self._figure


class ModelPlots:
    """The plots of a model; a part of :class:`h2o.model.H2OModel`."""

    if TYPE_CHECKING:

        @property
        def _output(self) -> Mapping[str, Any]: ...

        @property
        def model_id(self) -> str: ...

        def varimp(self, use_pandas: bool = False, *, by_column: bool = False) -> Any: ...

        def _table(self, name: str) -> H2OTwoDimTable: ...

    def varimp_plot(
        self,
        num_of_features: int | None = None,
        server: bool = False,
        save_plot_path: str | None = None,
        *,
        by_column: bool = False,
    ) -> Plot:
        """Bars of the scaled importance of the first ``num_of_features`` (10), as ``varimp`` ranks them.

        Every plot is shown unless ``server``, and saved if ``save_plot_path`` is given.
        """
        ranked = self.varimp(by_column=by_column)[: num_of_features or _FEATURES]
        figure, axes = _figure((14, 10))
        axes.barh([row[0] for row in ranked], [row[2] for row in ranked])
        axes.invert_yaxis()
        axes.set(title="Variable Importance: Deep Learning", xlabel="scaled importance")
        return _finished(figure, server, save_plot_path)

    def plot(
        self,
        timestep: str = "AUTO",
        metric: str = "AUTO",
        server: bool = False,
        save_plot_path: str | None = None,
    ) -> Plot:
        """A metric of the scoring history, such as rmse or logloss, over epochs.

        ``timestep``: epochs, iterations, samples or duration.
        """
        if timestep != "AUTO" and timestep not in _TIMESTEPS:
            raise unknown("timestep", timestep, _TIMESTEPS)
        over = "epochs" if timestep == "AUTO" else timestep
        figure, axes = _figure(None)
        self._draw_history(axes, over, metric)
        axes.set_title("Scoring History")
        return _finished(figure, server, save_plot_path)

    def learning_curve_plot(
        self,
        metric: str = "AUTO",
        cv_ribbon: bool | None = None,
        cv_lines: bool | None = None,
        figsize: tuple[float, float] = (16, 9),
        colormap: str | None = None,
        save_plot_path: str | None = None,
    ) -> Plot:
        """A metric of the scoring history over epochs, and which epoch the model is of.

        ``cv_ribbon`` and ``cv_lines`` are for models of cross-validation, which there are none of.
        """
        figure, axes = _figure(figsize, colormap)
        chosen = self._draw_history(axes, "epochs", metric)
        axes.axvline(chosen, linestyle="--", color="grey", label="Selected epochs")
        axes.set_title(f"Learning Curve\nfor {self.model_id}")
        axes.legend()
        return _finished(figure, False, save_plot_path)

    def _draw_history(self, axes: Any, over: str, metric: str) -> float:
        """Draw a metric of all parts that were scored; where on the axis the model itself stands."""
        history = self._table("scoring_history")
        known = [
            name.removeprefix("training_") for name in history.col_header if name.startswith("training_")
        ]
        if metric == "AUTO":
            metric = next((name for name in _AUTOMATIC if name in known), known[0])
        metric = metric.lower()
        if metric not in known:
            raise unknown("metric in the scoring history", metric, known)
        at = [_number(value) for value in history[over]]
        for part, label in _PARTS.items():
            if f"{part}_{metric}" in history.col_header:
                axes.plot(at, history[f"{part}_{metric}"], marker=".", label=label)
        axes.set(xlabel=over, ylabel=metric)
        axes.legend()
        return _selected(history, at)


def _selected(history: H2OTwoDimTable, at: list[float]) -> float:
    """The last row of a history repeats the best one if that is not the last: where it first stood."""
    scored = [name for name in history.col_header if name.startswith(("training_", "validation_"))]
    rows = list(zip(*(map(str, history[name]) for name in scored), strict=True))
    return at[rows.index(rows[-1])]


def _number(value: Any) -> float:
    """A cell of the axis; a duration (1.234 sec, 2 min 3.500 sec, 1:02:03.500) in seconds."""
    if not isinstance(value, str):
        return float(value)
    seconds = 0.0
    for part in value.replace("min", "").replace("sec", "").replace(":", " ").split():
        seconds = 60 * seconds + float(part)
    return seconds


def _figure(size: tuple[float, float] | None, colormap: str | None = None) -> tuple[Any, Any]:
    if importlib.util.find_spec("matplotlib") is None:
        raise H2OValueError("plots need matplotlib, which is not installed: pip install matplotlib")
    from matplotlib import colormaps, pyplot

    figure, axes = pyplot.subplots(figsize=size)
    if colormap is not None:
        axes.set_prop_cycle(color=colormaps[colormap](range(len(_PARTS))))
    return figure, axes


def _finished(figure: Any, server: bool, path: str | None) -> Plot:
    from matplotlib import pyplot

    figure.tight_layout()
    if path is not None:
        figure.savefig(path)
    if not server and pyplot.get_backend().lower() != "agg":
        pyplot.show()
    pyplot.close(figure)
    return Plot(figure)
