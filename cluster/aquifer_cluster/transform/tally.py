"""What is added up for each group of rows, and the aggregates that are made of it.

`STATISTICS` says how each quantity is gathered block by block and how the parts of two threads or nodes are
put together; `AGGREGATES` says which of them an aggregate needs and how it is computed. A new aggregate is a
new row of that table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import is_missing
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import numbers
from aquifer_cluster.transform.ordering import KERNELS, Rows

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]

MISSING_RULES = ("all", "ignore", "rm")
"""What a missing value does: it makes the aggregate missing; it counts as a row (of zero); it is left out."""


@dataclass(frozen=True)
class Aggregation:
    """One aggregate of one column, under a rule for missing values."""

    aggregate: str
    column: int
    missing: str = "all"


@dataclass
class Tally:
    """Per group the number of rows, and per column and statistic what was gathered."""

    rows: Counts
    columns: dict[tuple[int, str], Arrays] = field(default_factory=dict)


@dataclass(frozen=True)
class Statistic:
    """A quantity of each group: arrays that begin as given, take a block's rows in, and add up."""

    begin: Mapping[str, float]
    gather: Callable[[Rows, Block, int, Arrays], None]
    combine: Callable[[Arrays, Arrays], Arrays]


def _gather_known(ids: Rows, block: Block, column: int, found: Arrays) -> None:
    chunk = block.chunks[column]
    KERNELS.load().count_rows(ids[~is_missing(chunk.decode(), chunk.type)], found["known"])


def _gather_sums(ids: Rows, block: Block, column: int, found: Arrays) -> None:
    KERNELS.load().add_sums(ids, numbers(block, column), found["known"], found["sums"])


def _gather_bounds(ids: Rows, block: Block, column: int, found: Arrays) -> None:
    KERNELS.load().widen_bounds(ids, numbers(block, column), found["lows"], found["highs"])


def _gather_moments(ids: Rows, block: Block, column: int, found: Arrays) -> None:
    values = numbers(block, column)
    KERNELS.load().add_moments(ids, values, found["known"], found["means"], found["squares"])


def _add(a: Arrays, b: Arrays) -> Arrays:
    return {name: a[name] + b[name] for name in a}


def _widen(a: Arrays, b: Arrays) -> Arrays:
    return {"lows": np.fmin(a["lows"], b["lows"]), "highs": np.fmax(a["highs"], b["highs"])}


def _join_moments(a: Arrays, b: Arrays) -> Arrays:
    """Chan's update of mean and squared deviations (Chan, Golub and LeVeque 1979)."""
    known = a["known"] + b["known"]
    share = np.divide(b["known"], known, out=np.zeros(len(known)), where=known > 0)
    shift = b["means"] - a["means"]
    return {
        "known": known,
        "means": a["means"] + shift * share,
        "squares": a["squares"] + b["squares"] + shift * shift * a["known"] * share,
    }


STATISTICS: dict[str, Statistic] = {
    "known": Statistic({"known": 0}, _gather_known, _add),
    "sums": Statistic({"known": 0, "sums": 0.0}, _gather_sums, _add),
    "bounds": Statistic({"lows": np.nan, "highs": np.nan}, _gather_bounds, _widen),
    "moments": Statistic({"known": 0, "means": 0.0, "squares": 0.0}, _gather_moments, _join_moments),
}


@dataclass(frozen=True)
class Aggregate:
    """An aggregate: `finish(rows, found, rule)` from the arrays of its statistic.

    Without a statistic it needs the values of each group in order: see `grouping.py`.
    """

    summary: str
    statistic: str | None = None
    finish: Callable[[Counts, Arrays, str], Floats] | None = None


def _count(rows: Counts, found: Arrays, rule: str) -> Floats:
    return (rows if rule == "all" else found["known"]).astype(np.float64)


def _divisor(rows: Counts, found: Arrays, rule: str) -> Counts:
    return rows if rule == "ignore" else found["known"]


def _mean(rows: Counts, found: Arrays, rule: str) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(found["sums"] / _divisor(rows, found, rule))


def _variance(rows: Counts, found: Arrays, rule: str) -> Floats:
    """Of a sample; where missing values count as rows, they count as zeros."""
    known, count = found["known"], _divisor(rows, found, rule)
    with np.errstate(all="ignore"):
        zeros = found["means"] ** 2 * known * (count - known) / count
        return np.where(count > 1, (found["squares"] + zeros) / (count - 1), np.nan)


def _sum_of_squares(rows: Counts, found: Arrays, rule: str) -> Floats:
    return np.asarray(found["squares"] + found["means"] ** 2 * found["known"])


AGGREGATES: dict[str, Aggregate] = {
    "nrow": Aggregate("the number of rows", "known", _count),
    "mean": Aggregate("the mean", "sums", _mean),
    "sum": Aggregate("the sum", "sums", lambda rows, found, rule: found["sums"]),
    "min": Aggregate("the smallest value", "bounds", lambda rows, found, rule: found["lows"]),
    "max": Aggregate("the largest value", "bounds", lambda rows, found, rule: found["highs"]),
    "var": Aggregate("the sample variance", "moments", _variance),
    "sdev": Aggregate(
        "the sample standard deviation",
        "moments",
        lambda rows, found, rule: np.sqrt(_variance(rows, found, rule)),
    ),
    "sumSquares": Aggregate("the sum of squares", "moments", _sum_of_squares),
    "median": Aggregate("the median"),
    "mode": Aggregate("the code of the commonest level"),
}


def require_aggregation(frame: Frame, aggregation: Aggregation) -> None:
    """Raise InvalidArgument for an aggregate or a rule that there is not, ColumnNotFound for a column."""
    if aggregation.aggregate not in AGGREGATES:
        known = ", ".join(AGGREGATES)
        raise InvalidArgument(
            "aggregate", f"there is no aggregate '{aggregation.aggregate}'; there are {known}"
        )
    if aggregation.missing not in MISSING_RULES:
        known = ", ".join(MISSING_RULES)
        raise InvalidArgument(
            "na", f"there is no rule '{aggregation.missing}' for missing values; use {known}"
        )
    column = frame.column(aggregation.column)
    if aggregation.aggregate == "mode" and column.domain is None:
        name = frame.names[aggregation.column]
        raise InvalidArgument("mode", f"it is of categorical columns, and '{name}' is {column.wire_type}")


def statistics_of(aggregations: Sequence[Aggregation]) -> list[tuple[int, str]]:
    """What must be gathered of which column: (column, statistic), each once."""
    wanted = []
    for aggregation in aggregations:
        statistic = AGGREGATES[aggregation.aggregate].statistic
        if statistic and (aggregation.aggregate != "nrow" or aggregation.missing != "all"):
            wanted.append((aggregation.column, statistic))
        if aggregation.missing == "all" and aggregation.aggregate in ("min", "max"):
            wanted.append((aggregation.column, "known"))
    return list(dict.fromkeys(wanted))


def gather(
    groups: int, blocks: Sequence[Block], ids: Sequence[Rows], wanted: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], Arrays]:
    """The statistics of each group over some blocks; `ids` are the groups of each block's rows."""
    found = {}
    for column, name in wanted:
        statistic = STATISTICS[name]
        arrays = {
            part: np.full(groups, first, np.int64 if isinstance(first, int) else np.float64)
            for part, first in statistic.begin.items()
        }
        for block, groups_of_rows in zip(blocks, ids, strict=True):
            statistic.gather(groups_of_rows, block, column, arrays)
        found[column, name] = arrays
    return found


def count_rows(groups: int, ids: Sequence[Rows]) -> Counts:
    """The rows of each group."""
    counts = np.zeros(groups, np.int64)
    for part in ids:
        KERNELS.load().count_rows(part, counts)
    return counts


def combine(a: Tally, b: Tally) -> Tally:
    """The tally of both parts of the rows."""
    columns = {key: STATISTICS[key[1]].combine(found, b.columns[key]) for key, found in a.columns.items()}
    return Tally(a.rows + b.rows, columns)


def finished(tally: Tally, aggregation: Aggregation) -> Floats:
    """The values of an aggregate that has a statistic, one for each group."""
    aggregate = AGGREGATES[aggregation.aggregate]
    assert aggregate.statistic is not None
    assert aggregate.finish is not None
    found = tally.columns.get((aggregation.column, aggregate.statistic), {})
    values = aggregate.finish(tally.rows, found, aggregation.missing)
    if aggregation.missing == "all" and aggregation.aggregate != "nrow":
        known = found["known"] if "known" in found else tally.columns[aggregation.column, "known"]["known"]
        return np.where(known < tally.rows, np.nan, values)
    return values
