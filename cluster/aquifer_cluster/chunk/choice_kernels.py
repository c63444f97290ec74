"""The choice of an encoding for numbers, and its making: many columns in one call, without the interpreter.

A column becomes one record for each encoding that it is held in: a sparse one is followed by that of the
values that are not the commonest one. What a record refers to lies in one output of words, from START on.
"""

from typing import Any

import numpy as np
from numba import types
from numba.np.numpy_support import carray

from aquifer_cluster.chunk.base import EXACT
from aquifer_cluster.chunk.kernels import (
    COMMON,
    COMMON_AT,
    EXPONENT,
    FIRST,
    FLAG,
    FOUND,
    HIGH,
    LONG,
    LONGS,
    LOW,
    MISSING,
    POWERS,
    SINGLE,
    STEP,
    VOID,
    ZEROS,
    compiled,
    distinct,
    divisor,
    pack_floats,
    pack_integers,
    pointer,
    survey_floats,
    survey_integers,
)
from aquifer_cluster.chunk.packed import NO_CODE
from aquifer_cluster.chunk.sparse import GROUP, GROUP_BITS

# A record: the encoding, its rows, and where what it holds begins; then what the encodings need.
KIND, ROWS, START, BITS, BASE, SPACING, DECIMALS, ABSENT, ENTRIES, MARKS, VALUE, DIGITS, RECORD = range(13)
CONSTANT, ALL_MISSING, PACKED, TABLE, BITMAP, SCATTERED, PLAIN32, PLAIN64 = range(8)

MAX_BITS = 56
"""The widest packed codes."""
MAX_LEVELS = 8
"""So often can a sparse column be held in another at most."""

_TOO_LARGE = 2.0**62
_FEWEST_FOR_TABLE = 16
_LARGEST_TABLE_BITS = 16
_FEWEST_FOR_SPARSE = 128
_WORTH_A_BITMAP = 0.9
"""A bitmap must save as much: to read it takes longer than to read packed codes."""
_RANK_BITS = 32 / GROUP

_TOP = np.int64(2**63 - 1)
_ABSENT_CODE = np.uint64(NO_CODE)
_LONGS, _WORDS = types.int64[::1], types.uint64[::1]


@compiled(LONG(LONG, LONG, LONG, LONG))
def width(low: Any, high: Any, spacing: Any, missing: Any) -> Any:
    """How many bits the codes of low, low + spacing … high take, one for missing among them; 0: too many."""
    last = (np.uint64(high) - np.uint64(low)) // np.uint64(spacing)
    if last >= np.uint64(1) << np.uint64(MAX_BITS):
        return 0
    last += np.uint64(missing)
    bits = 0
    while last:
        bits += 1
        last >>= np.uint64(1)
    return bits if bits <= MAX_BITS else 0


@compiled(types.float64(LONG, types.float64))
def mark_bits(rows: Any, density: Any) -> Any:
    """What marking takes for each row, in the cheaper of both ways, if such a part of the rows is marked."""
    if rows < _FEWEST_FOR_SPARSE:
        return np.inf
    return _RANK_BITS + min(1.0, GROUP_BITS * density)


@compiled(LONG(LONG, types.float64))
def table_limit(rows: Any, best: Any) -> Any:
    """The most different values for which a table of them and their numbers are smaller than `best` bits."""
    limit: Any = 0
    if rows >= _FEWEST_FOR_TABLE:
        for bits in range(1, _LARGEST_TABLE_BITS + 1):
            if rows * bits < best:
                limit = max(limit, min(1 << bits, np.int64((best - rows * bits) / 64)))
    return limit


@compiled(LONG(_WORDS, LONG, LONGS, FLAG, LONG, LONG, FLAG))
def mark(out: Any, at: Any, bits: Any, floats: Any, common: Any, absent: Any, listed: Any) -> Any:
    """Mark the rows that hold another value than `common`; how many bytes that takes.

    A bitmap, or the packed positions within groups of rows; then the number of marks before every group.
    """
    rows = len(bits)
    marked = np.empty(rows, np.uint8)
    for i in range(rows):
        marked[i] = bits[i] != common
    if floats and absent:  # every NaN is missing, whatever its bits
        numbers = bits.view(np.float64)
        for i in range(rows):
            marked[i] = numbers[i] == numbers[i]
    groups = max(1, (rows + GROUP - 1) // GROUP)
    ranks, count = np.zeros(groups, np.uint32), 0
    for group in range(groups):
        ranks[group] = count
        for i in range(group * GROUP, min(rows, (group + 1) * GROUP)):
            count += marked[i]
    if listed:
        places, k = np.empty(count, np.int64), 0
        for i in range(rows):
            if marked[i]:
                places[k] = i % GROUP
                k += 1
        words = (count * GROUP_BITS + 63) // 64 + 1
        pack_integers(places, -1, 0, 1, GROUP_BITS, _ABSENT_CODE, out[at : at + words])
    else:
        words = (rows + 63) // 64
        for word in range(words):
            held = np.uint64(0)
            for i in range(64 * word, min(rows, 64 * word + 64)):
                held |= np.uint64(marked[i]) << np.uint64(i & 63)
            out[at + word] = held
    out[at + words : at + words + (groups + 1) // 2].view(np.uint32)[:groups] = ranks
    return 8 * words + 4 * groups


@compiled(LONG(_WORDS, LONG, LONGS, FLAG, LONG, _LONGS))
def tabulate(out: Any, at: Any, bits: Any, floats: Any, limit: Any, record: Any) -> Any:
    """Write a table of the different values, ascending, and their packed numbers, if these fit.

    Fills in BITS and ENTRIES; how many they are, −1 if more than `limit`.
    """
    table, codes = np.empty(limit, np.int64), np.empty(len(bits), np.int32)
    count = distinct(bits, floats, limit, table, codes)
    if count < 0:
        return count
    entries = table[:count]
    keys = entries.copy()
    if floats:  # the order of the numbers: of their bits as signed ones, those of negative numbers reversed
        for i in range(count):
            keys[i] ^= (keys[i] >> 63) & _TOP
    order, ranks = np.argsort(keys), np.empty(count, np.int64)
    for i in range(count):
        ranks[order[i]] = i
        out[at + i] = np.uint64(entries[order[i]])
    wide = 1
    while (1 << wide) < count:
        wide += 1
    words = (len(bits) * wide + 63) // 64 + 1
    pack_integers(ranks[codes], -1, 0, 1, wide, _ABSENT_CODE, out[at + count : at + count + words])
    record[BITS], record[ENTRIES] = wide, count
    return count


@compiled(VOID(LONGS, FLAG, LONG, _LONGS))
def survey(bits: Any, floats: Any, absent: Any, found: Any) -> None:
    """`survey_floats` or `survey_integers`, with LOW and HIGH times 10^EXPONENT; none if LOW > HIGH."""
    if not floats:
        survey_integers(bits, absent, found)
        return
    ends = np.zeros(2)
    survey_floats(bits.view(np.float64), bits, found, ends)
    found[LOW], found[HIGH] = 1, 0
    if found[EXPONENT] >= 0 and abs(ends[0]) < np.inf:
        power = POWERS[found[EXPONENT]]
        low, high = np.rint(ends[0] * power), np.rint(ends[1] * power)
        if max(abs(low), abs(high)) < _TOO_LARGE:
            found[LOW], found[HIGH] = np.int64(low), np.int64(high)
        else:
            found[EXPONENT] = -1


@compiled(LONG(_LONGS, LONG, FLAG))
def code_width(found: Any, missing: Any, others: Any) -> Any:
    """How wide packed codes of the values are, without zeros if only of the `others`; 0: too wide."""
    if found[EXPONENT] < 0:
        return 0
    low: Any = found[LOW]
    high: Any = found[HIGH]
    spacing: Any = found[STEP]
    if low > high:
        return width(0, 0, 1, missing)
    if found[ZEROS] and not others:
        low, high, spacing = min(low, 0), max(high, 0), divisor(spacing, abs(found[FIRST]))
    return width(low, high, max(1, spacing), missing)


@compiled(LONG(LONGS, FLAG, LONG, _LONGS, _WORDS, LONG, _LONGS))
def pack(bits: Any, floats: Any, absent: Any, found: Any, out: Any, at: Any, record: Any) -> Any:
    """Write packed codes of BITS bits; where they end, −1 if a value would not come back from them."""
    low: Any = 0
    high: Any = 0
    spacing: Any = 1
    if found[LOW] <= found[HIGH]:
        low, high, spacing = found[LOW], found[HIGH], max(1, found[STEP])
        if found[ZEROS]:
            low, high = min(low, 0), max(high, 0)
            spacing = max(1, divisor(found[STEP], abs(found[FIRST])))
    code = np.uint64((high - low) // spacing + 1) if found[MISSING] else _ABSENT_CODE
    end = at + (len(bits) * record[BITS] + 63) // 64 + 1
    record[KIND], record[BASE], record[SPACING] = PACKED, low, spacing
    record[DECIMALS], record[ABSENT] = found[EXPONENT], np.int64(code)
    if not floats:
        pack_integers(bits, absent, low, spacing, record[BITS], code, out[at:end])
        return end
    power = POWERS[found[EXPONENT]]
    exact = pack_floats(bits.view(np.float64), power, low, spacing, record[BITS], code, out[at:end])
    return end if exact else -1


@compiled(LONG(LONGS, FLAG, _WORDS, LONG, _LONGS))
def keep(bits: Any, single: Any, out: Any, at: Any, record: Any) -> Any:
    """Write the values as they are, or as float32; where they end."""
    rows = len(bits)
    if not single:
        record[KIND] = PLAIN64
        out[at : at + rows] = bits.view(np.uint64)
        return at + rows
    record[KIND], numbers = PLAIN32, bits.view(np.float64)
    end = at + (rows + 1) // 2
    singles = out[at:end].view(np.float32)
    for i in range(rows):
        singles[i] = numbers[i]
    return end


@compiled(LONG(LONGS, FLAG, FLAG, FLAG, _WORDS, LONG, _LONGS, _LONGS))
def set_apart(
    bits: Any, floats: Any, absent: Any, listed: Any, out: Any, at: Any, record: Any, rest: Any
) -> Any:
    """Write marks of the values other than VALUE and put these into `rest`; where the marks end."""
    record[MARKS] = mark(out, at, bits, floats, record[VALUE], absent, listed)
    record[KIND], record[ABSENT] = SCATTERED if listed else BITMAP, absent
    numbers, others = bits.view(np.float64), 0
    for i in range(len(bits)):
        differs = numbers[i] == numbers[i] if absent and floats else bits[i] != record[VALUE]
        rest[others] = bits[i]
        others += differs
    record[ENTRIES] = others
    return at + (record[MARKS] + 7) // 8


@compiled(LONG(LONGS, FLAG, LONG, FLAG, _WORDS, LONG, _LONGS, _LONGS))
def encode_level(
    bits: Any, floats: Any, absent: Any, last: Any, out: Any, at: Any, record: Any, rest: Any
) -> Any:
    """Hold values in the smallest encoding, in one record; where what the next one refers to may begin.

    If that is sparse, the values that are not the commonest one are in `rest`, which may be the memory of
    `bits`. `absent` stands for missing among whole numbers. The `last` level is not sparse.
    """
    rows, found = len(bits), np.zeros(FOUND, np.int64)
    survey(bits, floats, absent, found)
    missing, zeros, common = found[MISSING], found[ZEROS], found[COMMON]
    record[ROWS], record[START], record[VALUE] = rows, at, bits[found[COMMON_AT]]
    known = found[EXPONENT] >= 0 and found[LOW] <= found[HIGH]
    record[DIGITS] = known and (found[HIGH] > EXACT or found[LOW] < -EXACT)
    if missing == rows or common == rows:
        record[KIND] = ALL_MISSING if missing == rows else CONSTANT
        return at
    # how many bits each encoding would take
    missing_prevail = missing >= max(zeros, common)
    zeros_prevail = not missing_prevail and zeros >= common
    single = floats and found[SINGLE]
    plain = 32 if single else 64
    packed = code_width(found, missing > 0, False)
    others = code_width(found, missing > 0 and not missing_prevail, zeros_prevail)
    best = rows * (packed if packed else plain)
    density = 1 - max(zeros, missing, common) / rows
    marks = np.inf if last else mark_bits(rows, density)
    sparse = rows * (marks + density * (others if others else plain))
    limit = table_limit(rows, min(best, sparse))
    if limit and tabulate(out, at, bits, floats, limit, record) >= 0:
        entries, wide = record[ENTRIES], record[BITS]
        words = (rows * wide + 63) // 64 + 1
        if rows * (marks + density * wide) >= 64 * words:
            record[KIND] = TABLE
            return at + entries + words
        sparse = 0.0
    if sparse < _WORTH_A_BITMAP * best:
        if zeros_prevail:
            record[VALUE] = 0
        elif missing_prevail:
            record[VALUE] = absent
        listed = GROUP_BITS * density < 1
        return set_apart(bits, floats, missing_prevail, listed, out, at, record, rest)
    record[BITS] = packed
    end = pack(bits, floats, absent, found, out, at, record) if packed else -1
    return end if end >= 0 else keep(bits, single, out, at, record)


@compiled(VOID(LONGS, LONG, FLAG, LONG, _WORDS, types.int64[:, ::1], _LONGS))
def encode_columns(
    addresses: Any, rows: Any, floats: Any, absent: Any, out: Any, records: Any, first: Any
) -> None:
    """Hold the columns of so many 64-bit values each that are at `addresses`.

    `first` has, for each column and after the last, the number of its first record.
    """
    rest, at, place = np.empty(rows, np.int64), 0, 0
    for column in range(len(addresses)):
        bits = carray(pointer(addresses[column]), rows, np.int64)
        first[column] = place
        for level in range(MAX_LEVELS):
            last = level == MAX_LEVELS - 1
            at = encode_level(bits, floats, absent, last, out, at, records[place], rest)
            place += 1
            if records[place - 1, KIND] != BITMAP and records[place - 1, KIND] != SCATTERED:
                break
            bits = rest[: records[place - 1, ENTRIES]]
    first[len(addresses)] = place
