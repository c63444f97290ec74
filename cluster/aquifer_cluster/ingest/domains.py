"""Merging the levels of enum columns over blocks, and giving their codes one meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.chunk.base import MISSING_CODE
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block

MAX_LEVELS = 10_000_000
"""How many categories a column can have; H2O has the same limit."""

Levels = tuple[str, ...]
Codes = np.ndarray[Any, np.dtype[np.int32]]


def merge_levels(blocks: Sequence[Levels], column: str) -> Levels:
    """The sorted union of the (sorted) levels of all blocks of a column.

    Raises InvalidArgument if there are more than MAX_LEVELS.
    """
    distinct = set(blocks)
    if len(distinct) == 1:
        return next(iter(distinct))
    union: set[str] = set()
    for levels in distinct:
        union.update(levels)
        if len(union) > MAX_LEVELS:
            remedy = "read it as string"
            raise InvalidArgument(
                "column_types", f"{column} has more than {MAX_LEVELS:,} categories; {remedy}"
            )
    return tuple(sorted(union))


def recoded(
    cloud: Cloud, frame: Frame, levels: Mapping[int, Sequence[Levels]], job: str | None = None
) -> Frame:
    """The frame with codes that mean its columns' domains, where they meant the levels of their block.

    `levels` are per enum column (by position), then per block. A column all of whose blocks have the
    levels of its domain stays as it is.
    """
    apart = [i for i, blocks in levels.items() if any(block != frame.columns[i].domain for block in blocks)]
    if not apart:
        return frame
    domains = [frame.columns[i].domain or () for i in apart]
    tables = [
        [_recoding(block, domain) for block in levels[i]] for i, domain in zip(apart, domains, strict=True)
    ]
    columns = cloud.map_columns(
        frame.select(apart), recode, tables, types=[ColumnType.ENUM] * len(apart), domains=domains, job=job
    )
    for i, column in zip(apart, columns, strict=True):
        frame = frame.replace(i, column)
    return frame


def recode(block: Block, tables: Sequence[Sequence[Codes]]) -> list[Values]:
    """Exchange the codes of a block's columns; `tables` are per column, then per block of the frame."""
    return [table[block.index][block.decode(i)] for i, table in enumerate(tables)]


def _recoding(local: Levels, domain: Levels) -> Codes:
    """New code by old code; the entry at the end (index −1) is for missing."""
    codes = pc.index_in(pa.array(local, pa.string()), value_set=pa.array(domain, pa.string()))
    return np.append(codes.to_numpy(zero_copy_only=False), MISSING_CODE).astype(np.int32)
