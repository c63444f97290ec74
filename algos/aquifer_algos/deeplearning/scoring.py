"""Scores of a network: what predictions, metrics and training history all use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.datainfo import Response
from aquifer_algos.deeplearning.inference import CsrRows
from aquifer_algos.deeplearning.matrix import DenseMatrix, Float32s, TrainingMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.expansion import InputRows, SparseRows, dense, stripes
from aquifer_algos.measurement import COMBINE, Counts, Scores, count, nothing

_CELLS = 1 << 20
"""So many inputs are copied out of a training matrix at a time (4 MB)."""


@dataclass(frozen=True, eq=False)
class NetworkScorer:
    """A network as a model's scorer; it needs the weights only."""

    network: Network

    @classmethod
    def of(cls, network: Network) -> NetworkScorer:
        """A scorer of the network's weights as they are now: a copy, read-only."""
        frozen = without_state(network).copy()
        frozen.weights.flags.writeable = False
        return cls(frozen)

    def scores(self, rows: InputRows) -> NDArray[np.floating[Any]]:
        """Class probabilities (rows, classes), what is learnt of the response (rows, 1), or inputs again."""
        # A network that has become unstable overflows here; it is noticed by metrics that are NaN.
        with np.errstate(over="ignore", invalid="ignore"):
            return self.network.predict(_given(rows))

    def activations(self, rows: InputRows, layer: int) -> NDArray[np.floating[Any]]:
        """What the units of a hidden layer, counted from 0, send to the next: (rows, units)."""
        return self.network.activations(_given(rows), layer)


def _given(rows: InputRows) -> Float32s | CsrRows:
    return CsrRows(rows.indptr, rows.indices, rows.values) if isinstance(rows, SparseRows) else rows


def without_state(network: Network) -> Network:
    """The same weights without what the step rule remembers: all that scoring needs, a third of the size."""
    return replace(network, state=np.empty((0, network.topology.size), np.float32))


def score_matrix(
    scorer: NetworkScorer, matrix: TrainingMatrix, response: Response, rows: NDArray[np.int64]
) -> tuple[NDArray[Any], Scores]:
    """Actual response and scores, in the response's own units, of some rows of a training matrix."""
    assert matrix.target is not None
    actual = matrix.target[rows]
    known = actual if response.domain is not None else response.restored(actual)
    offset = None if matrix.offsets is None else matrix.offsets[rows]
    return known, response.predicted(learnt_scores(scorer, matrix, rows), offset)


def count_reconstructed(
    scorer: NetworkScorer, matrix: TrainingMatrix, response: Response, rows: NDArray[np.int64]
) -> Counts:
    """The counts of an autoencoder's reconstruction of some rows of a training matrix."""
    parts = []
    for start, stop in stripes(len(rows), matrix.inputs, _CELLS):
        part = rows[start:stop]
        given = picked(matrix, part)
        weights = None if matrix.weights is None else matrix.weights[part]
        parts.append(count(response, dense(given, matrix.inputs), scorer.scores(given), weights))
    return reduce(COMBINE[response.category], parts, nothing(response))


def learnt_scores(
    scorer: NetworkScorer, matrix: TrainingMatrix, rows: NDArray[np.int64]
) -> NDArray[np.floating[Any]]:
    """The network's outputs (rows, outputs) for some rows of a training matrix, without their offsets."""
    pieces = [
        scorer.scores(picked(matrix, rows[start:stop]))
        for start, stop in stripes(len(rows), matrix.inputs, _CELLS)
    ]
    return np.concatenate([np.empty((0, scorer.network.topology.outputs), np.float32), *pieces])


def picked(matrix: TrainingMatrix, rows: NDArray[np.int64]) -> InputRows:
    """Some rows of a training matrix as inputs."""
    if isinstance(matrix, DenseMatrix):
        return matrix.values[rows, : matrix.inputs]
    lengths = matrix.indptr[rows + 1] - matrix.indptr[rows]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    entries = np.arange(indptr[-1]) + np.repeat(matrix.indptr[rows] - indptr[:-1], lengths)
    return SparseRows(indptr, matrix.indices[entries], matrix.values[entries])
