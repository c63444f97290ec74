"""Where Huber's loss turns from square to linear: at the `huber_alpha`-quantile of the absolute errors.

The quantile comes from a histogram that adds up over nodes. Its bins are a 64th of an octave wide, so that
the quantile is right to one per cent, which is more than enough for a loss.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.deeplearning.matrix import TrainingMatrix
from aquifer_algos.deeplearning.scoring import NetworkScorer, picked
from aquifer_algos.expansion import dense, stripes

Histogram: TypeAlias = NDArray[np.float64]
"""Weighted numbers of errors by size, from 2^-20 to 2^20; smaller and larger ones are in the end bins."""

START = 1.0
"""The turning point before errors are known, in the units that are learnt: one standard deviation."""
_PER_OCTAVE, _OCTAVES = 64, 20
_BINS = 2 * _OCTAVES * _PER_OCTAVE


def count_errors(scorer: NetworkScorer, matrix: TrainingMatrix, rows: NDArray[np.int64]) -> Histogram:
    """The absolute errors on some rows of a training matrix, in the units that are learnt."""
    errors = np.zeros(_BINS)
    for start, stop in stripes(len(rows), matrix.inputs):
        part = rows[start:stop]
        error = np.abs(_differences(scorer, matrix, part))
        weight = None if matrix.weights is None else np.repeat(matrix.weights[part], error.shape[1])
        errors += histogram(error.ravel(), weight)
    return errors


def _differences(
    scorer: NetworkScorer, matrix: TrainingMatrix, rows: NDArray[np.int64]
) -> NDArray[np.floating]:
    """(rows, outputs): one for the response, or one for each input of an autoencoder."""
    given = picked(matrix, rows)
    scores = scorer.scores(given)
    if matrix.target is None:
        return scores - dense(given, matrix.inputs)
    return (scores[:, 0] + (0 if matrix.offsets is None else matrix.offsets[rows]) - matrix.target[rows])[
        :, None
    ]


def histogram(error: NDArray[np.floating], weight: NDArray[np.floating] | None = None) -> Histogram:
    """Absolute errors (rows,), counted by size; unknown ones do not count."""
    known = np.isfinite(error)
    place = (np.log2(np.maximum(error[known], 2.0**-_OCTAVES)) + _OCTAVES) * _PER_OCTAVE
    bins = np.clip(place, 0, _BINS - 1).astype(np.int64)
    return np.bincount(bins, None if weight is None else weight[known], _BINS).astype(np.float64)


def quantile(errors: Histogram, alpha: float) -> float:
    """The size that a share `alpha` of the errors does not exceed, above 0; `START` if there is none."""
    reached = np.cumsum(errors)
    if not reached[-1] > 0:
        return START
    place = int(np.searchsorted(reached, alpha * reached[-1]))
    return float(2.0 ** ((min(place, _BINS - 1) + 0.5) / _PER_OCTAVE - _OCTAVES))
