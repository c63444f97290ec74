"""Rows of cells written as separated text, byte by byte.

Numbers look as Java prints them (`12.5`, `1.0E-5`, `0x1.8p1`), since that is what the protocol's clients
read. `text.py` is the only caller and explains the arguments; it loads this module through its `KERNELS`.
Functions that call each other live in this file, for numba's cache to notice a change.
"""

from typing import Any

import numba
import numpy as np
from numba import types

WHOLE, DECIMAL, REAL, HEXADECIMAL, QUOTED, BARE = range(6)
MISSING = np.iinfo(np.int64).min
DECIMALS = 8
WIDEST_NUMBER = 32
"""No number takes more bytes: the longest is `-0x1.fffffffffffffp-1022`."""

_SCALE = 10.0**DECIMALS
_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7  # Java writes numbers outside with an exponent
_MINUS, _POINT, _ZERO, _QUOTE, _NEWLINE = ord("-"), ord("."), ord("0"), ord('"'), ord("\n")
_HEX_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
_INFINITY = np.frombuffer(b"Infinity", np.uint8)

_bytes, _read_bytes = types.Array(types.uint8, 1, "C"), types.Array(types.uint8, 1, "C", readonly=True)
_read_ints = types.Array(types.int64, 1, "C", readonly=True)
_read_cells = types.Array(types.int64, 2, "C", readonly=True)
_read_floats = types.Array(types.float64, 1, "C", readonly=True)
_compiled: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}
_jit = numba.njit(nogil=True, error_model="numpy")


@numba.njit(types.boolean(_read_floats, types.Array(types.int64, 1, "C")), **_compiled)
def as_decimals(values: Any, cells: Any) -> bool:
    """Put `values` times 10^8 into `cells`, if each is exactly a short decimal that Java writes plainly.

    At most 15 digits are taken, so the shortest decimal that reads back as the value is that one. A cell of
    NaN is MISSING. Returns False, with `cells` undefined, if a value is no such decimal.
    """
    for i in range(len(values)):
        value = values[i]
        if np.isnan(value):
            cells[i] = MISSING
            continue
        magnitude = abs(value)
        scaled = np.rint(value * _SCALE)
        if value == 0.0:
            if np.signbit(value):
                return False
        elif not (_PLAIN_FROM <= magnitude < _PLAIN_BELOW) or scaled / _SCALE != value:
            return False
        cells[i] = np.int64(scaled)
    return True


@_jit
def _put_whole(out: Any, at: int, value: int) -> int:
    """Write a whole number; returns where the next byte goes."""
    rest = np.uint64(value)
    if value < 0:
        out[at] = _MINUS
        at += 1
        rest = np.uint64(0) - rest
    digits, limit = 1, np.uint64(10)
    while digits < 19 and rest >= limit:
        digits += 1
        limit *= np.uint64(10)
    for place in range(at + digits - 1, at - 1, -1):
        shorter = rest // np.uint64(10)
        out[place] = np.uint8(_ZERO + (rest - shorter * np.uint64(10)))
        rest = shorter
    return at + digits


@_jit
def _put_decimal(out: Any, at: int, scaled: int) -> int:
    """Write scaled / 10^DECIMALS without zeros at the end, but with one digit after the point."""
    places = DECIMALS
    while places > 1 and scaled % 10 == 0:
        scaled //= 10
        places -= 1
    unit = 1
    for _ in range(places):
        unit *= 10
    magnitude = abs(scaled)
    if scaled < 0:
        out[at] = _MINUS
        at += 1
    whole = magnitude // unit
    at = _put_whole(out, at, whole)
    out[at] = _POINT
    rest = magnitude - whole * unit
    for place in range(at + places, at, -1):
        out[place] = np.uint8(_ZERO + rest % 10)
        rest //= 10
    return at + places + 1


@_jit
def _put_digits(out: Any, at: int, digits: Any, start: int, stop: int) -> int:
    """Write digits `start:stop`, at least one."""
    if start >= stop:
        out[at] = _ZERO
        return at + 1
    for i in range(start, stop):
        out[at] = digits[i]
        at += 1
    return at


@_jit
def _put_real(out: Any, at: int, text: Any, start: int, stop: int, digits: Any) -> int:
    """Write a number as Java does; `text[start:stop]` is its shortest decimal (`1e-05`, `-12.5`, `inf`)."""
    if text[start] == _MINUS:
        out[at] = _MINUS
        at += 1
        start += 1
    if text[start] == ord("i"):
        out[at : at + len(_INFINITY)] = _INFINITY
        return at + len(_INFINITY)
    count, exponent, pointed = 0, -1, False  # of the first digit that is not 0, as in d.ddd × 10^exponent
    while start < stop and text[start] != ord("e"):
        mark = text[start]
        start += 1
        if mark == _POINT:
            pointed = True
        elif count or mark != _ZERO:
            digits[count] = mark
            count += 1
            exponent += not pointed
        elif pointed:
            exponent -= 1
    if start < stop:
        sign, power = 1, 0
        for i in range(start + 1, stop):
            if text[i] == _MINUS:
                sign = -1
            elif text[i] != ord("+"):
                power = power * 10 + (text[i] - _ZERO)
        exponent += sign * power
    while count and digits[count - 1] == _ZERO:
        count -= 1
    return _put_java(out, at, digits, count, exponent if count else 0)


@_jit
def _put_java(out: Any, at: int, digits: Any, count: int, exponent: int) -> int:
    """Write d.ddd × 10^exponent by the rules of Java's Double.toString."""
    if -3 <= exponent < 0:
        out[at], out[at + 1] = _ZERO, _POINT
        at += 2
        for _ in range(-1 - exponent):
            out[at] = _ZERO
            at += 1
        return _put_digits(out, at, digits, 0, count)
    whole = exponent + 1 if 0 <= exponent < 7 else 1
    at = _put_digits(out, at, digits, 0, min(whole, count))
    for _ in range(max(1, count), whole):
        out[at] = _ZERO
        at += 1
    out[at] = _POINT
    at = _put_digits(out, at + 1, digits, whole, count)
    if 0 <= exponent < 7:
        return at
    out[at] = ord("E")
    return _put_whole(out, at + 1, exponent)


@_jit
def _put_hexadecimal(out: Any, at: int, bits: int) -> int:
    """Write the number of these bits as Java's Double.toHexString does; nothing for NaN."""
    fraction = bits & ((1 << 52) - 1)
    exponent = (bits >> 52) & 0x7FF
    if exponent == 0x7FF and fraction:
        return at
    if bits < 0:
        out[at] = _MINUS
        at += 1
    if exponent == 0x7FF:
        out[at : at + len(_INFINITY)] = _INFINITY
        return at + len(_INFINITY)
    out[at], out[at + 1], out[at + 2], out[at + 3] = _ZERO, ord("x"), _ZERO + (exponent != 0), _POINT
    at += 4
    shift = 48
    while shift == 48 or fraction & ((1 << (shift + 4)) - 1):
        out[at] = _HEX_DIGITS[(fraction >> shift) & 15]
        at += 1
        shift -= 4
    out[at] = ord("p")
    power = 0 if exponent == 0 and fraction == 0 else max(exponent, 1) - 1023
    return _put_whole(out, at + 1, power)


@_jit
def _put_quoted(out: Any, at: int, text: Any, start: int, stop: int, escape: bool) -> int:
    """Write text in quotes; with `escape` the quotes within it are doubled."""
    out[at] = _QUOTE
    at += 1
    for i in range(start, stop):
        mark = text[i]
        out[at] = mark
        at += 1
        if escape and mark == _QUOTE:
            out[at] = mark
            at += 1
    out[at] = _QUOTE
    return at + 1


@numba.njit(
    types.int64(
        _read_ints,
        _read_cells,
        _read_bytes,
        _read_ints,
        _read_ints,
        types.uint8,
        types.boolean,
        _bytes,
    ),
    **_compiled,
)
def write_rows(
    kinds: Any, cells: Any, text: Any, bounds: Any, first: Any, separator: int, escape: bool, out: Any
) -> int:
    """Write all rows of `cells` (columns × rows) into `out`, which is large enough; returns the bytes.

    `kinds` says what a column's cells are: a number (WHOLE), one times 10^8 (DECIMAL), the bits of a float64
    (HEXADECIMAL), or the index of a text, which is `text[bounds[first + cell]:bounds[first + cell + 1]]`:
    a number in its shortest decimal form (REAL), or text to be put in quotes (QUOTED) or not (BARE).
    """
    digits = np.empty(WIDEST_NUMBER, np.uint8)
    at = 0
    for row in range(cells.shape[1]):
        for column in range(cells.shape[0]):
            if column:
                out[at] = separator
                at += 1
            kind, cell = kinds[column], cells[column, row]
            if kind == HEXADECIMAL:
                at = _put_hexadecimal(out, at, cell)
            elif cell == MISSING:
                continue
            elif kind == WHOLE:
                at = _put_whole(out, at, cell)
            elif kind == DECIMAL:
                at = _put_decimal(out, at, cell)
            else:
                start, stop = bounds[first[column] + cell], bounds[first[column] + cell + 1]
                if kind == REAL:
                    at = _put_real(out, at, text, start, stop, digits)
                elif kind == QUOTED:
                    at = _put_quoted(out, at, text, start, stop, escape)
                else:
                    for i in range(start, stop):
                        out[at] = text[i]
                        at += 1
        out[at] = _NEWLINE
        at += 1
    return at
