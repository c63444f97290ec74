"""A node's training matrix: the rows it trains on, laid out once for the kernels.

Both forms hold the input units' values as the network sees them (one-hot encoded, standardised, missing
values already replaced) with a target and optional weights. Nothing here is ever written to, so arrays that
arrive read-only are fine. Rows whose target is missing or whose weight is 0 do not belong in a matrix.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]
Int32s = NDArray[np.int32]

LANES = 16
"""Rows are padded with zeros to a multiple of this many float32."""


def padded(units: int) -> int:
    """The number of float32 that a row of so many units occupies."""
    return -(-units // LANES) * LANES


@dataclass(frozen=True)
class DenseMatrix:
    """Every value of every row.

    values: float32 (rows, padded(inputs)), C order, zeros in the padding.
    target: int32 (rows,) class codes from 0, float32 (rows,) for regression, or None: the inputs themselves.
    inputs: the number of input units.
    weights: float32 (rows,), each row's factor on its gradient; None means 1 for all.
    offsets: float32 (rows,), what is added to the single output of each row; None means 0 for all.
    """

    values: Float32s
    target: Float32s | Int32s | None
    inputs: int
    weights: Float32s | None = None
    offsets: Float32s | None = None

    def __post_init__(self) -> None:
        _require("values", self.values, np.float32, (self.rows, padded(self.inputs)))
        _check_rows(self.rows, self.target, self.weights, self.offsets)

    @classmethod
    def of(
        cls,
        values: NDArray[Any],
        target: NDArray[Any] | None,
        weights: NDArray[Any] | None = None,
        offsets: NDArray[Any] | None = None,
    ) -> "DenseMatrix":
        """Pad a (rows, inputs) array of numbers."""
        rows, inputs = values.shape
        data = np.zeros((rows, padded(inputs)), np.float32)
        data[:, :inputs] = values
        return cls(data, _as_target(target), inputs, _as_floats(weights), _as_floats(offsets))

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.values)

    @property
    def nbytes(self) -> int:
        """The memory that the matrix takes, in bytes."""
        return self.values.nbytes + _row_bytes(self.target, self.weights, self.offsets)


@dataclass(frozen=True)
class SparseMatrix:
    """The non-zero values of every row, in compressed row form: work per row is proportional to them.

    indptr: int64 (rows + 1,); row r's entries are indptr[r] to indptr[r + 1].
    indices: int32, the input unit of each entry; distinct within a row.
    values: float32, the value of each entry.
    target, inputs, weights, offsets: as in `DenseMatrix`.
    """

    indptr: NDArray[np.int64]
    indices: Int32s
    values: Float32s
    target: Float32s | Int32s | None
    inputs: int
    weights: Float32s | None = None
    offsets: Float32s | None = None

    def __post_init__(self) -> None:
        entries = len(self.values)
        _require("indptr", self.indptr, np.int64, (self.rows + 1,))
        _require("indices", self.indices, np.int32, (entries,))
        _require("values", self.values, np.float32, (entries,))
        _check_rows(self.rows, self.target, self.weights, self.offsets)
        # The kernels trust the indices: one out of range would write into foreign memory.
        if self.indptr[0] != 0 or self.indptr[-1] != entries or np.any(np.diff(self.indptr) < 0):
            raise ValueError(f"indptr must rise from 0 to the number of entries, {entries}")
        if entries and (self.indices.min() < 0 or self.indices.max() >= self.inputs):
            raise ValueError(f"indices must lie in 0..{self.inputs - 1}")

    @classmethod
    def of(
        cls,
        values: NDArray[Any],
        target: NDArray[Any] | None,
        weights: NDArray[Any] | None = None,
        offsets: NDArray[Any] | None = None,
    ) -> "SparseMatrix":
        """Compress a (rows, inputs) array of numbers."""
        rows, units = np.nonzero(values)
        indptr = np.zeros(len(values) + 1, np.int64)
        np.cumsum(np.bincount(rows, minlength=len(values)), out=indptr[1:])
        return cls(
            indptr,
            units.astype(np.int32),
            np.ascontiguousarray(values[rows, units], np.float32),
            _as_target(target),
            values.shape[1],
            _as_floats(weights),
            _as_floats(offsets),
        )

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.indptr) - 1

    @cached_property
    def longest_row(self) -> int:
        """The largest number of entries in one row."""
        return int(np.diff(self.indptr).max(initial=0))

    @property
    def nbytes(self) -> int:
        """The memory that the matrix takes, in bytes."""
        parts = self.indptr.nbytes + self.indices.nbytes + self.values.nbytes
        return parts + _row_bytes(self.target, self.weights, self.offsets)


TrainingMatrix = DenseMatrix | SparseMatrix


def _as_target(target: NDArray[Any] | None) -> Float32s | Int32s | None:
    if target is None:
        return None
    if np.issubdtype(target.dtype, np.integer):
        return np.ascontiguousarray(target, np.int32)
    return np.ascontiguousarray(target, np.float32)


def _as_floats(values: NDArray[Any] | None) -> Float32s | None:
    return None if values is None else np.ascontiguousarray(values, np.float32)


def _row_bytes(*columns: NDArray[Any] | None) -> int:
    return sum(0 if column is None else column.nbytes for column in columns)


def _check_rows(
    rows: int, target: NDArray[Any] | None, weights: Float32s | None, offsets: Float32s | None
) -> None:
    if target is not None and (target.dtype not in (np.int32, np.float32) or target.shape != (rows,)):
        raise ValueError(
            "target must be a vector of int32 class codes or of float32 values, one for each row"
        )
    for name, column in (("weights", weights), ("offsets", offsets)):
        if column is not None:
            _require(name, column, np.float32, (rows,))


def _require(name: str, array: NDArray[Any], dtype: type, shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or array.shape != shape or not array.flags.c_contiguous:
        wanted = f"{np.dtype(dtype).name} {shape}"
        raise ValueError(f"{name} must be contiguous {wanted}, not {array.dtype.name} {array.shape}")
