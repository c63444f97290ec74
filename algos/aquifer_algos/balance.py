"""Balancing classes: rows of rare classes are repeated, or those of frequent ones left out.

A model trained on such rows finds rare classes too probable; `correction` sets that right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from aquifer_cluster.chunk import Chunk
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.node import Block
from numpy.typing import NDArray

from aquifer_algos.adaptation import Adapted, Floats, Reader
from aquifer_algos.expansion import trainable

ATTEMPTS = 10
"""How often rows are drawn anew because a class was lost."""


@dataclass(frozen=True, eq=False)
class ClassTotals:
    """Trainable rows of each class, and the sum of their weights: shape (classes,)."""

    rows: NDArray[np.int64]
    weight: Floats


@dataclass(frozen=True, eq=False)
class Balanced:
    """The rows to train on instead, read so that predictions are corrected, and the classes' factors."""

    training: Adapted
    factors: tuple[float, ...]


def balance(
    cloud: Cloud,
    training: Adapted,
    given: Sequence[float] | None,
    largest: float,
    seed: int,
    job: str | None = None,
) -> Balanced:
    """Draw the rows of `training` by the factors of their classes, those `given` or those that balance.

    Raises MemoryExceeded, and InvalidArgument if no row of a class is left.
    """
    before = class_totals(cloud, training, job)
    factors = sampling_factors(before, given, largest)
    for attempt in range(ATTEMPTS):
        drawn = replace(training, frame=_drawn(cloud, training, factors, before, seed + attempt, job))
        after = class_totals(cloud, drawn, job)
        lost = np.flatnonzero((before.rows > 0) & (after.rows == 0))
        if not len(lost):
            return Balanced(_correcting(drawn, before, after), tuple(factors.tolist()))
    domain = training.reader.data.response.domain or ()
    raise InvalidArgument(
        "max_after_balance_size",
        f"leaves no row of class '{domain[lost[0]]}', which has {before.rows[lost[0]]}: give more, or a "
        "larger factor in class_sampling_factors",
    )


def class_totals(cloud: Cloud, training: Adapted, job: str | None = None) -> ClassTotals:
    """The totals of all rows that can be trained on."""
    found: ClassTotals = cloud.map_reduce(training.frame, total_block, training.reader, combine=_add, job=job)
    return found


def sampling_factors(totals: ClassTotals, given: Sequence[float] | None, largest: float) -> Floats:
    """How many rows come from one row of each class, on average: shape (classes,).

    Those `given`, or what makes the weights of all classes equal to that of the largest. All become smaller
    alike if they would make more than `largest` times the rows.
    """
    if given is None:
        with np.errstate(divide="ignore"):
            factors = np.where(totals.weight > 0, totals.weight.max(initial=0) / totals.weight, 0.0)
    else:
        factors = np.asarray(given, np.float64)
    expected, most = float(factors @ totals.rows), largest * int(totals.rows.sum())
    return factors * (most / expected) if expected > most else factors


def correction(before: Floats, after: Floats) -> tuple[float, ...]:
    """What each class's probability is multiplied by: its share of the weight before, over that after.

    1 for a class that has none.
    """
    known = (before > 0) & (after > 0)
    shares = np.divide(before / before.sum(), after / after.sum(), out=np.ones_like(before), where=known)
    return tuple(shares.tolist())


def total_block(block: Block, reader: Reader) -> ClassTotals:
    """The totals of one block."""
    codes, weight = reader.target(block, 0, block.rows), reader.weight(block, 0, block.rows)
    keep = trainable(reader, block)
    if keep is not None:
        codes, weight = codes[keep], None if weight is None else weight[keep]
    classes = len(reader.data.response.domain or ())
    rows = np.bincount(codes, minlength=classes)
    return ClassTotals(rows, np.bincount(codes, weight, minlength=classes).astype(np.float64))


def draw_block(block: Block, reader: Reader, factors: Floats, seed: int) -> list[Chunk]:
    """The rows of one block, each as often as the factor of its class: the fraction decides by lot."""
    codes = reader.target(block, 0, block.rows)
    wanted = np.where(codes >= 0, factors[codes], 0.0)
    keep = trainable(reader, block)
    if keep is not None:
        wanted[~keep] = 0.0
    lots = np.random.default_rng([seed & (2**64 - 1), block.index]).random(block.rows)
    times = np.floor(wanted).astype(np.int64) + (lots < wanted % 1)
    rows = np.repeat(np.arange(block.rows), times)
    return [chunk.take(rows) for chunk in block.chunks]


def _correcting(training: Adapted, before: ClassTotals, after: ClassTotals) -> Adapted:
    data = training.reader.data
    response = replace(data.response, correction=correction(before.weight, after.weight))
    return replace(training, reader=replace(training.reader, data=replace(data, response=response)))


def _drawn(
    cloud: Cloud, training: Adapted, factors: Floats, totals: ClassTotals, seed: int, job: str | None
) -> Frame:
    frame = training.frame
    growth = float(factors @ totals.rows) / max(frame.rows, 1)
    columns = cloud.map_columns(
        frame,
        draw_block,
        training.reader,
        factors,
        seed,
        types=[column.type for column in frame.columns],
        domains=[column.domain for column in frame.columns],
        job=job,
        what="The balanced training frame",
        needed=int(2 * growth * frame.nbytes),  # as it is drawn, and as it is spread
    )
    drawn = Frame(frame.names, tuple(columns), columns[0].layout)
    return cloud.redistribute(drawn, even_layout(drawn.rows, cloud.size, cloud.threads))


def _add(a: ClassTotals, b: ClassTotals) -> ClassTotals:
    return ClassTotals(a.rows + b.rows, a.weight + b.weight)
