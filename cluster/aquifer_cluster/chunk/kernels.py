"""The loops of the encodings, compiled: surveys, bit-packing and its reverse, bitmaps, roll-ups, identifiers.

Packed codes are unsigned numbers of `bits` bits (1 to 56) one after the other in little-endian 64-bit words,
with one more word at the end, so that a code that crosses into the next word is read without a test.

Compiled without fast-math: a value must come back to the last bit, and a quotient in which the compiler may
replace the division by a product with the reciprocal would not.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from aquifer_cluster.chunk.base import EXACT
from aquifer_cluster.chunk.sparse import GROUP, GROUP_BITS


def _array(dtype: Any) -> Any:
    return types.Array(dtype, 1, "C", readonly=True)


FLOATS, LONGS, WORDS = _array(types.float64), _array(types.int64), _array(types.uint64)
INTS, BYTES = _array(types.int32), _array(types.uint8)
LONG, FLOAT, WORD, FLAG, VOID = types.int64, types.float64, types.uint64, types.boolean, types.void

# What a survey finds: `found` of int64, and for numbers their bounds as float64.
MISSING, ZEROS, COMMON, COMMON_AT, EXPONENT, STEP, FIRST, SINGLE, LOW, HIGH, FOUND = range(11)
SAMPLE = 64
"""How many values vote for the value that is counted as the most common one."""
MAX_EXPONENT = 15
POWERS = np.array([float(10**exponent) for exponent in range(MAX_EXPONENT + 1)])
NAN_BITS = np.array([np.nan]).view(np.int64)[0]

# What a roll-up counts.
ABSENT, ZERO, ABOVE, BELOW, FINITE, WHOLE, COUNTS = range(7)
_RUN = 256


def compiled(*signatures: Any) -> Any:
    """Compile for these signatures, without the interpreter's lock, kept in the cache."""
    return numba.njit(list(signatures), nogil=True, cache=True, error_model="numpy")


def _pointer(_context: Any, address: Any) -> Any:
    """The address of memory that somebody else keeps alive."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), generate


pointer: Any = intrinsic(_pointer)


# --- surveys: one look at the values, from which the encoding is chosen ------------------------------------


@compiled(LONG(LONGS))
def majority(bits: Any) -> Any:
    """The position of the value that a sample votes for (Boyer and Moore): the common one if one is."""
    step = max(1, len(bits) // SAMPLE)
    chosen, votes = 0, 0
    for i in range(0, len(bits), step):
        if votes == 0:
            chosen = i
        votes += 1 if bits[i] == bits[chosen] else -1
    return chosen


@compiled(LONG(LONG, LONG))
def divisor(a: Any, b: Any) -> Any:
    """The greatest common divisor of two numbers that are not negative."""
    while b:
        a, b = b, a % b
    return a


@compiled(VOID(FLOATS, LONGS, types.int64[::1], types.float64[::1]))
def survey_floats(values: Any, bits: Any, found: Any, bounds: Any) -> None:
    """Look at float64 values; `bits` are the same as int64.

    found: MISSING, ZEROS (positive ones), COMMON (how often the value at COMMON_AT occurs), EXPONENT (the
    fewest decimals that all have, −1 if they have too many), STEP (the common divisor of the differences of
    those other than zero, times 10^exponent; 0 for one value), FIRST (one of them, times that too), SINGLE
    (whether all are float32).
    bounds: the smallest and largest known value other than zero.
    """
    at = majority(bits)
    common = bits[at]
    missing, zeros, commons, exponent, step = 0, 0, 0, 0, -1
    first: Any = 0
    single, power = True, 1.0
    low, high = np.inf, -np.inf
    for i in range(len(values)):
        value = values[i]
        if value != value:
            missing += 1
            continue
        if bits[i] == common:
            commons += 1
        if value == 0:
            if bits[i] == 0:
                zeros += 1
            else:
                exponent = -1  # a negative zero is no integer
            continue
        low, high = min(low, value), max(high, value)
        if single and np.float64(np.float32(value)) != value:
            single = False
        if exponent < 0:
            continue
        scaled = np.rint(value * power)
        while scaled / power != value or abs(scaled) >= EXACT:
            if exponent == MAX_EXPONENT or abs(scaled) >= EXACT:
                exponent = -1
                break
            exponent += 1
            power = POWERS[exponent]
            scaled = np.rint(value * power)
            if step >= 0:  # an overflow does no harm: numbers so large are not packed
                first, step = 10 * first, 10 * step
        if step == -1:
            first, step = np.int64(scaled), 0
        elif step != 1:
            step = divisor(step, abs(np.int64(scaled) - first))
    found[MISSING], found[ZEROS], found[COMMON], found[COMMON_AT] = missing, zeros, commons, at
    found[EXPONENT], found[STEP], found[FIRST], found[SINGLE] = exponent, max(step, 0), first, single
    bounds[0], bounds[1] = low, high


@compiled(VOID(LONGS, LONG, types.int64[::1]))
def survey_integers(values: Any, absent: Any, found: Any) -> None:
    """Look at whole numbers, of which `absent` stands for missing: as `survey_floats`, with LOW and HIGH."""
    at = majority(values)
    common = values[at]
    missing, zeros, commons, step, first = 0, 0, 0, -1, 0
    low, high = np.int64(2**63 - 1), np.int64(-(2**63))
    for i in range(len(values)):
        value = values[i]
        if value == absent:
            missing += 1
            continue
        if value == common:
            commons += 1
        if value == 0:
            zeros += 1
            continue
        low, high = min(low, value), max(high, value)
        if step != 1:
            if step == -1:
                first, step = value, 0
            elif (value ^ first) < 0 and (abs(value >> 1) + abs(first >> 1)) >= 2**62 - 1:
                step = 1  # the difference would not fit
            else:
                step = divisor(step, abs(value - first))
    found[MISSING], found[ZEROS], found[COMMON], found[COMMON_AT] = missing, zeros, commons, at
    found[STEP], found[FIRST], found[LOW], found[HIGH] = max(step, 0), first, low, high


@compiled(LONG(LONGS, FLAG, LONG, types.int64[::1], types.int32[::1]))
def distinct(bits: Any, floats: Any, limit: Any, table: Any, codes: Any) -> Any:
    """Number the different values in the order in which they appear; all NaN are one.

    Fills `table` with them and `codes` with the number of each row. Returns how many they are, or −1 as soon
    as they are more than `limit`.
    """
    size = 1
    while size < 2 * limit + 2:
        size *= 2
    slots = np.full(size, -1, np.int32)
    shift = 64
    while size > 1:
        size //= 2
        shift -= 1
    mask = len(slots) - 1
    count = 0
    for i in range(len(bits)):
        key = bits[i]
        if floats and (key & np.int64(0x7FFFFFFFFFFFFFFF)) > np.int64(0x7FF0000000000000):
            key = NAN_BITS
        slot = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(shift)) & mask
        while slots[slot] >= 0 and table[slots[slot]] != key:
            slot = (slot + 1) & mask
        if slots[slot] < 0:
            if count == limit:
                return -1
            slots[slot] = count
            table[count] = key
            count += 1
        codes[i] = slots[slot]
    return count


_HELD = types.Tuple((WORD, LONG, LONG))  # type: ignore[no-untyped-call]

# --- packing -----------------------------------------------------------------------------------------------


@compiled(_HELD(types.uint64[::1], WORD, LONG, LONG, WORD, LONG))
def put(words: Any, held: Any, filled: Any, place: Any, code: Any, bits: Any) -> Any:
    """Append a code to the `filled` bits of the word held for `place`, and write that once it is full."""
    held |= code << np.uint64(filled)
    filled += bits
    if filled < 64:
        return held, filled, place
    words[place] = held
    filled -= 64
    return code >> np.uint64(bits - filled), filled, place + 1


@compiled(FLAG(FLOATS, FLOAT, LONG, LONG, LONG, WORD, types.uint64[::1]))
def pack_floats(values: Any, power: Any, low: Any, step: Any, bits: Any, absent: Any, words: Any) -> Any:
    """Pack (value × power − low) / step, `absent` for NaN. False if a value would not come back the same."""
    held, filled, place = np.uint64(0), 0, 0
    exact = True
    for i in range(len(values)):
        value = values[i]
        code = absent
        if value == value:
            scaled = np.rint(value * power)
            exact &= scaled / power == value
            offset = np.int64(scaled) - low
            code = np.uint64(offset if step == 1 else offset // step)
        held, filled, place = put(words, held, filled, place, code, bits)
    words[-1], words[place] = 0, held
    return exact


@compiled(VOID(LONGS, LONG, LONG, LONG, LONG, WORD, types.uint64[::1]))
def pack_integers(values: Any, missing: Any, low: Any, step: Any, bits: Any, absent: Any, words: Any) -> None:
    """Pack (value − low) / step, `absent` for `missing`."""
    held, filled, place = np.uint64(0), 0, 0
    for i in range(len(values)):
        value = values[i]
        code = absent
        if value != missing:
            offset = np.uint64(value) - np.uint64(low)
            code = offset if step == 1 else offset // np.uint64(step)
        held, filled, place = put(words, held, filled, place, code, bits)
    words[-1], words[place] = 0, held


@compiled(WORD(WORDS, LONG, LONG, WORD))
def code_at(words: Any, bits: Any, row: Any, mask: Any) -> Any:
    """One packed code."""
    position = row * bits
    word, shift = position >> 6, np.uint64(position & 63)
    return ((words[word] >> shift) | ((words[word + 1] << np.uint64(1)) << (np.uint64(63) - shift))) & mask


_UNPACK_FLOATS = [
    VOID(WORDS, LONG, LONG, LONG, LONG, FLOAT, WORD, out[::1]) for out in (types.float32, types.float64)
]


@compiled(*_UNPACK_FLOATS)
def unpack_floats(
    words: Any, bits: Any, start: Any, low: Any, step: Any, power: Any, absent: Any, out: Any
) -> None:
    """Write (low + step × code) / power of the rows from `start` on, NaN for the code `absent`."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    if power == 1.0:
        for i in range(len(out)):
            code = code_at(words, bits, start + i, mask)
            out[i] = np.nan if code == absent else np.float64(low + step * np.int64(code))
    else:
        for i in range(len(out)):
            code = code_at(words, bits, start + i, mask)
            out[i] = np.nan if code == absent else np.float64(low + step * np.int64(code)) / power


_UNPACK_INTEGERS = [
    VOID(WORDS, LONG, LONG, LONG, LONG, LONG, WORD, out[::1]) for out in (types.int32, types.int64)
]


@compiled(*_UNPACK_INTEGERS)
def unpack_integers(
    words: Any, bits: Any, start: Any, low: Any, step: Any, missing: Any, absent: Any, out: Any
) -> None:
    """Write low + step × code of the rows from `start` on, `missing` for the code `absent`."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for i in range(len(out)):
        code = code_at(words, bits, start + i, mask)
        out[i] = missing if code == absent else low + step * np.int64(code)


_LOOK_UP = [VOID(WORDS, LONG, LONG, _array(out), out[::1]) for out in (types.uint32, types.uint64)]


@compiled(*_LOOK_UP)
def look_up(words: Any, bits: Any, start: Any, table: Any, out: Any) -> None:
    """Write the entries of `table` that the codes of the rows from `start` on stand for."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for i in range(len(out)):
        out[i] = table[code_at(words, bits, start + i, mask)]


@compiled(VOID(WORDS, LONG, LONGS, types.uint64[::1]))
def take_packed(words: Any, bits: Any, rows: Any, out: Any) -> None:
    """Pack the codes of `rows` again, in that order."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    held, filled, place = np.uint64(0), 0, 0
    for i in range(len(rows)):
        code = code_at(words, bits, rows[i], mask)
        held, filled, place = put(out, held, filled, place, code, bits)
    out[-1], out[place] = 0, held


@compiled(VOID(WORDS, LONG, LONG, types.int64[::1]))
def count_packed(words: Any, bits: Any, rows: Any, counts: Any) -> None:
    """Count how often each code occurs."""
    mask = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    for i in range(rows):
        counts[code_at(words, bits, i, mask)] += 1


# --- marks: which rows differ from the common value ---------------------------------------------------------


@compiled(LONG(WORD))
def ones(word: Any) -> Any:
    """How many bits of a word are set (the compiler makes one instruction of it)."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled(LONG(WORDS, _array(types.uint32), LONG))
def rank(bitmap: Any, ranks: Any, row: Any) -> Any:
    """How many rows before `row` are marked."""
    word = row >> 6
    if word >= len(bitmap):
        word = len(bitmap)
    group = min(word // (GROUP // 64), len(ranks) - 1)
    count: Any = np.int64(ranks[group])
    for i in range(group * (GROUP // 64), word):
        count += ones(bitmap[i])
    if row & 63:
        count += ones(bitmap[word] & ((np.uint64(1) << np.uint64(row & 63)) - np.uint64(1)))
    return count


_SPREAD = [VOID(WORDS, LONG, _array(out), out, out[::1]) for out in (types.uint32, types.uint64)]


@compiled(*_SPREAD)
def spread(bitmap: Any, start: Any, others: Any, common: Any, out: Any) -> None:
    """Write the rows from `start` on: `common`, or, in order, `others` where they are marked.

    `others` has one entry more than are marked, so that it can be read before the mark is.
    """
    row = 0
    taken: Any = 0
    while row < len(out):
        place = start + row
        word = bitmap[place >> 6] >> np.uint64(place & 63)
        end = min(row + 64 - (place & 63), len(out))
        if not word:
            out[row:end] = common
        for i in range(row if word else end, end):
            marked = np.int64(word & np.uint64(1))
            out[i] = others[taken] if marked else common
            taken += marked
            word >>= np.uint64(1)
        row = end


@compiled(LONG(WORDS, _array(types.uint32), LONG, LONG))
def listed_before(words: Any, ranks: Any, row: Any, total: Any) -> Any:
    """How many of `total` listed rows are before `row`."""
    group = row // GROUP
    if group >= len(ranks):
        return total
    place = np.int64(ranks[group])
    end = np.int64(ranks[group + 1]) if group + 1 < len(ranks) else total
    while place < end and np.int64(code_at(words, GROUP_BITS, place, np.uint64(GROUP - 1))) < row % GROUP:
        place += 1
    return place


_SCATTER = [
    VOID(WORDS, _array(types.uint32), LONG, LONG, _array(out), out[::1])
    for out in (types.uint32, types.uint64)
]


@compiled(*_SCATTER)
def scatter(words: Any, ranks: Any, start: Any, first: Any, others: Any, out: Any) -> None:
    """Write all but the last of `others` to the listed rows from the `first` on; `out` is from `start`."""
    group = start // GROUP
    for i in range(len(others) - 1):
        while group + 1 < len(ranks) and first + i >= np.int64(ranks[group + 1]):
            group += 1
        position = np.int64(code_at(words, GROUP_BITS, first + i, np.uint64(GROUP - 1)))
        out[group * GROUP + position - start] = others[i]


# --- roll-ups ----------------------------------------------------------------------------------------------


@compiled(VOID(types.float64[::1], FLOAT, FLOAT))
def insert(ordered: Any, value: Any, sign: Any) -> None:
    """Insert a value that belongs to those kept, ascending for sign 1, descending for −1."""
    i = len(ordered) - 1
    while i > 0 and sign * value < sign * ordered[i - 1]:
        ordered[i] = ordered[i - 1]
        i -= 1
    ordered[i] = value


@compiled(VOID(FLOATS, types.int64[::1], types.float64[::1]))
def roll_up(values: Any, counts: Any, numbers: Any) -> None:
    """Count and sum float64 values.

    numbers: the sum, the squared deviations from the mean, and, as many as there is room for, the lowest and
    as many highest values. Sums are taken in runs, so that their error stays that of a short sum.
    """
    kept = (len(numbers) - 2) // 2
    lowest, highest = numbers[2 : 2 + kept], numbers[2 + kept :]
    lowest[:], highest[:] = np.inf, -np.inf
    known, zeros, above, below, total, whole = 0, 0, 0, 0, 0.0, True
    for begin in range(0, len(values), _RUN):
        part = 0.0
        for i in range(begin, min(begin + _RUN, len(values))):
            value = values[i]
            if value != value:
                continue
            known += 1
            zeros += value == 0
            if value < lowest[kept - 1]:
                insert(lowest, value, 1.0)
            if value > highest[kept - 1]:
                insert(highest, value, -1.0)
            if abs(value) == np.inf:
                above += value > 0
                below += value < 0
                continue
            part += value
            whole &= value == np.rint(value)
        total += part
    finite = known - above - below
    mean = total / finite if finite else np.nan
    squares = 0.0
    for begin in range(0, len(values), _RUN):
        part = 0.0
        for i in range(begin, min(begin + _RUN, len(values))):
            apart = values[i] - mean
            part += apart * apart if abs(apart) < np.inf else 0.0
        squares += part
    whole &= finite == 0 or max(abs(lowest[0]), abs(highest[0])) < 2.0**63
    counts[ABSENT], counts[ZERO], counts[ABOVE], counts[BELOW] = len(values) - known, zeros, above, below
    counts[FINITE], counts[WHOLE] = finite, whole and finite == known
    numbers[0], numbers[1] = total, squares


@compiled(VOID(LONGS, LONG, types.int64[:, ::1], types.float64[:, ::1]))
def roll_up_columns(addresses: Any, rows: Any, counts: Any, numbers: Any) -> None:
    """`roll_up` of the columns of so many float64 values each that are at `addresses`."""
    for column in range(len(addresses)):
        values = carray(pointer(addresses[column]), rows, np.float64)
        roll_up(values, counts[column], numbers[column])


# --- identifiers: 36 characters of text as 128 bits --------------------------------------------------------

_LENGTH = 36


@compiled(FLAG(BYTES, INTS, BYTES, types.uint8, types.uint8[::1]))
def pack_identifiers(text: Any, offsets: Any, missing: Any, letters: Any, out: Any) -> Any:
    """The 16 bytes of each identifier; `letters` is the code of `a` or `A`. False if one is not so written.

    Row i is `text[offsets[i]:offsets[i + 1]]`; where `missing[i]` is not 0 nothing is written.
    """
    for row in range(len(offsets) - 1):
        if missing[row]:
            continue
        begin = offsets[row]
        if offsets[row + 1] - begin != _LENGTH:
            return False
        digit = 0
        for i in range(_LENGTH):
            character = text[begin + i]
            if i == 8 or i == 13 or i == 18 or i == 23:
                if character != 45:  # a hyphen
                    return False
                continue
            if 48 <= character <= 57:
                value = character - 48
            elif letters <= character <= letters + 5:
                value = character - letters + 10
            else:
                return False
            place = 16 * row + (digit >> 1)
            out[place] = value << 4 if digit & 1 == 0 else out[place] | value
            digit += 1
    return True


@compiled(LONG(BYTES, BYTES, types.uint8, types.int32[::1], types.uint8[::1]))
def unpack_identifiers(packed: Any, missing: Any, letters: Any, offsets: Any, text: Any) -> Any:
    """Write identifiers as text, and where each begins; returns the length of the text."""
    length = 0
    for row in range(len(missing)):
        offsets[row] = length
        if missing[row]:
            continue
        digit = 0
        for i in range(_LENGTH):
            if i == 8 or i == 13 or i == 18 or i == 23:
                text[length + i] = 45
                continue
            value = packed[16 * row + (digit >> 1)]
            value = value & 15 if digit & 1 else value >> 4
            text[length + i] = value + 48 if value < 10 else value - 10 + letters
            digit += 1
        length += _LENGTH
    offsets[len(missing)] = length
    return length
