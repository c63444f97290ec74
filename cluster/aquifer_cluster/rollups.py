"""Roll-ups: the statistics of a column, gathered chunk by chunk and merged in any order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import Chunk, ConstantChunk, NumberChunk, SparseChunk, Values
from aquifer_cluster.chunk.base import KERNELS, addresses_of, is_floats

Floats: TypeAlias = NDArray[np.float64]

EXTREMES = 5
"""How many of the smallest and of the largest values are kept."""

_FEW_ROWS = 2048
"""So few are decoded and rolled up together with other columns: the calls would take longer than the rows."""


@dataclass(frozen=True, slots=True)
class Rollups:
    """What is known of a column without reading it again.

    `total`, `mean` and `m2` (the sum of squared deviations) are over the finite known values; `lowest`
    ascends, `highest` descends. `encodings` maps the name of an encoding to (chunks, bytes).
    Enum columns count their codes as numbers, as H2O does; for text only counts and sizes are kept.
    """

    rows: int = 0
    missing: int = 0
    zeros: int = 0
    positive_infinities: int = 0
    negative_infinities: int = 0
    count: int = 0
    total: float = 0.0
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


def summarise(chunk: Chunk, values: Values | None = None) -> Rollups:
    """Roll up one chunk, from its encoded form where that is shorter; `values` are its rows, if at hand."""
    return summarise_all([chunk], [chunk if values is None else values])[0]


def summarise_all(chunks: Sequence[Chunk], values: Sequence[Values]) -> list[Rollups]:
    """Roll up chunks of as many rows each; `values` are what they were made of, or the chunks themselves."""
    encodings = [{chunk.name: (1, chunk.nbytes)} for chunk in chunks]
    numbers: dict[int, Floats] = {}
    for i, (chunk, given) in enumerate(zip(chunks, values, strict=True)):
        if is_floats(given):
            numbers[i] = np.ascontiguousarray(given)
        elif chunk.rows <= _FEW_ROWS and isinstance(chunk, NumberChunk):
            numbers[i] = chunk.numbers()
    rolled = _summarise_floats(list(numbers.values()), [encodings[i] for i in numbers]) if numbers else []
    found = dict(zip(numbers, rolled, strict=True))
    for i, (chunk, given) in enumerate(zip(chunks, values, strict=True)):
        if i not in found:
            found[i] = replace(_summarise(chunk, given), encodings=encodings[i])
    return [found[i] for i in range(len(chunks))]


def _summarise(chunk: Chunk, values: Values) -> Rollups:
    if isinstance(chunk, NumberChunk):
        return _summarise_numbers(chunk)
    missing = (chunk.exact() if values is chunk else values).null_count
    return Rollups(rows=chunk.rows, missing=missing, count=chunk.rows - missing)


def _summarise_numbers(chunk: NumberChunk) -> Rollups:
    if isinstance(chunk, SparseChunk):
        common = ConstantChunk(chunk.common, chunk.type, chunk.rows - chunk.others.rows)
        return merge([_summarise_numbers(common), _summarise_numbers(chunk.others)])
    tally = chunk.tally()
    if tally is not None:
        return _summarise_tally(chunk.rows, *tally)
    return _summarise_floats([chunk.numbers()], [{}])[0]


def _summarise_floats(
    columns: Sequence[Floats], encodings: Sequence[dict[str, tuple[int, int]]]
) -> list[Rollups]:
    kernels, rows = KERNELS.load(), len(columns[0])
    counts = np.empty((len(columns), kernels.COUNTS), np.int64)
    numbers = np.empty((len(columns), 2 + 2 * EXTREMES))
    kernels.roll_up_columns(addresses_of(columns), rows, counts, numbers)
    return [
        _rollups(rows, *found) for found in zip(counts.tolist(), numbers.tolist(), encodings, strict=True)
    ]


def _rollups(
    rows: int, counts: Sequence[int], numbers: Sequence[float], encodings: dict[str, tuple[int, int]]
) -> Rollups:
    """What the kernel has found in one column."""
    missing, zeros, above, below, finite, whole = counts
    total, m2, *extremes = numbers
    known = min(EXTREMES, rows - missing)
    return Rollups(
        rows=rows,
        missing=missing,
        zeros=zeros,
        positive_infinities=above,
        negative_infinities=below,
        count=finite,
        total=total,
        mean=total / finite if finite else np.nan,
        m2=m2,
        lowest=_shared(tuple(extremes[:known])),
        highest=_shared(tuple(extremes[EXTREMES : EXTREMES + known])),
        whole=bool(whole),
        encodings=encodings,
    )


def _summarise_tally(rows: int, values: Floats, counts: NDArray[np.int64]) -> Rollups:
    """Roll up a chunk of few different values (ascending) from how often each occurs."""
    known = int(counts.sum())
    finite = np.isfinite(values)
    some, times = values[finite], counts[finite]
    count = int(times.sum())
    # Products by `@` would wake the threads of BLAS, which then spin for a while beside those of the node.
    with np.errstate(over="ignore"):
        total = float((some * times).sum())
        mean = total / count if count else np.nan
        m2 = float((np.square(some - mean) * times).sum()) if count else 0.0
    return Rollups(
        rows=rows,
        missing=rows - known,
        zeros=int(counts[values == 0].sum()),
        positive_infinities=int(counts[values == np.inf].sum()),
        negative_infinities=int(counts[values == -np.inf].sum()),
        count=count,
        total=total,
        mean=mean,
        m2=m2,
        lowest=_repeated(values[:EXTREMES], counts[:EXTREMES]),
        highest=_repeated(values[: -EXTREMES - 1 : -1], counts[: -EXTREMES - 1 : -1]),
        whole=count == known and bool((some == np.rint(some)).all() and (np.abs(some) < 2.0**63).all()),
    )


def _repeated(values: Floats, counts: NDArray[np.int64]) -> tuple[float, ...]:
    return tuple(np.repeat(values, np.minimum(counts, EXTREMES))[:EXTREMES].tolist())


def merge(parts: Iterable[Rollups]) -> Rollups:
    """Merge the roll-ups of parts of a column, all at once: a wide frame has many columns to be merged."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    count, mean, m2 = _moments(found)
    return Rollups(
        rows=sum([part.rows for part in found]),
        missing=sum([part.missing for part in found]),
        zeros=sum([part.zeros for part in found]),
        positive_infinities=sum([part.positive_infinities for part in found]),
        negative_infinities=sum([part.negative_infinities for part in found]),
        count=count,
        total=sum([part.total for part in found]),
        mean=mean,
        m2=m2,
        lowest=_shared(tuple(sorted([value for part in found for value in part.lowest])[:EXTREMES])),
        highest=_shared(
            tuple(sorted([value for part in found for value in part.highest], reverse=True)[:EXTREMES])
        ),
        whole=all(part.whole for part in found),
        encodings=_encodings(found),
    )


@lru_cache(maxsize=1024)
def _shared(extremes: tuple[float, ...]) -> tuple[float, ...]:
    """The same, but one object for all columns that have them: many of a wide frame do."""
    return extremes


def _moments(parts: Sequence[Rollups]) -> tuple[int, float, float]:
    """Count, mean and squared deviations (Chan's update)."""
    count, mean, m2 = 0, math.nan, 0.0
    for part in parts:
        if not count:
            count, mean, m2 = part.count, part.mean, part.m2
        elif part.count:
            together, shift = count + part.count, part.mean - mean
            m2 += part.m2 + shift * shift * count * part.count / together
            mean += shift * part.count / together
            count = together
    return count, mean, m2


def _encodings(parts: Sequence[Rollups]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for part in parts:
        for name, (chunks, size) in part.encodings.items():
            have = found.get(name, (0, 0))
            found[name] = (have[0] + chunks, have[1] + size)
    return found
