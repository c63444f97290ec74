"""From long to wide frames and back: pivot and melt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import MAX_BLOCK_ROWS, Column, Frame, even_layout
from aquifer_cluster.node import Block, Target, Workspace
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.binding import unique_names
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
from aquifer_cluster.transform.factors import distinct
from aquifer_cluster.transform.keys import KeyCoding, coding_of
from aquifer_cluster.transform.numbers import Floats, as_numbers, numbers
from aquifer_cluster.transform.ordering import Rows, order_of, run_starts, share
from aquifer_cluster.transform.text_form import number_texts

MOST_COLUMNS = 10_000
_INDEX, _COLUMN, _VALUE = range(3)
_ROWS, _ORDER, _STARTS = "rows", "order", "starts"
_CELL_BYTES = 12  # a number, and where it is


def pivot(cloud: Cloud, frame: Frame, index: int, column: int, value: int) -> Frame:
    """A row for each value of the column `index`, and a column for each value of the column `column`.

    A cell has the first known `value` of the rows that have both. Rows and columns ascend. Raises
    InvalidArgument for text or missing values in `index` or `column` and for more than MOST_COLUMNS columns,
    and MemoryExceeded if the result would not fit.
    """
    _require_labels(frame, "index", index)
    _require_labels(frame, "column", column)
    found = distinct(cloud, frame.columns[column])
    if len(found) > MOST_COLUMNS:
        raise InvalidArgument(
            "column",
            f"'{frame.names[column]}' has {len(found):,} values; at most {MOST_COLUMNS:,} columns are made",
        )
    labels, titles = as_numbers(found, frame.columns[column].type), _titles(frame.columns[column], found)
    picked = tuple(frame.columns[i] for i in (index, column, value))
    slim = Frame(("index", "column", "value"), picked, frame.layout)
    coding = coding_of(cloud, slim, [_INDEX])
    with cloud.workspace() as job:
        ranges = exchange(cloud, job, "pivot", {_ROWS: (slim, coding)})
        layout = range_layout(cloud, cloud.run(job, _index_here, coding, ranges))
        made = cloud.produce(
            job,
            _cells_in_order,
            picked[_INDEX].type,
            picked[_VALUE].type,
            labels,
            layout=layout,
            types=[picked[_INDEX].type, *(picked[_VALUE].type for _ in titles)],
            domains=[picked[_INDEX].domain, *(picked[_VALUE].domain for _ in titles)],
            what=f"pivot: a result of {layout.rows:,} rows and {len(titles) + 1:,} columns",
            needed=layout.rows * len(titles) * _CELL_BYTES,
        )
    return rebalance(cloud, Frame(unique_names([frame.names[index], *titles]), tuple(made), layout))


def _require_labels(frame: Frame, argument: str, index: int) -> None:
    """Raise InvalidArgument unless every row of the column has a value that can name a row or a column."""
    name, column = frame.names[index], frame.columns[index]
    if column.type.dtype is None:
        raise InvalidArgument(argument, f"column '{name}' is {column.type}; make it categorical first")
    if column.rollups.missing:
        raise InvalidArgument(
            argument,
            f"column '{name}' has {column.rollups.missing:,} missing values; remove their rows first",
        )


def _titles(column: Column, values: Values) -> list[str]:
    """The names of the columns that the values of a column become."""
    if column.domain is not None:
        return [column.domain[code] for code in values]
    if column.type is ColumnType.TIME:
        return [f"{text}Z" for text in np.datetime_as_string(values.astype("datetime64[ms]"), unit="ms")]
    texts: list[str] = number_texts(values, column.rollups.whole).to_pylist()
    return texts


def _index_here(
    workspace: Workspace, blocks: list[Block], coding: KeyCoding, ranges: Ranges
) -> NDArray[np.int64]:
    """Find the values of the index that the node has; how many there are of each range."""
    words = held_words(workspace, _ROWS, coding)
    order = workspace.held[_ORDER] = order_of(workspace, words)
    starts = workspace.held[_STARTS] = run_starts(words, order)
    return ranges.sizes(words[0][order[starts[:-1]]])


def _cells_in_order(
    workspace: Workspace,
    targets: Sequence[Target],
    keep: Keep,
    index: ColumnType,
    value: ColumnType,
    labels: Floats,
) -> None:
    blocks, order, starts = held_blocks(workspace, _ROWS), workspace.held[_ORDER], workspace.held[_STARTS]
    flat = flat_column(workspace, blocks, _INDEX, index)
    for target in targets:
        keep(0, target, taken(flat, order[starts[:-1]][target.start : target.stop], index))
    cells, flat = _cells(blocks, order, starts, labels), flat_column(workspace, blocks, _VALUE, value)

    def gather(i: int) -> None:
        for target in targets:
            keep(i + 1, target, taken(flat, cells[target.start : target.stop, i], value))

    share(workspace, gather, len(labels))


def _cells(
    blocks: Sequence[Block], order: Rows, starts: NDArray[np.int64], labels: Floats
) -> NDArray[np.uint32]:
    """The row whose value each cell has; the number of rows for none. Shape (values of index, labels)."""
    rows = len(order)
    lines = np.empty(rows, np.int64)
    lines[order] = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    columns = np.concatenate([np.empty(0), *(numbers(block, _COLUMN) for block in blocks)])
    values = [block.chunks[_VALUE] for block in blocks]
    known = np.concatenate([np.empty(0, np.bool_), *(~is_missing(c.decode(), c.type) for c in values)])
    given = np.flatnonzero(known)[::-1]  # of those written into one cell the last one stays: the first row
    cells = np.full((len(starts) - 1, len(labels)), rows, np.uint32)
    cells[lines[given], np.searchsorted(labels, columns[given])] = given
    return cells


def melt(
    cloud: Cloud,
    frame: Frame,
    ids: Sequence[int],
    values: Sequence[int] = (),
    variable_name: str = "variable",
    value_name: str = "value",
    skip_missing: bool = False,
) -> Frame:
    """A row for each row and each of the columns `values`: the columns `ids`, that column's name and value.

    Without `values` they are all columns but `ids`. With `skip_missing` missing values make no row. Raises
    InvalidArgument without `ids` or for columns of other than numbers, and MemoryExceeded if the result would
    not fit.
    """
    chosen = list(values) or [i for i in range(len(frame.columns)) if i not in ids]
    _require_melting(frame, ids, chosen)
    rows = frame.rows * len(chosen)
    per_row = -(-frame.select(ids).nbytes // max(frame.rows, 1)) + 1 + np.dtype(np.float64).itemsize
    kept = [frame.columns[i] for i in ids]
    names = unique_names([*(frame.names[i] for i in ids), variable_name, value_name])
    labels = tuple(frame.names[i] for i in chosen)
    made = cloud.map_columns(
        frame.select([*ids, *chosen]),
        _melt_block,
        len(ids),
        skip_missing,
        types=[*(column.type for column in kept), ColumnType.ENUM, ColumnType.NUMERIC],
        domains=[*(column.domain for column in kept), labels, None],
        what=f"melt: a result of {rows:,} rows",
        needed=rows * per_row,
    )
    melted = Frame(names, tuple(made), made[0].layout)
    if max(melted.layout.block_rows) > MAX_BLOCK_ROWS:
        return cloud.redistribute(melted, even_layout(melted.rows, cloud.size, cloud.threads))
    return rebalance(cloud, melted)


def _require_melting(frame: Frame, ids: Sequence[int], values: Sequence[int]) -> None:
    if not ids:
        raise InvalidArgument("id_vars", "at least one column is needed that stays as it is")
    if not values:
        raise InvalidArgument("value_vars", "no column is left to be melted")
    for i in values:
        if frame.columns[i].type is not ColumnType.NUMERIC:
            raise InvalidArgument(
                "value_vars",
                f"only numbers can be melted, and '{frame.names[i]}' is {frame.columns[i].wire_type}",
            )
    both = [*ids, *values]
    if len(set(both)) != len(both):
        twice = next(i for i in both if both.count(i) > 1)
        raise InvalidArgument("value_vars", f"column '{frame.names[twice]}' is given twice")


def _melt_block(block: Block, ids: int, skip_missing: bool) -> list[Values]:
    wide = np.stack([numbers(block, i) for i in range(ids, len(block.chunks))], axis=1)
    values = wide.ravel()
    rows = np.repeat(np.arange(block.rows), wide.shape[1])
    variables = np.tile(np.arange(wide.shape[1], dtype=np.int32), block.rows)
    if skip_missing:
        known = ~np.isnan(values)
        rows, variables, values = rows[known], variables[known], values[known]
    return [*(chunk.take(rows) for chunk in block.chunks[:ids]), variables, values]
