"""Where a training stood when the network was scored that became the model, to go on from there.

The model's own weights are what training goes on from, with all that belonged to them at that moment: what
the step rule remembers of each weight, the rows seen, the scorings up to then. So a training that goes on
is the one that would have been, had it not ended; with `reproducible` bit for bit.

A model costs its weights in memory. What the step rule remembers, twice as much again under ADADELTA, is kept
in a file that has no name, and read when it is needed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace

import numpy as np
from aquifer_cluster.frame import Frame

from aquifer_algos.datainfo import DataInfo
from aquifer_algos.deeplearning.history import HistoryRow
from aquifer_algos.deeplearning.matrix import Float32s
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.deeplearning.topology import Topology
from aquifer_algos.model import Model


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What going on takes, besides the model's weights.

    state: what the step rule remembers (see `Network`), read-only.
    history: the scorings so far; the last is of these weights.
    trained: the rows that each node has trained.
    epochs: of the whole training, which may have gone on without getting better.
    """

    state: Float32s
    history: tuple[HistoryRow, ...]
    trained: tuple[int, ...]
    epochs: float


def on_disk(values: Float32s) -> Float32s:
    """A read-only copy in a file that is gone with the array; in memory if there is no room on the disk."""
    if not values.size:
        return values.copy()
    try:
        with tempfile.TemporaryFile(prefix="aquifer-state-") as file:
            values.tofile(file)
            return np.memmap(file, values.dtype, "r", shape=values.shape)
    except OSError:
        return values.copy()


def checkpoint_of(model: Model | None) -> Checkpoint | None:
    """The model's checkpoint, if it is a deep-learning model that has one."""
    found = None if model is None else model.checkpoint
    return found if isinstance(found, Checkpoint) else None


def network_of(model: Model, checkpoint: Checkpoint, topology: Topology) -> Network:
    """The network to go on with: that of the model, in a topology that may drop out other shares."""
    assert isinstance(model.scorer, NetworkScorer)
    return Network(topology, model.scorer.network.weights, checkpoint.state).copy()


def continued(before: DataInfo, now: DataInfo, training: Frame) -> DataInfo:
    """The inputs as they were, with the roles of columns and the loss as they are now.

    Scales stay, on other data as well: the weights were learnt with them.
    """
    response = replace(
        now.response,
        domain=before.response.domain,
        shift=before.response.shift,
        scale=before.response.scale,
    )
    predictors = tuple(
        replace(one, missing_seen=one.missing_seen or training.column(one.name).rollups.missing > 0)
        for one in before.predictors
    )
    return replace(
        before,
        predictors=predictors,
        response=response,
        weights=now.weights,
        skip_missing=now.skip_missing,
    )
