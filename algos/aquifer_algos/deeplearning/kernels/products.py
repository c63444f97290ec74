"""Products of a layer's matrix with a row of units, and the lists of units that make them short."""

from typing import Any

from aquifer_algos.deeplearning.kernels.jit import inline, jit
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    SIZE,
    ZERO,
    get_float,
    get_int,
    load,
    put_float,
    put_int,
    splat,
    store,
    total,
)


@inline()
def padded_bytes(units: Any) -> Any:
    """The bytes of so many numbers in whole blocks."""
    return (SIZE * units + BLOCK - 1) // BLOCK * BLOCK


@jit()
def fill(address: Any, length: Any, value: Any) -> None:
    """The same number everywhere."""
    for at in range(0, length, BLOCK):
        store(address + at, splat(value))


@jit()
def list_nonzero(test: Any, values: Any, units: Any, indices: Any, listed: Any) -> Any:
    """List the units whose `test` is not 0, with their values; return how many."""
    count = 0
    for unit in range(units):
        # Written unconditionally and overwritten by the next if not wanted: no branch to mispredict.
        put_int(indices + SIZE * count, unit)
        put_float(listed + SIZE * count, get_float(values + SIZE * unit))
        count += get_float(test + SIZE * unit) != ZERO
    return count


@jit()
def sum_over_senders(
    w: Any, pitch: Any, indices: Any, listed: Any, count: Any, bias: Any, sums: Any, length: Any
) -> None:
    """sums = bias + Σ value · row over the listed senders, of a matrix stored by sender."""
    for at in range(0, length, BLOCK):
        store(sums + at, load(bias + at))
    whole = count - count % 4
    for k in range(0, whole, 4):
        w0, v0 = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        w1, v1 = w + get_int(indices + SIZE * k + SIZE) * pitch, splat(get_float(listed + SIZE * k + SIZE))
        w2, v2 = (
            w + get_int(indices + SIZE * k + 2 * SIZE) * pitch,
            splat(get_float(listed + SIZE * k + 2 * SIZE)),
        )
        w3, v3 = (
            w + get_int(indices + SIZE * k + 3 * SIZE) * pitch,
            splat(get_float(listed + SIZE * k + 3 * SIZE)),
        )
        for at in range(0, length, BLOCK):
            pair = v0 * load(w0 + at) + v1 * load(w1 + at)
            other = v2 * load(w2 + at) + v3 * load(w3 + at)
            store(sums + at, load(sums + at) + (pair + other))
    for k in range(whole, count):
        w0, v0 = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        for at in range(0, length, BLOCK):
            store(sums + at, load(sums + at) + v0 * load(w0 + at))


@jit()
def sum_pairs_over_senders(
    w: Any, pitch: Any, indices: Any, listed: Any, count: Any, bias: Any, sums: Any
) -> None:
    """`sum_over_senders` for rows of two blocks, whose sums stay in registers."""
    even0, even1 = load(bias), load(bias + BLOCK)
    odd0, odd1 = splat(ZERO), splat(ZERO)
    for k in range(0, count - 1, 2):
        row, value = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        even0, even1 = even0 + value * load(row), even1 + value * load(row + BLOCK)
        row, value = (
            w + get_int(indices + SIZE * k + SIZE) * pitch,
            splat(get_float(listed + SIZE * k + SIZE)),
        )
        odd0, odd1 = odd0 + value * load(row), odd1 + value * load(row + BLOCK)
    if count % 2 == 1:
        k = count - 1
        row, value = w + get_int(indices + SIZE * k) * pitch, splat(get_float(listed + SIZE * k))
        even0, even1 = even0 + value * load(row), even1 + value * load(row + BLOCK)
    store(sums, even0 + odd0)
    store(sums + BLOCK, even1 + odd1)


@jit()
def sum_per_receiver(
    w: Any, pitch: Any, indices: Any, count: Any, bias: Any, senders: Any, length: Any, sums: Any
) -> None:
    """sums[i] = bias[i] + row i · senders for the listed receivers, of a matrix stored by receiver."""
    whole = count - count % 4
    for k in range(0, whole, 4):
        i0, i1 = get_int(indices + SIZE * k), get_int(indices + SIZE * k + SIZE)
        i2, i3 = get_int(indices + SIZE * k + 2 * SIZE), get_int(indices + SIZE * k + 3 * SIZE)
        w0, w1, w2, w3 = w + i0 * pitch, w + i1 * pitch, w + i2 * pitch, w + i3 * pitch
        s0, s1, s2, s3 = splat(ZERO), splat(ZERO), splat(ZERO), splat(ZERO)
        for at in range(0, length, BLOCK):
            a = load(senders + at)
            s0 = s0 + a * load(w0 + at)
            s1 = s1 + a * load(w1 + at)
            s2 = s2 + a * load(w2 + at)
            s3 = s3 + a * load(w3 + at)
        put_float(sums + SIZE * i0, get_float(bias + SIZE * i0) + total(s0))
        put_float(sums + SIZE * i1, get_float(bias + SIZE * i1) + total(s1))
        put_float(sums + SIZE * i2, get_float(bias + SIZE * i2) + total(s2))
        put_float(sums + SIZE * i3, get_float(bias + SIZE * i3) + total(s3))
    for k in range(whole, count):
        i0 = get_int(indices + SIZE * k)
        put_float(sums + SIZE * i0, get_float(bias + SIZE * i0) + dot(w + i0 * pitch, senders, length))


@inline()
def dot(a: Any, b: Any, length: Any) -> Any:
    """The inner product of two padded rows."""
    sums = splat(ZERO)
    for at in range(0, length, BLOCK):
        sums = sums + load(a + at) * load(b + at)
    return total(sums)
