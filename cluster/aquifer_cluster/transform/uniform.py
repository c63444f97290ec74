"""Random columns. A row's number depends on the seed and the row's position only, not on the layout."""

from __future__ import annotations

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block

_DRAWS_PER_COUNT = 4


def uniform_column(cloud: Cloud, frame: Frame, seed: int) -> Frame:
    """One column `rnd`, uniform in [0, 1), with the layout of `frame`.

    Philox 4x64 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011) gives row i the i-th
    number of the stream that the seed names.
    """
    empty = Frame((), (), frame.layout)
    columns = cloud.map_columns(empty, _uniform_block, seed % 2**64, types=[ColumnType.NUMERIC])
    return Frame(("rnd",), tuple(columns), frame.layout)


def _uniform_block(block: Block, seed: int) -> list[Values]:
    skipped = block.start % _DRAWS_PER_COUNT
    bits = np.random.Philox(key=seed, counter=block.start // _DRAWS_PER_COUNT)
    return [np.random.Generator(bits).random(skipped + block.rows)[skipped:]]
