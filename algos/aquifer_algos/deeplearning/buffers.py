"""Memory that the kernels can step in place."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.deeplearning.matrix import Float32s

_HUGE_PAGE = 2 << 20


def aligned_zeros(size: int, dtype: type[np.floating[Any]] = np.float32) -> NDArray[Any]:
    """So many zeros at an address that suits whole blocks, on huge pages where the system has them.

    Large networks are walked row by row in random order; with pages of 4 KB a third of the time would go to
    looking up addresses.
    """
    nbytes = size * np.dtype(dtype).itemsize
    if nbytes == 0:
        return np.zeros(0, dtype)
    large = nbytes >= 2 * _HUGE_PAGE
    # Private, because Linux gives shared memory no huge pages.
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
    memory = mmap.mmap(-1, nbytes + (_HUGE_PAGE if large else 0), **private)
    start = 0
    if large and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
        start = -np.frombuffer(memory, np.uint8).ctypes.data % _HUGE_PAGE
    return np.frombuffer(memory, dtype, size, start)


def is_aligned(buffer: Float32s) -> bool:
    """Whether the kernels can take this buffer as it is: contiguous, writable, on a block's boundary."""
    usable = buffer.flags.c_contiguous and buffer.flags.writeable and buffer.ctypes.data % 64 == 0
    return usable or buffer.size == 0
