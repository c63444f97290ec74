"""The fast way through a block of separated text that holds nothing but plain numbers."""

from __future__ import annotations

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.blocks import KERNELS, NEWLINE, Bytes
from aquifer_cluster.ingest.readers.base import ParsedBlock
from aquifer_cluster.ingest.setup import ParseSetup

_MOST_CELLS = 1 << 25


def reads_numbers(setup: ParseSetup) -> bool:
    """Whether all columns are numeric, and nothing but NA, if that, stands for missing."""
    numeric = all(type is ColumnType.NUMERIC for type in setup.column_types)
    return numeric and not any(setup.na_strings or ()) and len(setup.separator) == 1


def parse_numbers(data: Bytes, setup: ParseSetup) -> ParsedBlock | None:
    """The kept columns of text without quotes, comments and odd spaces; None if it holds other than numbers.

    It is several times as fast as a general reader, and gives the same values.
    """
    rows = int(np.count_nonzero(data == NEWLINE)) + 1
    if rows * setup.number_columns > _MOST_CELLS:
        return None
    found = np.empty((setup.number_columns, rows))
    count = KERNELS.load().read_numbers(data, ord(setup.separator), found)
    if count < 0:
        return None
    kept = tuple(found[i, :count] for i in setup.kept)
    return ParsedBlock(kept, (None,) * len(kept))
