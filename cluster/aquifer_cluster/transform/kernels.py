"""The loops of sorting, matching and grouping, compiled.

Rows are numbered with 32 bits within a node. A key is one unsigned number of 32 or 64 bits; the order of
the numbers is the order of the keys. `ordering.py`, `merge.py` and `tally.py` call these functions; several
threads do so at once, each on its own stretch.
"""

from typing import Any

import numba
import numpy as np
from numba import types


def _read(dtype: Any) -> Any:
    return types.Array(dtype, 1, "C", readonly=True)


NARROW, WIDE, LONG = types.uint32, types.uint64, types.int64
NUMBERS, COUNTS, PLACES = types.float64[::1], types.int64[::1], types.uint32[::1]
VOID = types.void


def compiled(*signatures: Any) -> Any:
    """Compile for these signatures, without the interpreter's lock, kept in the cache."""
    return numba.njit(list(signatures), nogil=True, cache=True, error_model="numpy")


# --- radix sort: one digit of all keys at a time, from the least significant one ---------------------------


@compiled(*(VOID(_read(key), LONG, COUNTS) for key in (NARROW, WIDE)))
def count_digits(keys: Any, shift: Any, counts: Any) -> None:
    """Count how often each digit occurs; `counts` has a place for each."""
    mask = np.uint64(len(counts) - 1)
    step = np.uint64(shift)
    for i in range(len(keys)):
        counts[(np.uint64(keys[i]) >> step) & mask] += 1


@compiled(*(VOID(_read(key), _read(NARROW), LONG, COUNTS, key[::1], PLACES) for key in (NARROW, WIDE)))
def scatter_digits(keys: Any, rows: Any, shift: Any, places: Any, sorted_keys: Any, sorted_rows: Any) -> None:
    """Put each key, and the row it belongs to, at the next place of its digit."""
    mask = np.uint64(len(places) - 1)
    step = np.uint64(shift)
    for i in range(len(keys)):
        digit = (np.uint64(keys[i]) >> step) & mask
        place = places[digit]
        places[digit] = place + 1
        sorted_keys[place] = keys[i]
        sorted_rows[place] = rows[i]


# --- merges: the pairs of rows whose keys are the same -----------------------------------------------------


@compiled(
    VOID(_read(NARROW), _read(LONG), _read(LONG), _read(LONG), LONG, LONG, types.boolean, PLACES, PLACES)
)
def pair_rows(
    order: Any,
    starts: Any,
    lefts: Any,
    offsets: Any,
    left_rows: Any,
    right_rows: Any,
    right_major: Any,
    left: Any,
    right: Any,
) -> None:
    """Write the pairs of each run of rows with one key.

    order: rows, the left frame's first within each run and numbered below `left_rows`, the right frame's
    behind them. starts, offsets: where each run starts in `order` and its pairs in the output, and one more
    at the end. lefts: how many of a run are left rows. A run without pairs in `offsets` is left out; a row
    without a partner is paired with `left_rows` or `right_rows`, which stand for a missing row.
    """
    for run in range(len(lefts)):
        start, stop, count = starts[run], starts[run + 1], lefts[run]
        at = offsets[run]
        if offsets[run + 1] == at:
            continue
        if count == 0:
            for j in range(start, stop):
                left[at], right[at] = left_rows, order[j] - left_rows
                at += 1
        elif start + count == stop:
            for i in range(start, stop):
                left[at], right[at] = order[i], right_rows
                at += 1
        elif right_major:
            for j in range(start + count, stop):
                for i in range(start, start + count):
                    left[at], right[at] = order[i], order[j] - left_rows
                    at += 1
        else:
            for i in range(start, start + count):
                for j in range(start + count, stop):
                    left[at], right[at] = order[i], order[j] - left_rows
                    at += 1


# --- groups: `ids` says which group each row belongs to ----------------------------------------------------


@compiled(VOID(_read(NARROW), COUNTS))
def count_rows(ids: Any, counts: Any) -> None:
    """Add up the rows of each group."""
    for i in range(len(ids)):
        counts[ids[i]] += 1


@compiled(VOID(_read(NARROW), _read(types.float64), COUNTS, NUMBERS))
def add_sums(ids: Any, values: Any, known: Any, sums: Any) -> None:
    """Add up the known values of each group, and how many they are."""
    for i in range(len(ids)):
        value = values[i]
        if value == value:
            known[ids[i]] += 1
            sums[ids[i]] += value


@compiled(VOID(_read(NARROW), _read(types.float64), NUMBERS, NUMBERS))
def widen_bounds(ids: Any, values: Any, lows: Any, highs: Any) -> None:
    """The smallest and largest known value of each group; they begin as NaN."""
    for i in range(len(ids)):
        value, group = values[i], ids[i]
        if value == value:
            if not lows[group] <= value:
                lows[group] = value
            if not highs[group] >= value:
                highs[group] = value


@compiled(VOID(_read(NARROW), _read(types.float64), COUNTS, NUMBERS, NUMBERS))
def add_moments(ids: Any, values: Any, known: Any, means: Any, squares: Any) -> None:
    """The mean and the sum of squared deviations of each group (Welford 1962), and how many are known."""
    for i in range(len(ids)):
        value, group = values[i], ids[i]
        if value == value:
            known[group] += 1
            shift = value - means[group]
            means[group] += shift / known[group]
            squares[group] += shift * (value - means[group])
