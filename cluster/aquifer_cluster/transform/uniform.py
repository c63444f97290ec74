"""Random columns. A row's number depends on the seed and the row's position only, not on the layout."""

from __future__ import annotations

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats

_DRAWS_PER_COUNT = 4


def uniform_column(cloud: Cloud, frame: Frame, seed: int) -> Frame:
    """One column `rnd`, uniform in [0, 1), with the layout of `frame`."""
    empty = Frame((), (), frame.layout)
    columns = cloud.map_columns(empty, _uniform_block, seed, types=[ColumnType.NUMERIC])
    return Frame(("rnd",), tuple(columns), frame.layout)


def uniform_numbers(seed: int, start: int, count: int, stream: int = 0) -> Floats:
    """Numbers `start` to `start + count`, uniform in [0, 1), of one of the streams that the seed names.

    Philox 4x64 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011) gives any of them at once.
    """
    skipped = start % _DRAWS_PER_COUNT
    bits = np.random.Philox(key=seed % 2**64 + (stream << 64), counter=start // _DRAWS_PER_COUNT)
    return np.random.Generator(bits).random(skipped + count)[skipped:]


def _uniform_block(block: Block, seed: int) -> list[Values]:
    return [uniform_numbers(seed, block.start, block.rows)]
