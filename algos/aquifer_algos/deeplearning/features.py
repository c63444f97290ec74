"""Deep features: what the units of a hidden layer make of each row, as columns to learn from."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from numpy.typing import NDArray

from aquifer_algos.datainfo import DataInfo
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.expansion import InputRows
from aquifer_algos.model import Model, Scorer
from aquifer_algos.prediction import derive


def deep_features(cloud: Cloud, model: Model, frame: Frame, layer: int, job: Job | None = None) -> Frame:
    """The activations of a hidden layer of any network for every row: columns DF.L1.C1, DF.L1.C2 …

    layer: 0 is the first hidden layer. Raises InvalidArgument if there is no such layer.
    """
    units = _hidden(model)[find_layer(model, layer)]
    names = tuple(f"{layer_name(layer)}.C{unit + 1}" for unit in range(units))
    return derive(cloud, model, frame, names, partial(activations_of, layer=layer), job)


def find_layer(model: Model, layer: int | None = None, name: str | None = None) -> int:
    """The hidden layer of this place, or of this name: DF.L1, as its features' names begin, is layer 0.

    Raises InvalidArgument if there is no such layer.
    """
    names = [layer_name(place) for place in range(len(_hidden(model)))]
    field, given = "deep_features_hidden_layer", str(layer)
    if name is not None:
        field, given = "deep_features_hidden_layer_name", name
        layer = names.index(name) if name in names else None
    if layer is None or not 0 <= layer < len(names):
        raise InvalidArgument(
            field,
            f"is {given}, but the hidden layers of '{model.key}' are {', '.join(names) or 'none'}"
            + (f", counted from 0 to {len(names) - 1}" if names else ""),
        )
    return layer


def layer_name(layer: int) -> str:
    """What the features of a hidden layer are called; layers are counted from 0."""
    return f"DF.L{layer + 1}"


def _hidden(model: Model) -> tuple[int, ...]:
    """The units of each hidden layer."""
    assert isinstance(model.scorer, NetworkScorer)
    return model.scorer.network.topology.hidden


def activations_of(data: DataInfo, scorer: Scorer, rows: InputRows, layer: int) -> NDArray[np.floating[Any]]:
    """The activations (rows, units) of a hidden layer."""
    assert isinstance(scorer, NetworkScorer)
    return scorer.activations(rows, layer)
