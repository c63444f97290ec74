"""The order of rows by their keys, on one node: a radix sort whose every pass all threads share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.compilation import Kernels
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.node import Workspace

KERNELS = Kernels("aquifer_cluster.transform.kernels")

Words = NDArray[np.uint64]
Rows = NDArray[np.uint32]

MOST_ROWS = 2**32 - 2
"""Rows that a node can number; one number more stands for a missing row."""
_DIGIT_BITS = 11  # the counters of a digit fit into the first-level cache, its write positions into the TLB


def order_of(workspace: Workspace, words: Sequence[Words]) -> Rows:
    """The row numbers in ascending order of their keys; rows with the same key stay in order.

    A key is the numbers of `words` at the row, the first being the most significant.
    """
    rows = len(words[0])
    if rows > MOST_ROWS:
        raise InvalidArgument("rows", f"a node can order {MOST_ROWS:,} rows, found {rows:,}; use more nodes")
    order = np.arange(rows, dtype=np.uint32)
    for i, word in enumerate(reversed(words)):
        order = _order_by(workspace, word[order] if i else word, order)
    return order


def run_starts(words: Sequence[Words], order: Rows) -> NDArray[np.int64]:
    """Where, in `order`, each run of rows with the same key starts; and the number of rows at the end."""
    rows = len(order)
    if not rows:
        return np.zeros(1, np.int64)
    begins = np.zeros(rows, np.bool_)
    begins[0] = True
    for word in words:
        found = word[order]
        begins[1:] |= found[1:] != found[:-1]
    return np.append(np.flatnonzero(begins), rows)


def _order_by(workspace: Workspace, word: Words, order: Rows) -> Rows:
    """`order` (which belongs to the keys `word`) sorted by the keys, stably."""
    if not len(word):
        return order
    low, high = word.min(), word.max()
    bits = int(high - low).bit_length()
    keys: NDArray[Any] = (word - low).astype(np.uint32) if bits <= 32 else word - low
    passes = -(-bits // _DIGIT_BITS)
    digit = -(-bits // max(passes, 1))
    for number in range(passes):
        keys, order = _by_digit(workspace, keys, order, number * digit, digit)
    return order


def _by_digit(
    workspace: Workspace, keys: NDArray[Any], order: Rows, shift: int, bits: int
) -> tuple[NDArray[Any], Rows]:
    """Keys and rows sorted by one digit, stably: each thread counts, and then places, a stretch of them."""
    kernels, spans = KERNELS.load(), stretches(len(keys), workspace.threads)
    counts = np.zeros((len(spans), 1 << bits), np.int64)

    def count(i: int) -> None:
        kernels.count_digits(keys[spans[i]], shift, counts[i])

    share(workspace, count, len(spans))
    if (counts.sum(0) == len(keys)).any():  # all have the same digit
        return keys, order
    ends = np.cumsum(counts.T.ravel()).reshape(-1, len(spans)).T
    places = np.ascontiguousarray(ends - counts)
    sorted_keys, sorted_rows = np.empty_like(keys), np.empty_like(order)

    def scatter(i: int) -> None:
        kernels.scatter_digits(keys[spans[i]], order[spans[i]], shift, places[i], sorted_keys, sorted_rows)

    share(workspace, scatter, len(spans))
    return sorted_keys, sorted_rows


def stretches(length: int, count: int) -> list[slice]:
    """`count` slices of about equal length that make up 0 … `length`."""
    bounds = [length * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(bounds)]


def share(workspace: Workspace, task: Callable[[int], Any], count: int) -> list[Any]:
    """The results of `task(0)` … `task(count - 1)`, shared out over the node's threads."""
    return list(workspace.map(task, range(count)))
