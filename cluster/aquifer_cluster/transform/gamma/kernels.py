"""The gamma function and its relatives, number by number, compiled. Each replaces the values of its array."""

import math
from typing import Any

import numba
import numpy as np
from numba import types

_VOID, _FLOAT = types.void, types.float64
_NUMBERS = types.float64[::1]
_LARGE = 12.0
"""From here on the asymptotic series are exact to the last digit or two."""


def compiled(*signatures: Any) -> Any:
    """Compile for these signatures, without the interpreter's lock, kept in the cache."""
    return numba.njit(list(signatures), nogil=True, cache=True, error_model="numpy")


@compiled(types.boolean(_FLOAT))
def is_pole(x: Any) -> Any:
    """Whether x is zero or a negative whole number."""
    return x <= 0 and x == math.floor(x)


@compiled(_VOID(_NUMBERS))
def replace_by_gamma(values: Any) -> None:
    """Γ(x)."""
    for i in range(len(values)):
        values[i] = np.nan if is_pole(values[i]) else math.gamma(values[i])


@compiled(_VOID(_NUMBERS))
def replace_by_log_gamma(values: Any) -> None:
    """ln |Γ(x)|."""
    for i in range(len(values)):
        values[i] = np.nan if is_pole(values[i]) else math.lgamma(values[i])


@compiled(_VOID(_NUMBERS))
def replace_by_digamma(values: Any) -> None:
    """ψ(x): reflected to positive x, raised to large x, and there 6.3.18 of Abramowitz and Stegun."""
    for i in range(len(values)):
        x, found = values[i], 0.0
        if is_pole(x):
            values[i] = np.nan
            continue
        if x < 0:
            found -= math.pi / math.tan(math.pi * (x - round(x)))
            x = 1 - x
        while x < _LARGE:
            found -= 1 / x
            x += 1
        r = 1 / (x * x)
        tail = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132 - r * 691 / 32760)))))
        values[i] = found + math.log(x) - 0.5 / x - tail


@compiled(_VOID(_NUMBERS))
def replace_by_trigamma(values: Any) -> None:
    """ψ′(x): reflected to positive x, raised to large x, and there 6.4.12 of Abramowitz and Stegun."""
    for i in range(len(values)):
        x, found, sign = values[i], 0.0, 1.0
        if is_pole(x):
            values[i] = np.nan
            continue
        if x < 0:
            sine = math.sin(math.pi * (x - round(x)))
            found, sign = -math.pi * math.pi / (sine * sine), -1.0
            x = 1 - x
        while x < _LARGE:
            found += 1 / (x * x)
            x += 1
        r = 1 / (x * x)
        tail = r * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66 - r * 691 / 2730)))))
        values[i] = sign * (found + 1 / x + 0.5 * r + tail / x)
