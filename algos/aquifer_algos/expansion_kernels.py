"""The loop of dense expansion, compiled: columns of numbers into rows of inputs."""

from typing import Any

import numba
import numpy as np
from numba import types

_ROWS = 64
"""Rows that are written at a time, so that they stay in the nearest cache while column after column is."""
_FLOATS = types.float64[::1]


@numba.njit(
    types.void(types.float64[:, ::1], _FLOATS, _FLOATS, _FLOATS, types.int64[::1], types.float32[:, ::1]),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def place_numbers(columns: Any, means: Any, shifts: Any, scales: Any, units: Any, out: Any) -> None:
    """Write each of the columns (columns, rows) to its unit of `out` (rows, inputs), shifted and scaled.

    Where a number is missing or infinite, it is the column's mean.
    """
    rows = columns.shape[1]
    for first in range(0, rows, _ROWS):
        last = min(first + _ROWS, rows)
        for column in range(len(columns)):
            mean, shift, scale, unit = means[column], shifts[column], scales[column], units[column]
            for row in range(first, last):
                value = columns[column, row]
                known = value if abs(value) < np.inf else mean
                out[row, unit] = np.float32((known - shift) * scale)
