"""The types of what all ways of training take."""

from typing import Any

from numba import types

from aquifer_algos.deeplearning.kernels.vector import index, real


def _read_only(dtype: Any, dimensions: int = 1) -> Any:
    return types.Array(dtype, dimensions, "C", readonly=True)


ARGUMENTS = (
    real[::1],
    real[:, ::1],
    real[::1],
    real[::1],
    types.int64,
    _read_only(types.int64, 2),
    types.int64,
    types.int64,
    _read_only(real),
    _read_only(real, 2),
    _read_only(types.int64),
    _read_only(index),
    _read_only(real),
    _read_only(types.int32),
    _read_only(real),
    _read_only(real),
    _read_only(real),
    types.uint64,
    types.uint64,
    types.int64,
    types.int64,
    types.int64,
    types.int64[::1],
    real[::1],
    types.int64,
    types.int64[:, ::1],
    real[::1],
    types.uint8[::1],
)
