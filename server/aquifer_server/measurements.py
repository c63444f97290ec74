"""Measurements: the metrics of a model on a frame, made in training or later."""

from __future__ import annotations

import time
from dataclasses import dataclass

from aquifer_algos.measurement import Metrics
from aquifer_algos.model import Model
from aquifer_cluster.store import Store


@dataclass(frozen=True)
class Measurement:
    """Metrics of a model on a frame, by their keys; when made (seconds since the epoch), and on what rows."""

    model: str
    category: str
    frame: str | None
    metrics: Metrics
    made: float
    description: str | None = None


def of_training(model: Model) -> list[Measurement]:
    """What was measured while the model was trained: on the training frame, then on a validation frame."""
    output, asked = model.output, model.parameters
    made: list[tuple[str | None, Metrics | None, str]] = [
        (asked.training_frame, output.training_metrics, output.descriptions[0]),
        (asked.validation_frame, output.validation_metrics, output.descriptions[1]),
    ]
    return [
        Measurement(model.key, str(model.category), frame, metrics, output.ended, description)
        for frame, metrics, description in made
        if metrics is not None
    ]


def keep(store: Store, model: Model, frame: str, metrics: Metrics) -> Measurement:
    """Put what was measured now into the store."""
    measurement = Measurement(model.key, str(model.category), frame, metrics, time.time())
    store.put(f"modelmetrics_{model.key}_on_{frame}", measurement)
    return measurement


def known(store: Store, model: str | None = None, frame: str | None = None) -> list[Measurement]:
    """All measurements, or those of a model, or those on a frame; the ones of training first."""
    trained = [made for _, each in store.items(Model) for made in of_training(each)]
    later = [made for _, made in store.items(Measurement)]
    return [
        made for made in (*trained, *later) if model in (None, made.model) and frame in (None, made.frame)
    ]
