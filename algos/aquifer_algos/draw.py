"""A random share of a frame's rows, to measure a model on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Draw:
    """About a `share` of the rows, the same ones at every call.

    stratified: each class has its share of the rows, to one row in each block, so that rare ones are there as
        often as they should be; otherwise each row is drawn or not by itself.
    """

    share: float
    seed: int
    stratified: bool = False

    def rows(self, block: int, response: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether each row of a block is drawn; `response` has its classes, -1 for missing, or numbers."""
        random = np.random.default_rng([self.seed & (2**64 - 1), block])
        if not self.stratified:
            drawn: NDArray[np.bool_] = random.random(len(response)) < self.share
            return drawn
        drawn = np.zeros(len(response), bool)
        for level in np.unique(response):
            places = np.flatnonzero(response == level)
            wanted = int(self.share * len(places) + random.random())
            drawn[random.permutation(places)[:wanted]] = True
        return drawn
