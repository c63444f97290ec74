"""Ranks of values."""

from __future__ import annotations

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers

_Tally = list[tuple[Floats, Floats]]
"""For each column its different known values, ascending, and how often each occurs."""


def ranks(cloud: Cloud, frame: Frame) -> Frame:
    """Each column's ranks from 1, the mean of them where values are equal; missing values have none."""
    tally: _Tally = cloud.map_reduce(frame, _tally_block, combine=_merge) or []
    tables = [(values, np.cumsum(counts) - (counts - 1) / 2) for values, counts in tally]
    types = [ColumnType.NUMERIC] * len(frame.columns)
    return Frame(frame.names, tuple(cloud.map_columns(frame, _rank_block, tables, types=types)), frame.layout)


def _tally_block(block: Block) -> _Tally:
    return [_counted(numbers(block, i)) for i in range(len(block.chunks))]


def _counted(values: Floats) -> tuple[Floats, Floats]:
    found, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return found, counts.astype(np.float64)


def _merge(a: _Tally, b: _Tally) -> _Tally:
    merged = []
    for (values, counts), (more, further) in zip(a, b, strict=True):
        found, places = np.unique(np.concatenate([values, more]), return_inverse=True)
        totals = np.bincount(places, np.concatenate([counts, further]), len(found))
        merged.append((found, totals.astype(np.float64)))
    return merged


def _rank_block(block: Block, tables: list[tuple[Floats, Floats]]) -> list[Values]:
    ranked = []
    for i, (values, middle) in enumerate(tables):
        found = numbers(block, i)
        known = ~np.isnan(found)
        ranked.append(np.full(block.rows, np.nan))
        ranked[-1][known] = middle[np.searchsorted(values, found[known])]
    return ranked
