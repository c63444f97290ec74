"""Roll-ups: the statistics of a column, gathered chunk by chunk and merged in any order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from aquifer_cluster.chunk import Chunk, IntegerChunk, Values, is_missing

EXTREMES = 5
"""How many of the smallest and of the largest values are kept."""
_SAMPLE = 64


@dataclass(frozen=True, slots=True)
class Rollups:
    """What is known of a column without reading it again.

    `mean` and `m2` (the sum of squared deviations) are over the finite known values; `lowest` ascends,
    `highest` descends. `encodings` maps the name of an encoding to (chunks, bytes).
    Enum columns count their codes as numbers, as H2O does; for text only counts and sizes are kept.
    """

    rows: int = 0
    missing: int = 0
    zeros: int = 0
    positive_infinities: int = 0
    negative_infinities: int = 0
    count: int = 0
    mean: float = np.nan
    m2: float = 0.0
    lowest: tuple[float, ...] = ()
    highest: tuple[float, ...] = ()
    whole: bool = True
    encodings: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def sigma(self) -> float:
        """The sample standard deviation; 0 for one value, NaN for none."""
        if self.count == 0:
            return np.nan
        return float(np.sqrt(self.m2 / (self.count - 1))) if self.count > 1 else 0.0

    @property
    def minimum(self) -> float:
        """The smallest known value, NaN if there is none."""
        return self.lowest[0] if self.lowest else np.nan

    @property
    def maximum(self) -> float:
        """The largest known value, NaN if there is none."""
        return self.highest[0] if self.highest else np.nan

    @property
    def nbytes(self) -> int:
        """Bytes of the column's chunks."""
        return sum(size for _, size in self.encodings.values())

    @property
    def constant(self) -> bool:
        """Whether all known values are the same, or none is known."""
        return self.count == 0 or (self.minimum == self.maximum)


def summarise(values: Values, chunk: Chunk) -> Rollups:
    """Roll up one chunk; `values` are its decoded rows."""
    tally = chunk.tally() if isinstance(chunk, IntegerChunk) else None
    if tally is not None:
        return _summarise_tally(chunk, *tally)
    rows = len(values)
    encodings = {chunk.name: (1, chunk.nbytes)}
    missing = is_missing(values, chunk.type)
    absent = int(np.count_nonzero(missing))
    if chunk.type.dtype is None:
        return Rollups(rows=rows, missing=absent, count=rows - absent, encodings=encodings)
    known = values[~missing] if absent else values
    known = known.astype(np.float64, copy=False)
    finite = known[np.isfinite(known)]
    with np.errstate(over="ignore"):
        mean = float(finite.mean()) if len(finite) else np.nan
        m2 = float(np.square(finite - mean).sum()) if len(finite) else 0.0
    return Rollups(
        rows=rows,
        missing=absent,
        zeros=int(np.count_nonzero(known == 0)),
        positive_infinities=int(np.count_nonzero(known == np.inf)),
        negative_infinities=int(np.count_nonzero(known == -np.inf)),
        count=len(finite),
        mean=mean,
        m2=m2,
        lowest=_extremes(known, 1),
        highest=_extremes(known, -1),
        whole=len(finite) == len(known) and _all_whole(finite),
        encodings=encodings,
    )


def _summarise_tally(chunk: Chunk, values: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]) -> Rollups:
    """Roll up a chunk of few different values (ascending) from how often each occurs."""
    count = int(counts.sum())
    mean = float(values @ counts) / count if count else np.nan
    return Rollups(
        rows=chunk.rows,
        missing=chunk.rows - count,
        zeros=int(counts[values == 0].sum()),
        count=count,
        mean=mean,
        m2=float(np.square(values - mean) @ counts) if count else 0.0,
        lowest=_repeated(values[:EXTREMES], counts[:EXTREMES]),
        highest=_repeated(values[: -EXTREMES - 1 : -1], counts[: -EXTREMES - 1 : -1]),
        encodings={chunk.name: (1, chunk.nbytes)},
    )


def _repeated(values: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]) -> tuple[float, ...]:
    return tuple(np.repeat(values, np.minimum(counts, EXTREMES))[:EXTREMES].tolist())


def merge(parts: Iterable[Rollups]) -> Rollups:
    """Merge the roll-ups of parts of a column (Chan's update of mean and squared deviations)."""
    return reduce(_merge, parts, Rollups())


def _merge(a: Rollups, b: Rollups) -> Rollups:
    count = a.count + b.count
    if a.count and b.count:
        shift = b.mean - a.mean
        mean = a.mean + shift * b.count / count
        m2 = a.m2 + b.m2 + shift * shift * a.count * b.count / count
    else:
        mean, m2 = (a.mean, a.m2) if a.count else (b.mean, b.m2)
    encodings = dict(a.encodings)
    for name, (chunks, size) in b.encodings.items():
        have = encodings.get(name, (0, 0))
        encodings[name] = (have[0] + chunks, have[1] + size)
    return Rollups(
        rows=a.rows + b.rows,
        missing=a.missing + b.missing,
        zeros=a.zeros + b.zeros,
        positive_infinities=a.positive_infinities + b.positive_infinities,
        negative_infinities=a.negative_infinities + b.negative_infinities,
        count=count,
        mean=mean,
        m2=m2,
        lowest=tuple(sorted(a.lowest + b.lowest)[:EXTREMES]),
        highest=tuple(sorted(a.highest + b.highest, reverse=True)[:EXTREMES]),
        whole=a.whole and b.whole,
        encodings=encodings,
    )


def _all_whole(values: np.ndarray[Any, Any]) -> bool:
    """Whether all are whole and fit into 64 bits, so that they can be shown as integers."""
    return bool((values == np.rint(values)).all()) and bool((np.abs(values) < 2.0**63).all())


def _extremes(values: np.ndarray[Any, Any], sign: int) -> tuple[float, ...]:
    """The few smallest (`sign` 1) or largest (−1) values, with repetitions, in order.

    The few extremes of a first sample bound those of all, so that few values are left to look at; values
    that repeat are taken together (a partition or a sort would be slow on them).
    """
    values = values * sign
    if len(values) > _SAMPLE:
        bound = np.sort(values[:_SAMPLE])[EXTREMES - 1]
        values = values[values <= bound]
    found: list[float] = []
    while len(found) < EXTREMES and len(values):
        least = values.min()
        others = values[values != least]
        found += [float(least) * sign] * min(len(values) - len(others), EXTREMES - len(found))
        values = others
    return tuple(found)
