"""Weight of positive and negative rows at each predicted score: all that ROC, AUC and gains need to know.

Scores are kept as they are while at most `MAX_BINS` are distinct, so that what follows from them is exact.
Beyond that, neighbouring scores share a bin, which is named by the least of them: the counts at or above a
bin's threshold stay exact, there are merely fewer thresholds.

Bins are cells of a fixed, nested grid. A score's place on the grid is the bit pattern of the score, or of its
distance from 1 above one half, so that cells are fine near both 0 and 1, where confident classifiers put
their scores; dropping the last `coarseness` bits gives the coarser grids. A merge takes the finest grid that
keeps within the bound, so the bins do not depend on how the rows were cut into blocks, nor on the order in
which those were merged.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aquifer_algos.metrics.observations import FloatArray

MAX_BINS = 65_536
"""No more than this many thresholds are kept if nothing else is asked for: 2 MB for each partial result."""

_ONE_HALF = int(np.float64(0.5).view(np.int64))
_BITS = 64


@dataclass(frozen=True, slots=True, eq=False)
class ScoreBins:
    """Weights by score, in ascending order of score; every array has one entry for each bin.

    `threshold` is the least score in a bin, `positives` and `negatives` the weight of its rows of either
    class, `score_sum` the weighted sum of their scores; `coarseness` is 0 if each bin is a single score.
    """

    threshold: FloatArray
    positives: FloatArray
    negatives: FloatArray
    score_sum: FloatArray
    coarseness: int


def bin_scores(
    score: FloatArray, positive: FloatArray, negative: FloatArray, most: int = MAX_BINS
) -> ScoreBins:
    """Bins, `most` at most, of rows with these scores (0 to 1) and weights as a positive and a negative."""
    order = np.argsort(score)
    ascending = score[order]
    positives, negatives = positive[order], negative[order]
    return _binned(ascending, positives, negatives, ascending * (positives + negatives), 0, most)


def merge_bins(a: ScoreBins, b: ScoreBins, most: int = MAX_BINS) -> ScoreBins:
    """The bins of the rows of both."""
    order = np.argsort(np.concatenate([a.threshold, b.threshold]), kind="stable")
    return _binned(
        np.concatenate([a.threshold, b.threshold])[order],
        np.concatenate([a.positives, b.positives])[order],
        np.concatenate([a.negatives, b.negatives])[order],
        np.concatenate([a.score_sum, b.score_sum])[order],
        max(a.coarseness, b.coarseness),
        most,
    )


def _binned(
    ascending: FloatArray,
    positives: FloatArray,
    negatives: FloatArray,
    score_sum: FloatArray,
    coarseness: int,
    most: int,
) -> ScoreBins:
    """Sum neighbours that share a cell of the finest grid, from `coarseness` up, with few enough cells."""
    place = _place(ascending)

    def starts(bits: int) -> npt.NDArray[np.intp]:
        cell = place >> bits
        return np.flatnonzero(np.diff(cell, prepend=cell[:1] - 1))

    bits = bisect_left(
        range(_BITS), True, lo=coarseness, key=lambda candidate: len(starts(candidate)) <= most
    )
    first = starts(bits)
    if len(first) == len(ascending):
        return ScoreBins(ascending, positives, negatives, score_sum, bits)
    return ScoreBins(
        ascending[first],
        np.add.reduceat(positives, first),
        np.add.reduceat(negatives, first),
        np.add.reduceat(score_sum, first),
        bits,
    )


def _place(score: FloatArray) -> npt.NDArray[np.int64]:
    """Where a score from 0 to 1 is on the finest grid: strictly increasing, so nothing is lost."""
    # Bit patterns of non-negative floats are ordered as the floats are; 1 - score is exact above one half.
    low = np.abs(score).view(np.int64)
    return np.where(score < 0.5, low, 2 * _ONE_HALF - (1.0 - score).view(np.int64))
