"""Models: the list, and one model with its parameters, metrics, history and importances."""

from __future__ import annotations

from typing import Any

from aquifer_algos.model import Model
from aquifer_algos.params import specifications
from aquifer_cluster.store import Store
from aquifer_server.measurements import Measurement

from aquifer_flow import formats
from aquifer_flow.page import ViewModel, Visit
from aquifer_flow.scores import ScoreCurves, curves_of
from aquifer_flow.views.links import link_to
from aquifer_flow.views.metrics import (
    MetricsView,
    NamedValue,
    TableView,
    headline,
    metrics_view,
    table_view,
)
from aquifer_flow.window import Window, shown, window

IMPORTANCES_SHOWN = 20


class ModelLine(ViewModel):
    """A model in a list; `score` is of the validation frame if there is one (`scored_on`)."""

    key: str
    algorithm: str
    category: str
    response: str | None
    training_frame: str | None
    status: str
    ended: float
    seconds: float
    score: NamedValue
    scored_on: str


class ModelsPage(ViewModel):
    """Models, newest first."""

    window: Window
    models: tuple[ModelLine, ...]


class ParameterLine(ViewModel):
    """A parameter as asked for and as used (a drawn seed, AUTO resolved); `changed` from the default."""

    name: str
    value: str
    used: str
    default: str
    changed: bool
    help: str


class Importance(ViewModel):
    """How much an input matters: relative, scaled to the largest, and as a share of all."""

    variable: str
    relative: float
    scaled: float
    share: float


class ModelPage(ViewModel):
    """One model; of the importances the largest; `frame` is the page of the training frame, if it exists."""

    model: ModelLine
    frame: str | None
    predictors: int
    warnings: tuple[str, ...]
    metrics: tuple[MetricsView, ...]
    curves: ScoreCurves | None
    history: TableView
    layers: TableView
    importances: tuple[Importance, ...]
    importance_count: int
    parameters: tuple[ParameterLine, ...]


def model_line(model: Model) -> ModelLine:
    """What a list shows of a model."""
    output = model.output
    return ModelLine(
        key=model.key,
        algorithm=model.algo_full_name,
        category=str(model.category),
        response=model.response,
        training_frame=model.parameters.training_frame,
        status=str(output.status),
        ended=output.ended,
        seconds=output.ended - output.started,
        score=headline(output.validation_metrics or output.training_metrics),
        scored_on="validation" if output.validation_metrics else "training",
    )


def newest_models(store: Store) -> list[Model]:
    """All models, the one whose training ended last before the others."""
    return sorted((model for _, model in store.items(Model)), key=lambda model: -model.output.ended)


def models_page(visit: Visit) -> ModelsPage:
    """All models, newest first."""
    models = newest_models(visit.coordinator.store)
    here = window(visit.row, len(models))
    return ModelsPage(window=here, models=tuple(model_line(model) for model in shown(models, here)))


def model_page(visit: Visit) -> ModelPage:
    """One model. Raises KeyNotFound, or WrongKind if the key holds something else."""
    model = visit.coordinator.store.get(visit.key, Model)
    output = model.output
    history = output.scoring_history
    names = [column.name for column in history.columns]
    importances = _importances(model)
    return ModelPage(
        model=model_line(model),
        frame=link_to(model.parameters.training_frame or "", visit.coordinator.store),
        predictors=len(model.data.predictors),
        warnings=output.warnings,
        metrics=_all_metrics(model, visit.coordinator.store),
        curves=curves_of([dict(zip(names, row, strict=True)) for row in history.rows()]),
        history=table_view(history),
        layers=table_view(output.model_summary),
        importances=importances[:IMPORTANCES_SHOWN],
        importance_count=len(importances),
        parameters=_parameters(model),
    )


def _all_metrics(model: Model, store: Store) -> tuple[MetricsView, ...]:
    """On the validation frame, on the training frame, and what was measured later, newest first."""
    output = model.output
    views = []
    if output.validation_metrics:
        views.append(metrics_view("Validation metrics", output.validation_metrics, output.descriptions[1]))
    views.append(metrics_view("Training metrics", output.training_metrics, output.descriptions[0]))
    measured = [found for _, found in store.items(Measurement) if found.model == model.key]
    views.extend(
        metrics_view(f"Measured on {found.frame}", found.metrics, f"At {formats.moment(found.made)}")
        for found in reversed(measured)
    )
    return tuple(views)


def _importances(model: Model) -> tuple[Importance, ...]:
    table = model.output.variable_importances
    if table is None:
        return ()
    return tuple(
        Importance(variable=str(name), relative=relative, scaled=scaled, share=share)
        for name, relative, scaled, share in table.rows()
    )


def _parameters(model: Model) -> tuple[ParameterLine, ...]:
    """All parameters, those that differ from their defaults first."""
    lines = [
        ParameterLine(
            name=name,
            value=_text(value := getattr(model.parameters, name)),
            used=_text(getattr(model.effective, name)),
            default=_text(declared.default),
            changed=value != declared.default,
            help=declared.help,
        )
        for name, declared in specifications(type(model.parameters)).items()
    ]
    return tuple(sorted(lines, key=lambda line: not line.changed))


def _text(value: Any) -> str:
    """A parameter's value as one would type it."""
    if value is None:
        return "none"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
