"""How often the levels of categorical columns occur, and the mean response of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tally:
    """Of one column, over the rows whose weight is above 0 and whose response, if there is one, is known.

    rows: int64 (levels + 1,), how many rows have each level, the last has no value; weight: what they weigh.
    total: (levels + 1,), the sum of their responses times weights; classes count by their codes.
    """

    rows: NDArray[np.int64]
    weight: Floats
    total: Floats

    @property
    def response(self) -> Floats:
        """The mean response of each level (levels,); NaN for a level without rows."""
        weight, total = self.weight[:-1], self.total[:-1]
        return np.asarray(np.divide(total, weight, out=np.full(len(weight), np.nan), where=weight > 0))

    @property
    def shares(self) -> Floats:
        """The share of each level (levels,) of the weight of the rows that have a value."""
        known = self.weight[:-1].sum()
        return np.asarray(self.weight[:-1] / known if known > 0 else self.weight[:-1])


def tally(
    cloud: Cloud,
    frame: Frame,
    columns: Sequence[str],
    response: str | None,
    weights: str | None,
    job: str | None = None,
) -> Mapping[str, Tally]:
    """The tally of each of the categorical `columns`."""
    levels = [len(frame.column(name).domain or ()) for name in columns]
    special = [name for name in (response, weights) if name is not None]
    roles = (response is not None, weights is not None)
    parts: list[Tally] = cloud.map_reduce(
        frame.select([*special, *columns]), tally_block, levels, *roles, combine=_merge, job=job
    )
    return dict(zip(columns, parts, strict=True))


def tally_block(block: Block, levels: Sequence[int], supervised: bool, weighted: bool) -> list[Tally]:
    """The tallies of one block: of its last columns, after the response and the weights, if there are any."""
    others = [chunk.decode(0, block.rows) for chunk in block.chunks]
    response = others.pop(0) if supervised else np.zeros(block.rows)
    codes = np.issubdtype(response.dtype, np.integer)
    counted = response >= 0 if codes else np.isfinite(response)
    weight = np.nan_to_num(others.pop(0)) if weighted else np.ones(block.rows)
    counted &= weight > 0
    weight, products = weight[counted], (weight * response)[counted]
    return [
        _tally_column(column[counted], count, weight, products)
        for column, count in zip(others, levels, strict=True)
    ]


def _tally_column(codes: NDArray[np.int32], levels: int, weight: Floats, products: Floats) -> Tally:
    places = np.where(codes < 0, levels, codes)
    size = levels + 1
    return Tally(
        np.bincount(places, minlength=size),
        np.asarray(np.bincount(places, weight, size), np.float64),
        np.asarray(np.bincount(places, products, size), np.float64),
    )


def _merge(first: list[Tally], second: list[Tally]) -> list[Tally]:
    return [
        Tally(a.rows + b.rows, a.weight + b.weight, a.total + b.total)
        for a, b in zip(first, second, strict=True)
    ]
