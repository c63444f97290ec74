"""Distributions of a numeric response: how its mean follows from what is learnt, and the deviance from it.

What a network learns, f, is the mean itself (identity link) or its logarithm (log link). Minimising the
deviance is maximising the likelihood; for laplace, quantile and huber it is the loss that gives them their
name. Formulas: McCullagh and Nelder 1989 (poisson, gamma), Jørgensen 1987 (tweedie), Koenker and Bassett 1978
(quantile), Huber 1964.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log, nan
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
Deviance: TypeAlias = Callable[[FloatArray, FloatArray, float], FloatArray]

LARGEST_MEAN = 1e19
"""Means of a log link are held below it, so that a step too far does not end in infinity."""


@dataclass(frozen=True, slots=True)
class Family:
    """What a distribution is, whatever its number.

    deviance: of each row, a function of response, mean and the distribution's number.
    has_log_link: whether the logarithm of the mean is learnt.
    allows: what the response must be, for people, with the test of its smallest value; None if anything.
    """

    deviance: Deviance
    has_log_link: bool = False
    allows: tuple[str, Callable[[float], bool]] | None = None


def _gaussian(y: FloatArray, mean: FloatArray, number: float) -> FloatArray:
    return (y - mean) ** 2


def _laplace(y: FloatArray, mean: FloatArray, number: float) -> FloatArray:
    return np.abs(y - mean)


def _quantile(y: FloatArray, mean: FloatArray, alpha: float) -> FloatArray:
    return np.where(y > mean, alpha * (y - mean), (1.0 - alpha) * (mean - y))


def _huber(y: FloatArray, mean: FloatArray, delta: float) -> FloatArray:
    error = np.abs(y - mean)
    return np.where(error <= delta, error**2, (2.0 * error - delta) * delta)


def _poisson(y: FloatArray, mean: FloatArray, number: float) -> FloatArray:
    return 2.0 * (y * _log(np.where(y > 0, y / mean, 1.0)) - y + mean)


def _gamma(y: FloatArray, mean: FloatArray, number: float) -> FloatArray:
    return 2.0 * (_log(mean / y) + y / mean - 1.0)


def _tweedie(y: FloatArray, mean: FloatArray, power: float) -> FloatArray:
    p, q = 1.0 - power, 2.0 - power
    return 2.0 * (y**q / (p * q) - y * mean**p / p + mean**q / q)


def _log(values: FloatArray) -> FloatArray:
    logarithms: FloatArray = np.log(values)
    return logarithms


_NOT_NEGATIVE = (">= 0", lambda least: least >= 0)
_POSITIVE = ("> 0", lambda least: least > 0)
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "gaussian": Family(_gaussian),
        "laplace": Family(_laplace),
        "quantile": Family(_quantile),
        "huber": Family(_huber),
        "poisson": Family(_poisson, True, _NOT_NEGATIVE),
        "gamma": Family(_gamma, True, _POSITIVE),
        "tweedie": Family(_tweedie, True, _NOT_NEGATIVE),
    }
)
"""The distributions of a number, by the protocol's names."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A member of a family: a picklable value.

    name: one of `FAMILIES`; ValueError otherwise.
    number: tweedie's power, quantile's alpha, huber's delta (in the response's units); NaN for the others.
    """

    name: str = "gaussian"
    number: float = nan

    def __post_init__(self) -> None:
        if self.name not in FAMILIES:
            raise ValueError(
                f"no distribution of numbers is called {self.name!r}; there are {', '.join(FAMILIES)}"
            )

    @property
    def has_log_link(self) -> bool:
        """Whether the logarithm of the mean is learnt, not the mean."""
        return FAMILIES[self.name].has_log_link

    def mean(self, learnt: NDArray[Any]) -> NDArray[Any]:
        """The mean, by the inverse of the link."""
        return np.exp(np.minimum(learnt, log(LARGEST_MEAN))) if self.has_log_link else learnt

    def deviance(self, actual: FloatArray, mean: FloatArray) -> FloatArray:
        """The deviance of each row, both in the response's units."""
        return FAMILIES[self.name].deviance(actual, mean, self.number)


GAUSSIAN = Distribution()
"""What a number is taken for if nothing else is said."""
