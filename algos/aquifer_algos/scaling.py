"""How numbers are shifted and scaled before they are learnt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of the known, finite values of a column, weighted if the rows are.

    range: the largest less the smallest of them.
    """

    mean: float
    deviation: float
    range: float = math.nan


@dataclass(frozen=True, slots=True)
class Scaling:
    """How numbers are transformed: shifted by their mean, divided by their deviation, both or neither.

    by_range: divided by their range instead, so that bounded activations can give them back.
    zeros_stay: columns that are mostly zeros are not centred.
    """

    centre: bool
    scale: bool
    by_range: bool = False
    zeros_stay: bool = False

    @classmethod
    def of(cls, standardize: bool, sparse: bool) -> Scaling:
        """To learn a response from. Sparse numbers are not centred, or their zeros would be lost."""
        return cls(centre=standardize and not sparse, scale=standardize)

    @classmethod
    def of_autoencoder(cls, standardize: bool, sparse: bool) -> Scaling:
        """To learn the numbers themselves: they must lie within -1 and 1.

        Sparse ones do so uncentred if they are mostly zeros; others have few zeros to lose.
        """
        return cls(centre=standardize, scale=standardize, by_range=True, zeros_stay=sparse)

    def shift_and_scale(self, moments: Moments, mostly_zeros: bool = False) -> tuple[float, float]:
        """The transform of a column; a constant one is not scaled."""
        spread = moments.range if self.by_range else moments.deviation
        spread = spread if np.isfinite(spread) and spread > 0 else 1.0
        centre = self.centre and not (self.zeros_stay and mostly_zeros)
        return moments.mean if centre else 0.0, 1.0 / spread if self.scale else 1.0
