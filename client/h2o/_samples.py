"""Rows drawn at random: numbers, parts, folds. The same seed gives the same rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from h2o._operation import Operable
from h2o.exceptions import H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Samples"]

DEFAULT_RATIOS = (0.75,)


class Samples(Operable):
    """Operations that draw."""

    def runif(self, seed: int | None = None) -> H2OFrame:
        """A column of random numbers, uniform from 0 to 1, one for each row."""
        return self._derived("h2o.runif", self, -1 if seed is None else seed)

    def split_frame(
        self,
        ratios: Sequence[float] | None = None,
        destination_frames: Sequence[str] | None = None,
        seed: int | None = None,
    ) -> list[H2OFrame]:
        """Split the rows at random into one part for each ratio (by default 0.75) and one for the rest.

        The parts have about, not exactly, these shares of the rows. Raises H2OValueError unless the ratios
        are positive and add up to less than 1, and ``destination_frames`` names one part more than them.
        """
        bounds = _bounds(DEFAULT_RATIOS if ratios is None else ratios)
        count = len(bounds) + 1
        if destination_frames is not None and len(destination_frames) != count:
            raise H2OValueError(
                f"{len(bounds)} ratios make {count} parts; {len(destination_frames)} were named"
            )
        random = self.runif(seed)
        parts = [self._derived("rows", self, mask) for mask in _masks(random, bounds)]
        for part, name in zip(parts, destination_frames or [], strict=False):
            part._expression.key(name)
        return parts

    def kfold_column(self, n_folds: int = 3, seed: int = -1) -> H2OFrame:
        """A column with each row's fold, at random."""
        return self._derived("kfold_column", self, n_folds, seed)

    def modulo_kfold_column(self, n_folds: int = 3) -> H2OFrame:
        """A column with each row's fold, in turn."""
        return self._derived("modulo_kfold_column", self, n_folds)

    def stratified_kfold_column(self, n_folds: int = 3, seed: int = -1) -> H2OFrame:
        """A column with each row's fold, at random, the rows of each level of this column spread evenly."""
        return self._derived("stratified_kfold_column", self, n_folds, seed)

    def stratified_split(self, test_frac: float = 0.2, seed: int = -1) -> H2OFrame:
        """A column of train and test, with the same fraction of each level of this column in test."""
        return self._derived("h2o.random_stratified_split", self, test_frac, seed)


def _bounds(ratios: Sequence[float]) -> list[float]:
    if not ratios or any(ratio <= 0 for ratio in ratios) or sum(ratios) >= 1:
        raise H2OValueError(f"ratios must be positive and add up to less than 1, not {list(ratios)}")
    return [sum(ratios[: i + 1]) for i in range(len(ratios))]


def _masks(random: H2OFrame, bounds: list[float]) -> list[H2OFrame]:
    """For each part the rows whose random number lies between its bounds."""
    inner = [(random > low) & (random <= high) for low, high in itertools.pairwise(bounds)]
    return [random <= bounds[0], *inner, random > bounds[-1]]
