"""Which fold, or which side of a split, a row belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import add

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.factors import as_factor
from aquifer_cluster.transform.uniform import uniform_numbers

SPLIT_DOMAIN = ("train", "test")

Counts = NDArray[np.int64]


def random_folds(cloud: Cloud, frame: Frame, folds: int, seed: int) -> Frame:
    """Each row's fold, 0 to `folds` − 1, at random. Raises InvalidArgument unless `folds` is positive."""
    _check(folds)
    return _column(cloud, frame, _random_block, folds, seed)


def modulo_folds(cloud: Cloud, frame: Frame, folds: int) -> Frame:
    """The row's number modulo `folds`. Raises InvalidArgument unless `folds` is positive."""
    _check(folds)
    return _column(cloud, frame, _modulo_block, folds)


def stratified_folds(cloud: Cloud, frame: Frame, folds: int, seed: int) -> Frame:
    """Each row's fold at random, so that every level of the one column has its rows spread evenly.

    A missing value counts as a level. Raises InvalidArgument unless `folds` is positive.
    """
    _check(folds)
    return _by_level(cloud, frame, seed, lambda rows: np.arange(rows) % folds)


def stratified_split(cloud: Cloud, frame: Frame, test_fraction: float, seed: int) -> Frame:
    """Whether each row is `train` or `test`, so that every level has the fraction (rounded) in `test`.

    Raises InvalidArgument unless the fraction is between 0 and 1.
    """
    if not 0 <= test_fraction <= 1:
        raise InvalidArgument("test_frac", f"it is a fraction from 0 to 1, found {test_fraction:g}")
    drawn = _by_level(cloud, frame, seed, lambda rows: np.arange(rows) < np.floor(rows * test_fraction + 0.5))
    sides = cloud.map_columns(drawn, _codes_block, types=[ColumnType.ENUM], domains=[SPLIT_DOMAIN])
    return Frame(("test_train_split",), tuple(sides), drawn.layout)


def _check(folds: int) -> None:
    if folds < 1:
        raise InvalidArgument("n_folds", f"it is a number of folds, at least 1, found {folds}")


def _column(cloud: Cloud, frame: Frame, function: Callable[..., Sequence[Values]], *arguments: int) -> Frame:
    empty = Frame((), (), frame.layout)
    columns = cloud.map_columns(empty, function, *arguments, types=[ColumnType.NUMERIC])
    return Frame(("C1",), tuple(columns), frame.layout)


def _by_level(cloud: Cloud, frame: Frame, seed: int, deal: Callable[[int], NDArray[np.generic]]) -> Frame:
    """Shuffle, within each level, what `deal` gives to as many rows as the level has."""
    if frame.columns[0].type is not ColumnType.ENUM:
        frame = as_factor(cloud, frame)
    levels = len(frame.columns[0].domain or ()) + 1
    found = cloud.map_reduce(frame, _counts_block, levels, combine=add)
    counts = dict(found)
    totals = np.sum(list(counts.values()), axis=0)
    random = np.random.default_rng(seed % 2**64)
    dealt = [random.permutation(deal(int(rows))).astype(np.float64) for rows in totals]
    starts, running = {}, np.zeros(levels, np.int64)
    for block in sorted(counts):
        starts[block] = running
        running = running + counts[block]
    columns = cloud.map_columns(frame, _dealt_block, dealt, starts, types=[ColumnType.NUMERIC])
    return Frame(("C1",), tuple(columns), frame.layout)


def _random_block(block: Block, folds: int, seed: int) -> list[Values]:
    return [np.floor(uniform_numbers(seed, block.start, block.rows) * folds)]


def _modulo_block(block: Block, folds: int) -> list[Values]:
    return [(np.arange(block.start, block.start + block.rows) % folds).astype(np.float64)]


def _counts_block(block: Block, levels: int) -> list[tuple[int, Counts]]:
    """How often each level occurs, missing ones last."""
    return [(block.index, np.bincount(block.decode(0) % levels, minlength=levels))]


def _dealt_block(block: Block, dealt: Sequence[Values], starts: dict[int, Counts]) -> list[Values]:
    codes = block.decode(0) % len(dealt)  # −1, missing, is the last
    found = np.empty(block.rows)
    for level, start in enumerate(starts[block.index]):
        rows = np.flatnonzero(codes == level)
        found[rows] = dealt[level][start : start + len(rows)]
    return [found]


def _codes_block(block: Block) -> list[Values]:
    return [block.decode(0).astype(np.int32)]
