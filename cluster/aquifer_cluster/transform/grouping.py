"""Grouping rows by the values of some columns, and aggregates of each group.

Keys of few bits number their groups themselves: every thread adds up its blocks, and the parts are put
together on the coordinator. Otherwise rows with the same key meet on one node, which finds its groups by
sorting.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block, Target, Workspace
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.binding import unique_names
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_cluster.transform.exchange import (
    Keep,
    Ranges,
    exchange,
    flat_column,
    held_blocks,
    held_words,
    range_layout,
    taken,
)
from aquifer_cluster.transform.keys import KeyCoding, coding_of, float_codes
from aquifer_cluster.transform.numbers import numbers
from aquifer_cluster.transform.ordering import Rows, order_of, run_starts, share, stretches
from aquifer_cluster.transform.tally import (
    AGGREGATES,
    Aggregation,
    Floats,
    Tally,
    combine,
    count_rows,
    finished,
    gather,
    require_aggregation,
    statistics_of,
)

_GROUPING = "group_by"
_NUMBER_BYTES = 8
_ROWS = "rows"
_FIRSTS = "first rows"
_AGGREGATES = "aggregates"
_FEW_BITS = 16
"""Keys of at most so many bits are group numbers: the tallies of every thread stay in its cache."""


def group_by(
    cloud: Cloud, frame: Frame, keys: Sequence[int], aggregations: Sequence[Aggregation] = ()
) -> Frame:
    """A row for each combination of values of the key columns, with aggregates of its rows.

    The columns are the keys and then `aggregate_column` (`nrow` alone for the number of rows); names that
    repeat get a number. Rows ascend by the keys; a missing key value is a value like others, and comes first.
    Categories and times count as numbers; aggregates of text columns are left out, as in H2O. Raises
    InvalidArgument for an aggregate, a rule or a column that there is not, or where nothing is left to make,
    and MemoryExceeded if the work does not fit.
    """
    for aggregation in aggregations:
        require_aggregation(frame, aggregation)
    chosen = [a for a in aggregations if _is_made(frame, a)]
    if not keys and not chosen:
        raise InvalidArgument("keys", "there is neither a column to group by nor an aggregate")
    used = list(dict.fromkeys([*keys, *(a.column for a in chosen)]))
    slim = frame.select(used)
    places = [used.index(key) for key in keys]
    asked = [Aggregation(a.aggregate, used.index(a.column), a.missing) for a in chosen]
    names = unique_names([*(frame.names[key] for key in keys), *(_name(frame, a) for a in chosen)])
    coding = coding_of(cloud, slim, places)
    ordered = any(AGGREGATES[a.aggregate].statistic is None for a in asked)
    group = _by_number if coding.bits <= _FEW_BITS and not ordered else _by_sorting
    return group(cloud, slim, coding, asked, names)


def _is_made(frame: Frame, aggregation: Aggregation) -> bool:
    return aggregation.aggregate == "nrow" or frame.columns[aggregation.column].type.dtype is not None


def _name(frame: Frame, aggregation: Aggregation) -> str:
    if aggregation.aggregate == "nrow":
        return "nrow"
    return f"{aggregation.aggregate}_{frame.names[aggregation.column]}"


# keys of few bits


def _by_number(
    cloud: Cloud, frame: Frame, coding: KeyCoding, asked: Sequence[Aggregation], names: tuple[str, ...]
) -> Frame:
    """The keys themselves number the groups."""
    with cloud.workspace() as job:
        wanted = statistics_of(asked)
        tallies = cloud.size * cloud.threads << coding.bits
        cloud.hold(job, _GROUPING, _NUMBER_BYTES * tallies * (1 + len(wanted)))
        parts = cloud.run(job, _tally_here, coding, wanted, frame=frame)
    tally = reduce(combine, parts)
    there = np.flatnonzero(tally.rows)
    keys = [frame.columns[column] for column in coding.columns]
    values = coding.values(there.astype(np.uint64), [column.type for column in keys])
    made = [
        NewColumn(name, column.type, found, column.domain)
        for name, column, found in zip(names, keys, values, strict=False)
    ]
    for name, aggregation in zip(names[len(keys) :], asked, strict=True):
        made.append(NewColumn(name, ColumnType.NUMERIC, finished(tally, aggregation)[there]))
    return make_frame(cloud, made)


def _tally_here(
    workspace: Workspace, blocks: list[Block], coding: KeyCoding, wanted: Sequence[tuple[int, str]]
) -> Tally:
    groups = 1 << coding.bits
    spans = stretches(len(blocks), workspace.threads)

    def tally(i: int) -> Tally:
        mine = blocks[spans[i]]
        ids = [coding.words(block)[0].astype(np.uint32) for block in mine]
        return Tally(count_rows(groups, ids), gather(groups, mine, ids, wanted))

    parts: list[Tally] = share(workspace, tally, len(spans))
    return reduce(combine, parts)


# any keys


def _by_sorting(
    cloud: Cloud, frame: Frame, coding: KeyCoding, asked: Sequence[Aggregation], names: tuple[str, ...]
) -> Frame:
    """Rows with the same key meet on a node and are brought in order there."""
    types = [frame.columns[column].type for column in coding.columns]
    domains = [frame.columns[column].domain for column in coding.columns]
    with cloud.workspace() as job:
        ranges = exchange(cloud, job, _GROUPING, {_ROWS: (frame, coding)})
        groups = min(frame.rows, 1 << coding.bits)
        cloud.hold(job, _GROUPING, _NUMBER_BYTES * groups * (1 + len(statistics_of(asked)) + len(asked)))
        sizes = cloud.run(job, _group_here, coding, ranges, asked)
        layout = range_layout(cloud, sizes)
        made = cloud.produce(
            job,
            _groups_in_order,
            coding.columns,
            types,
            layout=layout,
            types=[*types, *(ColumnType.NUMERIC for _ in asked)],
            domains=[*domains, *(None for _ in asked)],
            what=f"{_GROUPING}: a result of {layout.rows:,} rows",
            needed=layout.rows * _NUMBER_BYTES * (len(types) + len(asked)),
        )
    return rebalance(cloud, Frame(names, tuple(made), layout))


def _group_here(
    workspace: Workspace,
    blocks: list[Block],
    coding: KeyCoding,
    ranges: Ranges,
    asked: Sequence[Aggregation],
) -> NDArray[np.int64]:
    """Find the node's groups and their aggregates; how many groups there are of each range."""
    mine = held_blocks(workspace, _ROWS)
    words = held_words(workspace, _ROWS, coding)
    order = order_of(workspace, words)
    starts = run_starts(words, order)
    firsts = order[starts[:-1]]
    lengths = np.diff(starts)
    ids = np.empty(len(order), np.uint32)
    ids[order] = np.repeat(np.arange(len(firsts), dtype=np.uint32), lengths)
    pieces = np.split(ids, np.cumsum([block.rows for block in mine])[:-1]) if mine else []
    wanted = statistics_of(asked)
    parts = share(workspace, lambda i: gather(len(firsts), mine, pieces, [wanted[i]]), len(wanted))
    tally = Tally(lengths, {key: found for part in parts for key, found in part.items()})
    workspace.held[_FIRSTS] = firsts
    workspace.held[_AGGREGATES] = [
        finished(tally, aggregation)
        if AGGREGATES[aggregation.aggregate].statistic
        else _of_ordered_values(workspace, mine, ids, lengths, aggregation)
        for aggregation in asked
    ]
    return ranges.sizes(words[0][firsts])


def _groups_in_order(
    workspace: Workspace,
    targets: Sequence[Target],
    keep: Keep,
    keys: Sequence[int],
    types: Sequence[ColumnType],
) -> None:
    blocks, firsts = held_blocks(workspace, _ROWS), workspace.held[_FIRSTS]
    for output, (column, type) in enumerate(zip(keys, types, strict=True)):
        flat = flat_column(workspace, blocks, column, type)
        for target in targets:
            keep(output, target, taken(flat, firsts[target.start : target.stop], type))
    for output, values in enumerate(workspace.held[_AGGREGATES], len(keys)):
        for target in targets:
            keep(output, target, values[target.start : target.stop])


def _of_ordered_values(
    workspace: Workspace, blocks: Sequence[Block], ids: Rows, lengths: NDArray[np.int64], asked: Aggregation
) -> Floats:
    """An aggregate that needs the values of each group in order."""
    values = np.concatenate([np.empty(0), *(numbers(block, asked.column) for block in blocks)])
    if asked.missing == "rm" or asked.aggregate == "mode":
        known = ~np.isnan(values)
        ids, values = ids[known], values[known]
        lengths = count_rows(len(lengths), [ids])
    order = order_of(workspace, [ids.astype(np.uint64), float_codes(values)])
    if asked.aggregate == "mode":
        return _modes(ids[order], values[order], len(lengths))
    return _medians(values[order], lengths)


def _medians(values: Values, lengths: NDArray[np.int64]) -> Floats:
    """The mean of the one or two values in the middle of each run; NaN for a run of none."""
    starts = np.cumsum(lengths) - lengths
    padded = np.append(values, np.nan)
    low, high = starts + (lengths - 1) // 2, starts + lengths // 2
    there = lengths > 0
    found = (padded[np.where(there, low, -1)] + padded[np.where(there, high, -1)]) / 2
    return np.where(low == high, padded[np.where(there, low, -1)], found)


def _modes(ids: Rows, values: Floats, groups: int) -> Floats:
    """The commonest value of each group, the smallest of several; `ids` and then `values` ascend."""
    begins = np.ones(len(ids), np.bool_)
    begins[1:] = (ids[1:] != ids[:-1]) | (values[1:] != values[:-1])
    starts = np.flatnonzero(begins)
    counts = np.diff(np.append(starts, len(ids)))
    best = np.lexsort((-counts, ids[starts]))
    winners = best[np.unique(ids[starts][best], return_index=True)[1]]
    found = np.full(groups, np.nan)
    found[ids[starts][winners]] = values[starts][winners]
    return found
