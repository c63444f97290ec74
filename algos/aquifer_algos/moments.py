"""Mean and standard deviation of columns, with or without observation weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block

from aquifer_algos.adaptation import Floats, Source
from aquifer_algos.scaling import Moments


@dataclass(frozen=True, eq=False)
class WeightedSums:
    """For each column: rows counted, weights, their mean and squared deviations from it, the smallest and the
    largest value: shape (columns,).

    The first column is the weights themselves, each counted once.
    """

    rows: Floats
    weight: Floats
    mean: Floats
    scatter: Floats
    smallest: Floats
    largest: Floats


def numeric_columns(frame: Frame) -> tuple[str, ...]:
    """The columns that have moments."""
    number = (ColumnType.NUMERIC, ColumnType.TIME)
    return tuple(
        name for name, column in zip(frame.names, frame.columns, strict=True) if column.type in number
    )


def rolled_up(frame: Frame) -> dict[str, Moments]:
    """The moments of the numeric columns of `frame`, as their roll-ups have them."""
    found = {name: frame.column(name).rollups for name in numeric_columns(frame)}
    return {
        name: Moments(rollups.mean, rollups.sigma, rollups.maximum - rollups.minimum)
        for name, rollups in found.items()
    }


def weighted(
    cloud: Cloud, frame: Frame, weights: str, job: str | None = None
) -> tuple[Mapping[str, Moments], float]:
    """The weighted moments of the numeric columns, and the mean of the weights that are above 0.

    The variance is Σw(x - m)² / Σw · n / (n - 1) over the n rows of weight above 0: it does not depend on
    the scale of the weights, and weights of 0 and 1 give that of the rows with 1.
    """
    names = [name for name in numeric_columns(frame) if name != weights]
    sums: WeightedSums = cloud.map_reduce(
        frame.select([weights, *names]), sum_block, combine=combine_sums, job=job
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = sums.scatter / sums.weight * sums.rows / (sums.rows - 1)
    moments = {
        name: Moments(float(mean), float(np.sqrt(value)) if rows > 1 else 0.0, float(extent))
        for name, mean, value, rows, extent in zip(
            names,
            sums.mean[1:],
            variance[1:],
            sums.rows[1:],
            sums.largest[1:] - sums.smallest[1:],
            strict=True,
        )
    }
    return moments, float(sums.mean[0])


def sum_block(block: Block) -> WeightedSums:
    """The sums of one block, whose first column is the weights."""
    weight = np.nan_to_num(Source(0).numbers(block, 0, block.rows), nan=0.0)
    counted = weight > 0
    columns = [_summed(weight[counted], np.ones(int(counted.sum())))]
    for position in range(1, len(block.chunks)):
        values = Source(position).numbers(block, 0, block.rows)
        known = counted & ~np.isnan(values)
        columns.append(_summed(values[known], weight[known]))
    return WeightedSums(*(np.array(part) for part in zip(*columns, strict=True)))


def combine_sums(a: WeightedSums, b: WeightedSums) -> WeightedSums:
    """The sums over the rows of both (Chan, Golub and LeVeque 1979)."""
    weight = a.weight + b.weight
    share = np.divide(b.weight, weight, out=np.zeros_like(weight), where=weight > 0)
    step = b.mean - a.mean
    return WeightedSums(
        a.rows + b.rows,
        weight,
        a.mean + step * share,
        a.scatter + b.scatter + step * step * a.weight * share,
        np.minimum(a.smallest, b.smallest),
        np.maximum(a.largest, b.largest),
    )


def _summed(values: Floats, weight: Floats) -> Sequence[float]:
    total = float(weight.sum())
    mean = float(weight @ values) / total if total > 0 else 0.0
    smallest, largest = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    return len(values), total, mean, float(weight @ (values - mean) ** 2), smallest, largest
