"""Interactions: categories out of pairs of categories, and of pairs of these."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.node import Block
from aquifer_cluster.transform.factors import relabel

OTHER = "other"
_MISSING = "NA"
Pairs = NDArray[np.int64]
_Tally = tuple[Pairs, NDArray[np.int64], NDArray[np.int64]]
"""Pairs, ascending, how often each occurs, and in which row first."""


@dataclass(frozen=True)
class Interaction:
    """What is to be combined: all factors into one, or (pairwise, of three or more) each pair of them.

    Of the pairs of levels the `max_factors` most frequent are kept, as far as they occur at least
    `min_occurrence` times; all others are one level, `other`.
    """

    factors: tuple[str, ...]
    pairwise: bool
    max_factors: int
    min_occurrence: int

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """The factors of each column to make."""
        if self.pairwise and len(self.factors) > 2:
            return list(combinations(self.factors, 2))
        return [self.factors]

    def check(self, frame: Frame) -> None:
        """Raise InvalidArgument or ColumnNotFound unless there are factors, and all are categories."""
        if not self.factors:
            raise InvalidArgument("factor_columns", "name at least one categorical column")
        for factor in self.factors:
            if frame.column(factor).domain is None:
                raise InvalidArgument(
                    "factor_columns", f"Column {factor} is not categorical; convert it with as.factor"
                )


def interact(cloud: Cloud, frame: Frame, interaction: Interaction, job: Job) -> Frame:
    """A category for each group of factors, named after them.

    That of more than two is the interaction of the first two with the third, and so on; that of one factor
    (or of one with itself) is the factor with its rare levels put together. Raises as `Interaction.check`.
    """
    interaction.check(frame)
    groups = interaction.groups
    names, columns = [], []
    for done, group in enumerate(groups):
        name, column = group[0], frame.column(group[0])
        for factor in group[1:] or group:
            job.check()
            column = _interaction(cloud, column, frame.column(factor), interaction, job)
            name = f"{name}_{factor}"
        names.append(name)
        columns.append(column)
        job.update((done + 1) / len(groups))
    return Frame(tuple(names), tuple(columns), frame.layout)


def _interaction(cloud: Cloud, left: Column, right: Column, limits: Interaction, job: Job) -> Column:
    """The pairs of labels, the frequent ones first. A missing label is `NA`; a factor alone stays missing.

    Equally frequent ones are in the order of H2O's hash of the two codes, then as they first occur.
    """
    alone = left is right
    frame = Frame(("left", "right"), (left, right), left.layout)
    width = len(right.domain or ()) + 1
    tally = cloud.map_reduce(frame, _tally_block, width, alone, combine=_merged, job=job.key)
    pairs, counts, first_rows = tally if tally is not None else (np.empty(0, np.int64),) * 3
    hashes = (pairs // width - 1) ^ (pairs % width - 1)
    order = np.lexsort((first_rows, hashes, -counts))[: limits.max_factors]
    kept = pairs[order[counts[order] >= limits.min_occurrence]]
    labels = [_label(int(pair), left, right, width, alone) for pair in kept]
    if len(kept) < len(pairs):
        labels.append(OTHER)
    ascending = np.argsort(kept)
    column = cloud.map_columns(
        frame,
        _codes_block,
        width,
        alone,
        kept[ascending],
        ascending.astype(np.int32),
        types=[ColumnType.ENUM],
        domains=[tuple(labels)],
        job=job.key,
    )[0]
    return relabel(cloud, column, labels) if len(set(labels)) < len(labels) else column


def _label(pair: int, left: Column, right: Column, width: int, alone: bool) -> str:
    parts = [(left.domain or (), pair // width), (right.domain or (), pair % width)]
    texts = [domain[code - 1] if code else _MISSING for domain, code in parts]
    return texts[0] if alone else "_".join(texts)


def _pairs(block: Block, width: int) -> Pairs:
    """One number for each row's pair of codes, each counted from 1: 0 is missing."""
    left, right = (block.decode(i).astype(np.int64) + 1 for i in range(2))
    return np.asarray(left * width + right)


def _tally_block(block: Block, width: int, alone: bool) -> _Tally:
    pairs = _pairs(block, width)
    rows = np.flatnonzero(pairs > 0) if alone else np.arange(block.rows)
    found, first, counts = np.unique(pairs[rows], return_index=True, return_counts=True)
    return found, counts, rows[first] + block.start


def _merged(a: _Tally, b: _Tally) -> _Tally:
    every, counts, rows = (np.concatenate(both) for both in zip(a, b, strict=True))
    pairs, place = np.unique(every, return_inverse=True)
    total, first = np.zeros(len(pairs), np.int64), np.full(len(pairs), np.iinfo(np.int64).max)
    np.add.at(total, place, counts)
    np.minimum.at(first, place, rows)
    return pairs, total, first


def _codes_block(
    block: Block, width: int, alone: bool, kept: Pairs, codes: NDArray[np.int32]
) -> list[Values]:
    pairs = _pairs(block, width)
    found = np.full(block.rows, len(kept), np.int32)
    if len(kept):
        place = np.minimum(np.searchsorted(kept, pairs), len(kept) - 1)
        found = np.where(kept[place] == pairs, codes[place], found)
    return [np.where(alone & (pairs == 0), -1, found).astype(np.int32)]
