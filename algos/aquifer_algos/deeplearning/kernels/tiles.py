# numba's tools of code generation are untyped.
# mypy: disable-error-code="no-untyped-call"
"""Small pieces of matrix products whose sums stay in registers: what a product of batches is made of.

A tile reads each number that it loads several times, so that memory keeps up with arithmetic. Places beyond
the last row or block are drawn back to the last, which is then computed twice: nothing is left over.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from aquifer_algos.deeplearning.kernels.codes import OUTER_ROWS
from aquifer_algos.deeplearning.kernels.vector import (
    BLOCK,
    FAST,
    FLOAT,
    FLOATS,
    INT64,
    SIZE,
    broadcast,
    operation,
    pointer,
)
from aquifer_algos.deeplearning.matrix import LANES

INNER = 4
"""An `inner_tile` has so many rows of both matrices …"""
OUTER_BLOCKS = 3
"""… and an `outer_tile` OUTER_ROWS rows of the result, and so many blocks of each."""
_INT32 = ir.IntType(32)


def _at_most(builder: Any, value: Any, limit: Any) -> Any:
    return builder.select(builder.icmp_signed("<", value, limit), value, limit)


def _places(builder: Any, first: Any, step: int, count: int, end: Any) -> list[Any]:
    """first, first + step …, none beyond end - step."""
    last = builder.sub(end, INT64(step))
    return [_at_most(builder, builder.add(first, INT64(step * k)), last) for k in range(count)]


def _offset(builder: Any, base: Any, places: list[Any], factor: Any) -> list[Any]:
    return [builder.add(base, builder.mul(place, factor)) for place in places]


def _load_block(builder: Any, address: Any) -> Any:
    return builder.load(pointer(builder, address), align=BLOCK, typ=FLOATS)


def _load_number(builder: Any, address: Any) -> Any:
    return broadcast(builder, builder.load(pointer(builder, address), align=SIZE, typ=FLOAT), FLOATS)


def _summed(builder: Any, count: Any, sums: int, terms: Callable[[Any], list[tuple[Any, Any]]]) -> list[Any]:
    """So many blocks, each the sum over k < count of the product that `terms` of k gives for it."""
    cells = [cgutils.alloca_once(builder, FLOATS) for _ in range(sums)]
    for cell in cells:
        builder.store(FLOATS([0.0] * LANES), cell)
    with cgutils.for_range(builder, count, intp=INT64) as loop:
        for cell, (a, b) in zip(cells, terms(loop.index), strict=True):
            product = builder.fmul(a, b, flags=FAST)
            builder.store(builder.fadd(builder.load(cell, typ=FLOATS), product, flags=FAST), cell)
    return [builder.load(cell, typ=FLOATS) for cell in cells]


def _totals(builder: Any, blocks: list[Any]) -> Any:
    """Of sixteen blocks, the block of their totals."""
    while len(blocks) > 1:
        pairs = list(pairwise(blocks))[::2]
        even, odd = (
            ir.Constant(ir.VectorType(_INT32, LANES), list(range(first, 2 * LANES, 2))) for first in (0, 1)
        )
        blocks = [
            builder.fadd(builder.shuffle_vector(a, b, even), builder.shuffle_vector(a, b, odd), flags=FAST)
            for a, b in pairs
        ]
    return blocks[0]


@operation(types.void, *(types.int64,) * 11)
def inner_tile(
    builder: Any,
    a: Any,
    a_pitch: Any,
    a_rows: Any,
    i: Any,
    b: Any,
    b_pitch: Any,
    b_rows: Any,
    j: Any,
    length: Any,
    out: Any,
    out_pitch: Any,
) -> None:
    """out[i + 0…3, j + 0…3] = the inner products of rows of a and rows of b, of so many bytes."""
    i_places, j_places = (_places(builder, *rows) for rows in ((i, 1, INNER, a_rows), (j, 1, INNER, b_rows)))
    a_row, b_row = _offset(builder, a, i_places, a_pitch), _offset(builder, b, j_places, b_pitch)

    def terms(k: Any) -> list[tuple[Any, Any]]:
        at = builder.mul(k, INT64(BLOCK))
        from_a, from_b = (
            [_load_block(builder, builder.add(row, at)) for row in rows] for rows in (a_row, b_row)
        )
        return [(x, y) for x in from_a for y in from_b]

    blocks = _summed(builder, builder.sdiv(length, INT64(BLOCK)), INNER * INNER, terms)
    totals = _totals(builder, blocks)
    for row, place in enumerate(_offset(builder, out, i_places, out_pitch)):
        for column, address in enumerate(_offset(builder, place, j_places, INT64(SIZE))):
            number = builder.extract_element(totals, _INT32(row * INNER + column))
            builder.store(number, pointer(builder, address), align=SIZE)


@operation(types.void, *(types.int64,) * 12)
def outer_tile(
    builder: Any,
    factors: Any,
    factor_pitch: Any,
    factor_step: Any,
    rows: Any,
    pitch: Any,
    count: Any,
    out: Any,
    out_pitch: Any,
    out_rows: Any,
    i: Any,
    at: Any,
    length: Any,
) -> None:
    """out[i + 0…7, at + 0…2 blocks] = Σ over k < count of factor[i, k] · rows[k].

    The factor [i, k] is at factors + i · factor_pitch + k · factor_step.
    """
    i_places = _places(builder, i, 1, OUTER_ROWS, out_rows)
    block_places = _places(builder, at, BLOCK, OUTER_BLOCKS, length)
    of_row = _offset(builder, factors, i_places, factor_pitch)

    def terms(k: Any) -> list[tuple[Any, Any]]:
        row, step = builder.add(rows, builder.mul(k, pitch)), builder.mul(k, factor_step)
        blocks = [_load_block(builder, builder.add(row, place)) for place in block_places]
        numbers = [_load_number(builder, builder.add(place, step)) for place in of_row]
        return [(number, block) for number in numbers for block in blocks]

    sums = iter(_summed(builder, count, OUTER_ROWS * OUTER_BLOCKS, terms))
    for place in _offset(builder, out, i_places, out_pitch):
        for block_place in block_places:
            builder.store(next(sums), pointer(builder, builder.add(place, block_place)), align=BLOCK)
