"""Walks through text, byte by byte: where records end, and what is peculiar about it.

`blocks.py` is the only caller, explains the arguments, and loads this module through its `KERNELS`.
"""

import numba
import numpy as np
from numba import types

COMMENTS, SPACED, SPACED_QUOTES, DOUBLE_SPACES, QUOTED, NOT_ASCII = 1, 2, 4, 8, 16, 128
_LINE_FEED, _CARRIAGE_RETURN, _SPACE = 10, 13, 32
_TILE = 256

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_BYTE = types.uint8
_POSITIONS = types.int64[::1]


@numba.njit(
    types.int64(_BYTES, _BYTE, _BYTE, _BYTE, types.int64, _POSITIONS),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def record_ends(data, newline, separator, quote, escape, ends):  # type: ignore[no-untyped-def]
    """Put the position after each `newline` outside quotes into `ends`, while there is room; their number."""
    count, quoted, closed = 0, False, -2
    for i in range(len(data)):
        byte = data[i]
        if byte == newline:
            if not quoted:
                if count == len(ends):
                    break
                ends[count] = i + 1
                count += 1
        elif byte == quote:
            before = data[i - 1] if i else newline
            if before == escape:
                continue
            if quoted:
                quoted, closed = False, i
            else:
                begins = (before == _LINE_FEED) | (before == _CARRIAGE_RETURN) | (before == separator)
                quoted = begins | (before == _SPACE) | (closed == i - 1)
    return count


@numba.njit(types.int64(_BYTES, _BYTE, _BYTE, _BYTE), nogil=True, cache=True, error_model="numpy")
def traits(data, separator, quote, comment):  # type: ignore[no-untyped-def]
    """The bits of what is peculiar about each two neighbouring bytes of a text.

    Bits are gathered in an array as long as a tile, not in one number: only so the compiler makes vectors of
    bytes, and the walk ten times as fast.
    """
    found = np.zeros(_TILE, np.uint8)
    pairs = max(0, len(data) - 1)
    for start in range(0, pairs, _TILE):
        for i in range(min(_TILE, pairs - start)):
            byte, after = data[start + i], data[start + i + 1]
            begins, space, space_after = byte == _LINE_FEED, byte == _SPACE, after == _SPACE
            bits = byte & NOT_ASCII
            if byte == quote:
                bits |= QUOTED
            if begins & (after == comment):
                bits |= COMMENTS
            if space_after & (begins | (byte == separator)):
                bits |= SPACED
            if (space_after & (byte == quote)) | (space & (after == quote)):
                bits |= SPACED_QUOTES
            if (space_after & (space | begins)) | (space & (after == _LINE_FEED)):
                bits |= DOUBLE_SPACES
            found[i] |= bits
    together = 0
    for i in range(_TILE):
        together |= int(found[i])
    return together
