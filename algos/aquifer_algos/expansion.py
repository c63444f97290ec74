"""Rows of a block as input units: dense, or as their non-zero values.

Works column by column on whole runs of rows. The one code for training, scoring and prediction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from aquifer_cluster.compilation import Kernels
from aquifer_cluster.node import Block
from numpy.typing import NDArray

from aquifer_algos.adaptation import Codes, Mask, Reader, Source
from aquifer_algos.datainfo import DataInfo, ModelCategory, Predictor
from aquifer_algos.encoding import OneHot

KERNELS = Kernels("aquifer_algos.expansion_kernels")

STRIPE_CELLS = 1 << 22
"""Rows are expanded in stripes of about so many dense cells (16 MB), however long the block is."""
WIDEST_DENSE = 4096
"""From so many inputs on, rows to score are expanded to their non-zero values only."""

_COLUMNS, _COLUMN_CELLS = 16, 1 << 17
"""So many columns are decoded before they are written (a row's sixteen numbers are a line of the cache), but
no more than so many cells (1 MB)."""


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


def row_cells(data: DataInfo) -> int:
    """The most cells of a row as `expand` gives it."""
    if data.inputs < WIDEST_DENSE:
        return data.inputs
    return sum(1 if isinstance(one.encoded, OneHot) else one.width for one in data.predictors)


def stripes(rows: int, cells: int, most: int = STRIPE_CELLS) -> Iterator[tuple[int, int]]:
    """Cut `rows` into runs (start, stop) of at most about so many cells, of which each row takes `cells`."""
    step = max(64, most // max(cells, 1))
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


def dense(rows: InputRows, inputs: int) -> NDArray[np.float32]:
    """The same rows as float32 (rows, inputs)."""
    if not isinstance(rows, SparseRows):
        return rows
    values = np.zeros((len(rows.indptr) - 1, inputs), np.float32)
    values[np.repeat(np.arange(len(values)), np.diff(rows.indptr)), rows.indices] = rows.values
    return values


def fill_dense(
    reader: Reader, block: Block, start: int, stop: int, out: NDArray[np.float32], keep: Mask | None = None
) -> None:
    """Write the inputs of rows `start:stop` (of those, the ones to `keep`) into `out`, which is all zeros.

    out: float32 (kept rows, at least `inputs`).
    """
    every = np.arange(len(out))
    plain = []
    for predictor, source in reader.predictor_sources():
        if predictor.encoded is None:
            plain.append((predictor, source))
        elif isinstance(predictor.encoded, OneHot):
            units = predictor.units[_kept(source.codes(block, start, stop), keep)]
            active = units >= 0
            out[every[active], units[active]] += 1.0
        else:
            place = slice(predictor.offset, predictor.offset + predictor.width)
            out[:, place] = _numbers(predictor, source, block, start, stop, keep)
    at_once = max(1, min(_COLUMNS, _COLUMN_CELLS // max(stop - start, 1)))
    for first in range(0, len(plain), at_once):
        _fill_columns(plain[first : first + at_once], block, start, stop, out, keep)


def _fill_columns(
    plain: Sequence[tuple[Predictor, Source]],
    block: Block,
    start: int,
    stop: int,
    out: NDArray[np.float32],
    keep: Mask | None,
) -> None:
    """Write some columns of numbers that are one input each."""
    columns = np.empty((len(plain), stop - start))
    for values, (_, source) in zip(columns, plain, strict=True):
        source.fill(values, block, start)
    kept = columns if keep is None else np.ascontiguousarray(columns[:, keep])
    transforms = np.array([(one.mean, one.shift, one.scale) for one, _ in plain]).T.copy()
    units = np.array([one.offset for one, _ in plain], np.int64)
    KERNELS.load().place_numbers(kept, *transforms, units, out)


def sparse_rows(reader: Reader, block: Block, start: int, stop: int, keep: Mask | None = None) -> SparseRows:
    """The non-zero inputs of rows `start:stop`, or of those to `keep`."""
    columns = [
        entries
        for predictor, source in reader.predictor_sources()
        for entries in _entries(predictor, source, block, start, stop, keep)
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
    found = SparseRows(indptr, indices, values)
    return _merged(found, reader.data.inputs) if reader.data.hashed else found


def trainable(reader: Reader, block: Block) -> Mask | None:
    """The rows of a block that can be trained on; None if all can.

    They have a response (unless the inputs are what is learnt), an offset, a weight above zero, and, if the
    model skips missing values, every predictor.
    """
    keep = _has_response(reader, block)
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


def _has_response(reader: Reader, block: Block) -> Mask:
    if reader.data.response.category is ModelCategory.AUTOENCODER:
        return np.ones(block.rows, bool)
    target = reader.target(block, 0, block.rows)
    known: Mask = target >= 0 if reader.data.response.domain is not None else ~np.isnan(target)
    return known


def _entries(
    predictor: Predictor, source: Source, block: Block, start: int, stop: int, keep: Mask | None
) -> Iterator[tuple[NDArray[np.int64], Codes | int, NDArray[np.float32] | float]]:
    """(rows, units, values) of the non-zero inputs of each of a column's units, or of all its indicators."""
    if isinstance(predictor.encoded, OneHot):
        units = predictor.units[_kept(source.codes(block, start, stop), keep)]
        rows = np.flatnonzero(units >= 0)
        yield rows, units[rows], 1.0
        return
    for unit, values in enumerate(_numbers(predictor, source, block, start, stop, keep).T, predictor.offset):
        rows = np.flatnonzero(values)
        yield rows, unit, values[rows]


def _numbers(
    predictor: Predictor, source: Source, block: Block, start: int, stop: int, keep: Mask | None
) -> NDArray[np.float32]:
    """A column that becomes numbers: (kept rows, width)."""
    if predictor.encoded is not None:
        return predictor.numbers[_kept(source.codes(block, start, stop), keep)]
    values = _kept(source.numbers(block, start, stop), keep)
    missing = np.isnan(values)
    if missing.any():
        values = np.where(missing, predictor.mean, values)
    values = (values - predictor.shift) * predictor.scale if predictor.shift else values * predictor.scale
    return values.astype(np.float32)[:, None]


def _merged(rows: SparseRows, inputs: int) -> SparseRows:
    """Entries of the same unit of a row added up, as hashing makes them."""
    owner = np.repeat(np.arange(len(rows.indptr) - 1), np.diff(rows.indptr))
    place, entry = np.unique(owner * inputs + rows.indices, return_inverse=True)
    indptr = np.searchsorted(place, np.arange(len(rows.indptr)) * inputs)
    values = np.bincount(entry, rows.values, len(place)).astype(np.float32)
    return SparseRows(indptr, (place % inputs).astype(np.int32), values)


def _known(predictor: Predictor, source: Source, block: Block) -> Mask:
    if predictor.domain is None:
        return ~np.isnan(source.numbers(block, 0, block.rows))
    known: Mask = source.codes(block, 0, block.rows) >= 0
    return known


def _kept(values: NDArray[Number], keep: Mask | None) -> NDArray[Number]:
    return values if keep is None else values[keep]
