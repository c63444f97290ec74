"""How the columns of a frame become the inputs of a network: one unit for each number and each level.

Categorical columns come first, the one with the most levels before the others, then numeric columns in the
order of the frame. A categorical column has a unit for each level and one more for missing values. Numbers
are shifted and scaled, x' = (x - shift) × scale; missing ones become the mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Column, Frame
from numpy.typing import NDArray

from aquifer_algos.distributions import GAUSSIAN, Distribution

PREDICTOR_TYPES = (ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.TIME)
"""Types of columns that can be predictors; text and identifiers cannot."""

MISSING_LEVEL = "missing(NA)"


class ModelCategory(StrEnum):
    """What a model predicts."""

    BINOMIAL = "Binomial"
    MULTINOMIAL = "Multinomial"
    REGRESSION = "Regression"


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of the known, finite values of a column, weighted if the rows are."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Predictor:
    """One column that the model sees.

    offset: its first input unit.
    domain: its levels, or None for numbers; first_level: 1 if level 0 is encoded as all zeros, otherwise 0.
    mean, shift, scale: of numbers, see the module's description.
    missing_seen: whether values were missing in training. If not, the unit for missing levels was never
        trained, and a level missing or unseen later is encoded as all zeros, which is neutral.
    """

    name: str
    offset: int
    domain: tuple[str, ...] | None = None
    first_level: int = 0
    mean: float = 0.0
    shift: float = 0.0
    scale: float = 1.0
    missing_seen: bool = False

    @property
    def width(self) -> int:
        """The number of its input units."""
        return 1 if self.domain is None else len(self.domain) - self.first_level + 1

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The names of its input units."""
        if self.domain is None:
            return (self.name,)
        return tuple(f"{self.name}.{level}" for level in (*self.domain[self.first_level :], MISSING_LEVEL))

    @property
    def missing_unit(self) -> int | None:
        """The input unit that is 1 for a missing or unseen level, if it was trained."""
        return self.offset + self.width - 1 if self.domain is not None and self.missing_seen else None


@dataclass(frozen=True)
class Response:
    """The column to predict. Numbers are learnt as (y - shift) × scale.

    distribution: of a number; with a log link, shift is 0 and scale 1.
    correction: what the probability of each class is multiplied by, where training saw other shares of the
        classes than there are.
    """

    name: str
    domain: tuple[str, ...] | None = None
    shift: float = 0.0
    scale: float = 1.0
    distribution: Distribution = GAUSSIAN
    correction: tuple[float, ...] | None = None

    @property
    def category(self) -> ModelCategory:
        """What kind of prediction it takes."""
        if self.domain is None:
            return ModelCategory.REGRESSION
        return ModelCategory.BINOMIAL if len(self.domain) == 2 else ModelCategory.MULTINOMIAL

    def restored(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Learnt numbers in the response's own units; class codes stay as they are."""
        numbers = values.astype(np.float64)
        return numbers if self.domain is not None else numbers / self.scale + self.shift

    def learnt(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The reverse of `restored`: numbers, or offsets, as they are learnt."""
        return (values.astype(np.float64) - self.shift) * self.scale

    def predicted(
        self, scores: NDArray[np.floating[Any]], offset: NDArray[np.floating[Any]] | None = None
    ) -> NDArray[np.float64]:
        """Predictions (rows, 1) in the response's own units from what was learnt, or class probabilities.

        offset: of each row (rows,), in the units that are learnt.
        """
        if self.domain is not None:
            return self._corrected(scores.astype(np.float64))
        learnt = scores if offset is None else scores + offset[:, None]
        return self.distribution.mean(self.restored(learnt))

    def _corrected(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.correction is None:
            return probabilities
        weighted = probabilities * self.correction
        return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class DataInfo:
    """The input layout of a model.

    weights: the column of observation weights.
    offset: the column that is added to what is learnt, before the inverse of the link.
    skip_missing: whether training skips rows with a missing predictor.
    sparse: whether zeros are left out of the training matrix.
    """

    predictors: tuple[Predictor, ...]
    response: Response
    weights: str | None = None
    skip_missing: bool = False
    sparse: bool = False
    offset: str | None = None

    @cached_property
    def inputs(self) -> int:
        """The number of input units."""
        return sum(predictor.width for predictor in self.predictors)

    @cached_property
    def coefficients(self) -> tuple[str, ...]:
        """The name of each input unit, as in `class.Iris-setosa` and `class.missing(NA)`."""
        return tuple(name for predictor in self.predictors for name in predictor.coefficients)

    @property
    def names(self) -> tuple[str, ...]:
        """Predictors, weights, offset and response."""
        special = (name for name in (self.weights, self.offset) if name is not None)
        return (*(predictor.name for predictor in self.predictors), *special, self.response.name)

    @property
    def domains(self) -> tuple[tuple[str, ...] | None, ...]:
        """The domain of each of `names`."""
        special = (None for name in (self.weights, self.offset) if name is not None)
        return (*(predictor.domain for predictor in self.predictors), *special, self.response.domain)


@dataclass(frozen=True, slots=True)
class Scaling:
    """How numbers are transformed: shifted by their mean, scaled by their deviation, both or neither."""

    centre: bool
    scale: bool

    @classmethod
    def of(cls, standardize: bool, sparse: bool) -> Scaling:
        """Sparse numbers are not centred, or their zeros would be lost."""
        return cls(centre=standardize and not sparse, scale=standardize)

    def shift_and_scale(self, moments: Moments) -> tuple[float, float]:
        """The transform of a column; a constant one is not scaled."""
        spread = moments.deviation if np.isfinite(moments.deviation) and moments.deviation > 0 else 1.0
        return moments.mean if self.centre else 0.0, 1.0 / spread if self.scale else 1.0


def usable_predictors(
    frame: Frame, excluded: Iterable[str], ignore_constant: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that can be predictors, and those dropped: constant ones, empty ones, text."""
    skipped = set(excluded)
    candidates = [name for name in frame.names if name not in skipped]
    kept = tuple(name for name in candidates if _usable(frame.column(name), ignore_constant))
    return kept, tuple(name for name in candidates if name not in kept)


def describe(
    frame: Frame,
    predictors: Sequence[str],
    response: Response,
    moments: Mapping[str, Moments],
    scaling: Scaling,
    *,
    all_levels: bool = True,
    weights: str | None = None,
    skip_missing: bool = False,
    sparse: bool = False,
    offset: str | None = None,
) -> DataInfo:
    """Lay out the named columns of `frame`; `moments` has those of every numeric one."""
    categorical = [name for name in predictors if frame.column(name).domain is not None]
    categorical.sort(key=lambda name: -len(frame.column(name).domain or ()))
    ordered = [*categorical, *(name for name in predictors if name not in set(categorical))]
    blank = [_predictor(frame.column(name), name, moments, scaling, all_levels) for name in ordered]
    offsets = accumulate((predictor.width for predictor in blank), initial=0)
    placed = tuple(
        replace(predictor, offset=offset) for predictor, offset in zip(blank, offsets, strict=False)
    )
    return DataInfo(placed, response, weights, skip_missing, sparse, offset)


def _usable(column: Column, ignore_constant: bool) -> bool:
    if column.type not in PREDICTOR_TYPES or column.rollups.count == 0:
        return False
    return not (ignore_constant and column.rollups.constant)


def _predictor(
    column: Column, name: str, moments: Mapping[str, Moments], scaling: Scaling, all_levels: bool
) -> Predictor:
    missing = column.rollups.missing > 0
    if column.domain is not None:
        return Predictor(name, 0, column.domain, 0 if all_levels else 1, missing_seen=missing)
    shift, scale = scaling.shift_and_scale(moments[name])
    return Predictor(name, 0, None, 0, moments[name].mean, shift, scale, missing)
