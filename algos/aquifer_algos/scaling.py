"""How numbers are shifted and scaled before they are learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of the known, finite values of a column, weighted if the rows are."""

    mean: float
    deviation: float


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
