"""Which rows take part in a metric, and with what weight.

A row counts if its response and its prediction are both known and its weight is greater than zero. Rows with
a missing (NaN), zero or negative weight are left out, so a few bad rows never make a metric undefined.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Scores: TypeAlias = npt.NDArray[np.floating[Any]]
Codes: TypeAlias = npt.NDArray[np.integer[Any]]
Mask: TypeAlias = npt.NDArray[np.bool_]


def counted_rows(known: Mask, weight: Scores | None) -> tuple[Mask | slice, FloatArray]:
    """The rows that count, as an index, and their weights.

    Args:
        known: for each row, whether response and prediction are both known.
        weight: observation weights, one for each row; None means one each.

    Returns:
        An index to apply to any array of these rows (a slice when every row counts, which spares a copy) and
        the weights of the rows it selects.
    """
    weights = np.ones(len(known)) if weight is None else np.asarray(weight, dtype=np.float64)
    counted = known if weight is None else known & (weights > 0)
    return (slice(None), weights) if counted.all() else (counted, weights[counted])


def ratio(numerator: FloatArray | float, denominator: FloatArray | float) -> FloatArray:
    """Element-wise quotient; NaN, without a warning, where the denominator is zero."""
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    quotients: FloatArray = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return quotients


def quotient(numerator: float, denominator: float) -> float:
    """`numerator / denominator`, or NaN if the denominator is zero."""
    return numerator / denominator if denominator else float("nan")
