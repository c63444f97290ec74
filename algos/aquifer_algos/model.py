"""A trained model: plain arrays and metadata, frozen, without a live handle to anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.datainfo import DataInfo, ModelCategory
from aquifer_algos.expansion import InputRows
from aquifer_algos.measurement import Metrics
from aquifer_algos.params import ModelParameters
from aquifer_algos.table import Table


class ModelStatus(StrEnum):
    """How the training ended, if it has. Whatever it was, the model is sound and can be used."""

    TRAINING = "training"
    COMPLETE = "complete"
    STOPPED_EARLY = "stopped early"
    OUT_OF_TIME = "out of time"
    CANCELLED = "cancelled"
    UNSTABLE = "unstable"


class Scorer(Protocol):
    """What an algorithm has learnt, as far as predictions need it; a picklable value."""

    def scores(self, rows: InputRows) -> NDArray[np.floating[Any]]:
        """Class probabilities (rows, classes), what is learnt of the response (rows, 1), or inputs again."""


@dataclass(frozen=True)
class LayerKeys:
    """The keys of the frames that hold a network's weights and biases, by layer."""

    weights: tuple[str, ...]
    biases: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ModelOutput:
    """What training reports. Times are seconds since the epoch.

    frames: the keys of the training and of the validation frame.
    variable_importances, importances_by_column: of each input, and of each column that they come from.
    descriptions: what the training and validation metrics were computed on ("" for all rows).
    layers: the frames of weights and biases, if they were asked for; they go with the model.
    """

    training_metrics: Metrics
    validation_metrics: Metrics | None
    scoring_history: Table
    model_summary: Table
    variable_importances: Table | None
    importances_by_column: Table | None
    status: ModelStatus
    warnings: tuple[str, ...]
    started: float
    ended: float
    descriptions: tuple[str, str] = ("", "")
    layers: LayerKeys | None = None


@dataclass(frozen=True, eq=False)
class Model:
    """One trained model.

    parameters: as they were asked for; effective: as they were used (a drawn seed, AUTO resolved).
    data: how a frame becomes input rows, with the names, types and domains of the columns.
    scorer: the weights.
    default_threshold: the probability of the second class from which on it is predicted (Binomial).
    checkpoint: what going on with the training takes, known to the algorithm only; None if it cannot.
    """

    key: str
    algo: str
    algo_full_name: str
    parameters: ModelParameters
    effective: ModelParameters
    data: DataInfo
    scorer: Scorer
    output: ModelOutput
    default_threshold: float = 0.5
    checkpoint: object | None = None

    @property
    def category(self) -> ModelCategory:
        """What it predicts."""
        return self.data.response.category

    @property
    def response(self) -> str | None:
        """The name of the response column; None if the model is an autoencoder."""
        return self.data.response.name

    @property
    def names(self) -> tuple[str, ...]:
        """Predictors in the order of the input, then weights, then the response."""
        return self.data.names

    @property
    def domains(self) -> tuple[tuple[str, ...] | None, ...]:
        """The domain of each of `names`; None for numbers."""
        return self.data.domains

    @property
    def column_types(self) -> tuple[str, ...]:
        """ "Enum" or "Numeric" for each of `names`."""
        return tuple("Numeric" if domain is None else "Enum" for domain in self.domains)
