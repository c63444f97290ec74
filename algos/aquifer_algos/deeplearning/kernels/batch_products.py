"""Products of a matrix with the units of all rows of a batch; addresses, pitches and lengths in bytes.

Own code and not BLAS: called from a kernel it holds no lock, takes rows at any distance, and leaves the
number of threads of BLAS alone, which is one setting for the whole process.
"""

from typing import Any

from aquifer_algos.deeplearning.kernels.codes import OUTER_ROWS
from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.tiles import INNER, OUTER_BLOCKS, inner_tile, outer_tile
from aquifer_algos.deeplearning.kernels.vector import BLOCK


@jit()
def inner_products(
    a: Any,
    a_pitch: Any,
    a_rows: Any,
    b: Any,
    b_pitch: Any,
    b_rows: Any,
    length: Any,
    out: Any,
    out_pitch: Any,
) -> None:
    """out[i, j] = row i of a · row j of b."""
    for j in range(0, b_rows, INNER):
        for i in range(0, a_rows, INNER):
            inner_tile(a, a_pitch, a_rows, i, b, b_pitch, b_rows, j, length, out, out_pitch)


@jit()
def weighted_sums(
    factors: Any,
    factor_pitch: Any,
    factor_step: Any,
    rows: Any,
    pitch: Any,
    count: Any,
    out: Any,
    out_pitch: Any,
    out_rows: Any,
    length: Any,
) -> None:
    """Row i of out = Σ over k < count of factor[i, k] · row k; see `outer_tile`."""
    for at in range(0, length, OUTER_BLOCKS * BLOCK):
        for i in range(0, out_rows, OUTER_ROWS):
            outer_tile(
                factors,
                factor_pitch,
                factor_step,
                rows,
                pitch,
                count,
                out,
                out_pitch,
                out_rows,
                i,
                at,
                length,
            )
