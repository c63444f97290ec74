"""Walks through text, byte by byte: where records end, what is peculiar about it, and the numbers in it.

`blocks.py`, `inference.py` and `readers/numeric.py` explain the arguments and load this module.
"""

import numba
import numpy as np
from numba import types

COMMENTS, SPACED, SPACED_QUOTES, DOUBLE_SPACES, QUOTED, NOT_ASCII = 1, 2, 4, 8, 16, 128
_LINE_FEED, _CARRIAGE_RETURN, _SPACE = 10, 13, 32
_TILE = 256
_ROWS_AT_ONCE = 16

_ZERO, _POINT, _PLUS, _MINUS = ord("0"), ord("."), ord("+"), ord("-")
_LETTER_E, _LETTER_N, _LETTER_A = ord("e"), ord("N"), ord("A")
_CASE = 0x20
_LARGEST_MANTISSA = 2**53
_POWERS = np.array([float(10**i) for i in range(23)])
"""The powers of ten that float64 holds exactly."""

UNDECIDED, ZERO, NUMBER, WORD = range(4)
"""What a text is found to be at a first look."""

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_OFFSETS = types.Array(types.int32, 1, "C", readonly=True)
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
            if space_after & (begins | (byte == _CARRIAGE_RETURN) | (byte == separator)):
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


@numba.njit(types.void(types.float64[:, ::1], types.float64[:, :]), nogil=True, cache=True)
def transpose(rows, columns):  # type: ignore[no-untyped-def]
    """Write as many rows as `columns` has room for."""
    for field in range(columns.shape[0]):
        for row in range(columns.shape[1]):
            columns[field, row] = rows[row, field]


@numba.njit(
    types.int64(_BYTES, _BYTE, types.float64[:, ::1]),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def read_numbers(data, separator, out):  # type: ignore[no-untyped-def]
    """Put the decimal numbers of all records into `out`, a row for each field; the number of records.

    Nothing and NA are NaN. −1 where a record has another number of fields, or a field is something else, or
    a number that is not the quotient or product of a whole number below 2^53 and a power of ten that are
    both exact: of these float64's division or product is the nearest (Clinger, How to read floating point
    numbers accurately, 1990).
    """
    fields, room = out.shape
    end, row, i = len(data), 0, 0
    tile = np.empty((_ROWS_AT_ONCE, fields))  # written row by row, which columns far apart are slow to be
    while i < end:
        if data[i] == _LINE_FEED:  # a blank line is no record
            i += 1
            continue
        if data[i] == _CARRIAGE_RETURN and i + 1 < end and data[i + 1] == _LINE_FEED:
            i += 2
            continue
        if row == room:
            return -1
        for field in range(fields):
            start, negative = i, False
            if i + 1 < end and 0 <= data[i] - _ZERO < 10 and data[i + 1] == separator and field < fields - 1:
                tile[row % _ROWS_AT_ONCE, field] = data[i] - _ZERO
                i += 2
                continue
            if i < end and (data[i] == _MINUS or data[i] == _PLUS):
                negative = data[i] == _MINUS
                i += 1
            mantissa, digits, decimals = 0, 0, 0
            while i < end and 0 <= data[i] - _ZERO < 10:
                mantissa = 10 * mantissa + (data[i] - _ZERO)
                digits += 1
                i += 1
                if mantissa >= _LARGEST_MANTISSA:
                    return -1
            if i < end and data[i] == _POINT:
                i += 1
                while i < end and 0 <= data[i] - _ZERO < 10:
                    mantissa = 10 * mantissa + (data[i] - _ZERO)
                    decimals += 1
                    i += 1
                    if mantissa >= _LARGEST_MANTISSA:
                        return -1
            power = -decimals
            if digits + decimals == 0:
                if i != start:
                    return -1
                if i + 1 < end and data[i] == _LETTER_N and data[i + 1] == _LETTER_A:
                    i += 2
                value = np.nan
            else:
                if i < end and (data[i] | _CASE) == _LETTER_E:
                    i += 1
                    down = i < end and data[i] == _MINUS
                    if i < end and (data[i] == _MINUS or data[i] == _PLUS):
                        i += 1
                    exponent, first = 0, i
                    while i < end and 0 <= data[i] - _ZERO < 10 and exponent < 1000:
                        exponent = 10 * exponent + (data[i] - _ZERO)
                        i += 1
                    if i == first:
                        return -1
                    power += -exponent if down else exponent
                if power < -22 or power > 22:
                    return -1
                value = float(mantissa)
                value = value * _POWERS[power] if power >= 0 else value / _POWERS[-power]
                if negative:
                    value = -value
            tile[row % _ROWS_AT_ONCE, field] = value
            if field < fields - 1:
                if i >= end or data[i] != separator:
                    return -1
                i += 1
        if i < end and data[i] == _CARRIAGE_RETURN:
            i += 1
        if i < end:
            if data[i] != _LINE_FEED:
                return -1
            i += 1
        row += 1
        if row % _ROWS_AT_ONCE == 0:
            transpose(tile, out[:, row - _ROWS_AT_ONCE : row])
    transpose(tile, out[:, row - row % _ROWS_AT_ONCE : row])
    return row


@numba.njit(types.void(_BYTES, _OFFSETS, types.int8[::1]), nogil=True, cache=True, error_model="numpy")
def plain_kinds(text, offsets, found):  # type: ignore[no-untyped-def]
    """Tell plain decimal numbers, ZERO ones apart, and texts without any digit, which are a WORD.

    Text i is `text[offsets[i]:offsets[i + 1]]`. What has digits and is no plain number is UNDECIDED.
    """
    for row in range(len(found)):
        i, end = offsets[row], offsets[row + 1]
        if i < end and (text[i] == _MINUS or text[i] == _PLUS):
            i += 1
        digits, zeros, points = 0, 0, 0
        while i < end and (0 <= text[i] - _ZERO < 10 or (text[i] == _POINT and points == 0)):
            if text[i] == _POINT:
                points = 1
            else:
                digits += 1
                zeros += text[i] == _ZERO
            i += 1
        if i + 1 < end and digits and (text[i] | _CASE) == _LETTER_E:
            first = i + 1 + (text[i + 1] == _MINUS or text[i + 1] == _PLUS)
            after = first
            while after < end and 0 <= text[after] - _ZERO < 10:
                after += 1
            i = after if after > first else i
        if i == end and digits:
            found[row] = ZERO if zeros == digits else NUMBER
            continue
        while i < end and not 0 <= text[i] - _ZERO < 10:
            i += 1
        found[row] = UNDECIDED if digits or i < end else WORD
