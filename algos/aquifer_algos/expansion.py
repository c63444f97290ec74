"""Rows of a block as input units: dense, or as their non-zero values.

Works column by column on whole runs of rows. The one code for training, scoring and prediction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from aquifer_cluster.node import Block
from numpy.typing import NDArray

from aquifer_algos.adaptation import Codes, Floats, Mask, Reader, Source
from aquifer_algos.datainfo import Predictor

STRIPE_CELLS = 1 << 22
"""Rows are expanded in stripes of about so many dense cells (16 MB), however long the block is."""
WIDEST_DENSE = 4096
"""From so many inputs on, rows to score are expanded to their non-zero values only."""


@dataclass(frozen=True, eq=False)
class SparseRows:
    """The non-zero inputs of some rows: those of row r are entries `indptr[r]` to `indptr[r + 1]`.

    indptr: int64 (rows + 1,); indices: int32, the input unit; values: float32.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    values: NDArray[np.float32]


InputRows: TypeAlias = NDArray[np.float32] | SparseRows
Number = TypeVar("Number", np.float64, np.int32)


def stripes(rows: int, inputs: int) -> Iterator[tuple[int, int]]:
    """Cut `rows` into runs (start, stop) that are small when expanded."""
    step = max(64, STRIPE_CELLS // max(inputs, 1))
    for start in range(0, rows, step):
        yield start, min(rows, start + step)


def expand(reader: Reader, block: Block, start: int, stop: int, keep: Mask | None = None) -> InputRows:
    """Rows `start:stop`, or of those the ones to `keep`, as inputs.

    float32 (rows, inputs), or sparse if there are very many inputs.
    """
    if reader.data.inputs >= WIDEST_DENSE:
        return sparse_rows(reader, block, start, stop, keep)
    rows = stop - start if keep is None else int(np.count_nonzero(keep))
    values = np.zeros((rows, reader.data.inputs), np.float32)
    fill_dense(reader, block, start, stop, values, keep)
    return values


def fill_dense(
    reader: Reader, block: Block, start: int, stop: int, out: NDArray[np.float32], keep: Mask | None = None
) -> None:
    """Write the inputs of rows `start:stop` (of those, the ones to `keep`) into `out`, which is all zeros.

    out: float32 (kept rows, at least `inputs`).
    """
    every = np.arange(len(out))
    for predictor, source in reader.predictor_sources():
        if predictor.domain is None:
            out[:, predictor.offset] = _kept(_transformed(predictor, source, block, start, stop), keep)
        else:
            units = _kept(_units(predictor, source, block, start, stop), keep)
            active = units >= 0
            out[every[active], units[active]] = 1.0


def sparse_rows(reader: Reader, block: Block, start: int, stop: int, keep: Mask | None = None) -> SparseRows:
    """The non-zero inputs of rows `start:stop`, or of those to `keep`."""
    columns = [
        _entries(predictor, source, block, start, stop, keep)
        for predictor, source in reader.predictor_sources()
    ]
    rows = stop - start if keep is None else int(np.count_nonzero(keep))
    indptr = np.zeros(rows + 1, np.int64)
    for row, _, _ in columns:
        indptr[1:][row] += 1
    np.cumsum(indptr, out=indptr)
    indices, values = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    next_free = indptr[:-1].copy()
    for row, unit, value in columns:
        place = next_free[row]
        indices[place], values[place] = unit, value
        next_free[row] += 1
    return SparseRows(indptr, indices, values)


def trainable(reader: Reader, block: Block) -> Mask | None:
    """The rows of a block that can be trained on; None if all can.

    They have a response, an offset, a weight above zero, and, if the model skips missing values, every
    predictor.
    """
    target = reader.target(block, 0, block.rows)
    keep: Mask = target >= 0 if reader.data.response.domain is not None else ~np.isnan(target)
    weight = reader.weight(block, 0, block.rows)
    if weight is not None:
        keep &= weight > 0
    offset = reader.offset(block, 0, block.rows)
    if offset is not None:
        keep &= ~np.isnan(offset)
    if reader.data.skip_missing:
        for predictor, source in reader.predictor_sources():
            keep &= _known(predictor, source, block)
    return None if keep.all() else keep


def _entries(
    predictor: Predictor, source: Source, block: Block, start: int, stop: int, keep: Mask | None
) -> tuple[NDArray[np.int64], Codes | int, Floats | float]:
    """(rows, units, values) of a column's non-zero inputs."""
    if predictor.domain is None:
        values = _kept(_transformed(predictor, source, block, start, stop), keep)
        rows = np.flatnonzero(values)
        return rows, predictor.offset, values[rows]
    units = _kept(_units(predictor, source, block, start, stop), keep)
    rows = np.flatnonzero(units >= 0)
    return rows, units[rows], 1.0


def _transformed(predictor: Predictor, source: Source, block: Block, start: int, stop: int) -> Floats:
    values = source.numbers(block, start, stop)
    missing = np.isnan(values)
    if missing.any():
        values = np.where(missing, predictor.mean, values)
    return (values - predictor.shift) * predictor.scale if predictor.shift else values * predictor.scale


def _units(predictor: Predictor, source: Source, block: Block, start: int, stop: int) -> Codes:
    """The active input unit of each row, -1 where none is."""
    codes = source.codes(block, start, stop)
    level = codes - predictor.first_level
    none = -1 if predictor.missing_unit is None else predictor.missing_unit
    return np.where(level >= 0, level + predictor.offset, np.where(codes < 0, none, -1)).astype(np.int32)


def _known(predictor: Predictor, source: Source, block: Block) -> Mask:
    if predictor.domain is None:
        return ~np.isnan(source.numbers(block, 0, block.rows))
    known: Mask = source.codes(block, 0, block.rows) >= 0
    return known


def _kept(values: NDArray[Number], keep: Mask | None) -> NDArray[Number]:
    return values if keep is None else values[keep]
