"""The random order in which rows are walked, and the hash behind all random draws."""

from typing import Any

import numpy as np

from aquifer_algos.deeplearning.kernels.jit import inline, jit


@inline()
def mixed(x: Any) -> Any:
    """A 64-bit hash (the finaliser of SplitMix64)."""
    x = np.uint64(x) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@jit()
def shuffled(position: Any, rows: Any, seed: Any) -> Any:
    """The row at a position of an endless sequence of passes, each in a fresh random order.

    A pass is a keyed permutation of the next power of two, repeated until it lands on a row. It needs no
    memory and can start anywhere.
    """
    key = mixed(seed ^ mixed(np.uint64(position // rows)))
    bits = np.uint64(1)
    while (np.uint64(1) << bits) < np.uint64(rows):
        bits += np.uint64(1)
    mask, half = (np.uint64(1) << bits) - np.uint64(1), (bits + np.uint64(1)) >> np.uint64(1)
    x = np.uint64(position % rows)
    while True:
        for turn in range(4):
            x = (x * np.uint64(0x9E3779B1) + (key >> np.uint64(8 * turn))) & mask
            x ^= x >> half
        if x < np.uint64(rows):
            return np.int64(x)
