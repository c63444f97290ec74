"""The loops that compare texts character by character, compiled.

A column of texts is one array of code points and the place where each text starts, with the end behind them.
"""

from typing import Any

import numba
import numpy as np
from numba import types

LONGEST_PREFIX = 4
SHORTEST_COMMON = 2

_POINTS = types.Array(types.uint32, 1, "C", readonly=True)
_STARTS = types.Array(types.int64, 1, "C", readonly=True)
_VOID, _FLOAT, _LONG, _FLAG = types.void, types.float64, types.int64, types.boolean


def compiled(*signatures: Any) -> Any:
    """Compile for these signatures, without the interpreter's lock, kept in the cache."""
    return numba.njit(list(signatures), nogil=True, cache=True, error_model="numpy")


@compiled(_FLAG(_POINTS, _POINTS))
def equal(left: Any, right: Any) -> Any:
    """Whether two texts are the same."""
    if len(left) != len(right):
        return False
    for i in range(len(left)):  # noqa: SIM110
        if left[i] != right[i]:
            return False
    return True


@compiled(_FLOAT(_POINTS, _POINTS))
def jaro_winkler_of(short: Any, long: Any) -> Any:
    """The measure of two texts, of which the first is not the longer one."""
    reach, last, common, steps_back = len(long) // 2, -1, 0, 0
    used = np.zeros(len(long), np.uint8)
    for i in range(len(short)):
        for j in range(max(0, i - reach), min(len(long), i + reach)):
            if short[i] == long[j] and not used[j]:
                used[j] = 1
                common += 1
                if j < last:
                    steps_back += 1
                last = j
                break
    if common == 0:
        return 0.0
    score = (common / len(short) + common / len(long) + (common - steps_back) / common) / 3
    prefix = 0
    while prefix < min(LONGEST_PREFIX, len(short)) and short[prefix] == long[prefix]:
        prefix += 1
    return score + prefix * (1 - score) / 10


@compiled(_LONG(_POINTS, _POINTS))
def removable(left: Any, right: Any) -> Any:
    """The length of all common substrings, taken away one after the other, the first longest one first."""
    a, b, m, n, removed = left.copy(), right.copy(), len(left), len(right), 0
    runs, above = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    while True:
        length, end_a, end_b = 0, 0, 0
        above[:] = 0
        for i in range(m):
            for j in range(n):
                runs[j + 1] = above[j] + 1 if a[i] == b[j] else 0
                if runs[j + 1] > length:
                    length, end_a, end_b = runs[j + 1], i + 1, j + 1
            runs, above = above, runs
        if length < SHORTEST_COMMON:
            return removed
        for i in range(end_a, m):
            a[i - length] = a[i]
        for j in range(end_b, n):
            b[j - length] = b[j]
        m, n, removed = m - length, n - length, removed + length


@compiled(_VOID(_POINTS, _STARTS, _POINTS, _STARTS, _FLOAT[::1]))
def jaro_winkler(left: Any, left_starts: Any, right: Any, right_starts: Any, found: Any) -> None:
    """Jaro-Winkler of each pair of texts."""
    for row in range(len(found)):
        a = left[left_starts[row] : left_starts[row + 1]]
        b = right[right_starts[row] : right_starts[row + 1]]
        if equal(a, b):
            found[row] = 1.0
        elif len(a) > len(b):
            found[row] = jaro_winkler_of(b, a)
        else:
            found[row] = jaro_winkler_of(a, b)


@compiled(_VOID(_POINTS, _STARTS, _POINTS, _STARTS, _FLOAT[::1]))
def longest_common_substrings(left: Any, left_starts: Any, right: Any, right_starts: Any, found: Any) -> None:
    """What common substrings make up of the shorter text of each pair; the mean of both directions."""
    for row in range(len(found)):
        a = left[left_starts[row] : left_starts[row + 1]]
        b = right[right_starts[row] : right_starts[row + 1]]
        shorter = min(len(a), len(b))
        if equal(a, b):
            found[row] = 1.0
        elif shorter == 0:
            found[row] = 0.0
        else:
            found[row] = (removable(a, b) / shorter + removable(b, a) / shorter) / 2
