"""What a model knows of its data: the columns it reads, and the inputs of a network that they become.

Numbers are one input each, shifted and scaled, x' = (x - shift) × scale; missing ones become the mean.
Categorical columns become inputs as their encoding has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.distributions import GAUSSIAN, Distribution
from aquifer_algos.encoding import Encoded, Numbers, OneHot
from aquifer_algos.metrics.gainslift import AUTOMATIC
from aquifer_algos.metrics.multiclass_auc import AucType


class ModelCategory(StrEnum):
    """What a model predicts."""

    BINOMIAL = "Binomial"
    MULTINOMIAL = "Multinomial"
    REGRESSION = "Regression"
    AUTOENCODER = "AutoEncoder"


@dataclass(frozen=True)
class Predictor:
    """One column that the model sees.

    offset: its first input unit; if its one-hot inputs are hashed, the units count from there too.
    domain: its levels, or None for numbers; encoded: what they become (numbers standardised already).
    mean, shift, scale: of numbers, see the module's description.
    missing_seen: whether values were missing in training. If not, nothing was learnt for them, and a level
        missing or unseen later is neutral: no unit is active, or numbers are at their mean.
    hashed: whether its inputs are among those that all one-hot columns share.
    """

    name: str
    offset: int
    domain: tuple[str, ...] | None = None
    encoded: Encoded | None = None
    mean: float = 0.0
    shift: float = 0.0
    scale: float = 1.0
    missing_seen: bool = False
    hashed: bool = False

    @property
    def width(self) -> int:
        """The number of input units of its own."""
        if self.hashed:
            return 0
        return 1 if self.encoded is None else self.encoded.width

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The names of its own input units."""
        if self.hashed:
            return ()
        return (self.name,) if self.encoded is None else self.encoded.coefficients

    @cached_property
    def units(self) -> NDArray[np.int32]:
        """If it is one-hot: the active input unit of each code (levels + 2,), -1 for none."""
        assert isinstance(self.encoded, OneHot)
        units = np.where(self.encoded.units < 0, -1, self.encoded.units + np.int32(self.offset))
        if not self.missing_seen:
            units[-1 if self.encoded.has_other else -2 :] = -1
        return units

    @cached_property
    def numbers(self) -> NDArray[np.float32]:
        """If its levels become numbers: those of each code (levels + 2, width)."""
        assert isinstance(self.encoded, Numbers)
        numbers = self.encoded.values.astype(np.float32)
        if not self.missing_seen:
            numbers[-2:] = self.encoded.neutral
        return numbers

    @property
    def untrained_unit(self) -> int | None:
        """Its input unit for missing levels, if training never saw one."""
        own = isinstance(self.encoded, OneHot) and not self.missing_seen and not self.hashed
        return self.offset + self.width - 1 if own else None


@dataclass(frozen=True)
class Response:
    """The column to predict. Numbers are learnt as (y - shift) × scale.

    name: None if there is no such column, and the inputs themselves are learnt: by an autoencoder.
    distribution: of a number; with a log link, shift is 0 and scale 1.
    correction: what the probability of each class is multiplied by, where training saw other shares of the
        classes than there are.
    auc_type, gainslift_bins: how predictions of several, and of two, classes are measured.
    """

    name: str | None
    domain: tuple[str, ...] | None = None
    shift: float = 0.0
    scale: float = 1.0
    distribution: Distribution = GAUSSIAN
    correction: tuple[float, ...] | None = None
    auc_type: AucType = "AUTO"
    gainslift_bins: int = AUTOMATIC

    @property
    def category(self) -> ModelCategory:
        """What kind of prediction it takes."""
        if self.name is None:
            return ModelCategory.AUTOENCODER
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
    hashed: the number of inputs that the one-hot columns share by hashing, the first of all; 0 for none.
    """

    predictors: tuple[Predictor, ...]
    response: Response
    weights: str | None = None
    skip_missing: bool = False
    sparse: bool = False
    offset: str | None = None
    hashed: int = 0

    @cached_property
    def inputs(self) -> int:
        """The number of input units."""
        return self.hashed + sum(predictor.width for predictor in self.predictors)

    @cached_property
    def coefficients(self) -> tuple[str, ...]:
        """The name of each input unit, as in `class.Iris-setosa` and `class.missing(NA)`."""
        own = (name for predictor in self.predictors for name in predictor.coefficients)
        return (*(f"hashed.{unit}" for unit in range(self.hashed)), *own)

    @property
    def names(self) -> tuple[str, ...]:
        """Predictors, weights, offset and response."""
        special = (name for name in (self.weights, self.offset, self.response.name) if name is not None)
        return (*(predictor.name for predictor in self.predictors), *special)

    @property
    def domains(self) -> tuple[tuple[str, ...] | None, ...]:
        """The domain of each of `names`."""
        roles = ((self.weights, None), (self.offset, None), (self.response.name, self.response.domain))
        special = (domain for name, domain in roles if name is not None)
        return (*(predictor.domain for predictor in self.predictors), *special)

    def restored(self, inputs: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Inputs (rows, inputs) with numbers in the units of their columns; levels stay as they are."""
        values = inputs.astype(np.float64)
        for predictor in self.predictors:
            if predictor.domain is None:
                values[:, predictor.offset] = values[:, predictor.offset] / predictor.scale + predictor.shift
        return values
