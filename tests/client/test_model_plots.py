"""Plots show the numbers of the tables they are of."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from h2o.exceptions import H2OValueError
from h2o.model import H2OModel


def table(columns: dict[str, list[Any]]) -> dict[str, Any]:
    kinds = {str: "string", float: "double"}
    specs = [{"name": name, "type": kinds[type(values[0])]} for name, values in columns.items()]
    return {"name": "T", "columns": specs, "data": list(columns.values())}


def importances(ranked: dict[str, float]) -> dict[str, Any]:
    values = list(ranked.values())
    names = ("relative_importance", "scaled_importance", "percentage")
    return table({"variable": list(ranked), **dict.fromkeys(names, values)})


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> H2OModel:
    monkeypatch.setenv("MPLBACKEND", "agg")
    made = H2OModel()
    history = {
        "duration": ["", " 1.500 sec", " 2 min  3.500 sec", " 1:02:03.500"],
        "epochs": [0.0, 1.0, 2.0, 2.0],
        "training_rmse": [float("nan"), 0.2, 0.3, 0.2],
        "validation_rmse": [float("nan"), 0.4, 0.5, 0.4],
    }
    made._wire = {
        "model_id": {"name": "m"},
        "output": {
            "scoring_history": table(history),
            "variable_importances": importances({f"colour.{n}": 1 / n for n in range(1, 21)}),
            "variable_importances_by_column": importances({"colour": 1.0, "size": 0.5}),
        },
    }
    return made


def lines(axes: Any) -> dict[str, tuple[list[float], list[float]]]:
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}


def test_importances_are_bars_of_the_first_inputs_or_columns(model: H2OModel, tmp_path: Path) -> None:
    (axes,) = model.varimp_plot(server=True, save_plot_path=str(tmp_path / "plot.png")).figure().axes
    assert [bar.get_width() for bar in axes.patches] == [1 / n for n in range(1, 11)]
    assert (tmp_path / "plot.png").stat().st_size
    (axes,) = model.varimp_plot(1).figure().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["colour.1"]
    (axes,) = model.varimp_plot(by_column=True).figure().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["colour", "size"]


@pytest.mark.parametrize(
    ("timestep", "places"), [("AUTO", [0.0, 1.0, 2.0, 2.0]), ("duration", [0.0, 1.5, 123.5, 3723.5])]
)
def test_the_history_is_drawn_of_both_frames(model: H2OModel, timestep: str, places: list[float]) -> None:
    (axes,) = model.plot(timestep, "rmse").figure().axes
    drawn = lines(axes)
    assert drawn["Training"][0] == places
    assert drawn["Validation"][1][1:] == [0.4, 0.5, 0.4]


def test_the_learning_curve_says_which_epoch_the_model_is_of(model: H2OModel) -> None:
    (axes,) = model.learning_curve_plot(figsize=(4, 3), colormap="viridis").figure().axes
    assert lines(axes)["Selected epochs"][0] == [1.0, 1.0]


def test_what_is_not_in_the_history_is_refused(model: H2OModel) -> None:
    with pytest.raises(H2OValueError, match="'rmse'"):
        model.plot(metric="rsme")
    with pytest.raises(H2OValueError, match="'epochs'"):
        model.plot(timestep="epoch")


def test_without_matplotlib_the_package_is_named(model: H2OModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(H2OValueError, match="pip install matplotlib"):
        model.varimp_plot()
