"""Putting frames together: beside each other, below each other, and with other names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import MAX_COLUMNS, Column, Frame, Layout
from aquifer_cluster.transform.alignment import align, rebalance
from aquifer_cluster.transform.factors import with_domain


def bind_columns(cloud: Cloud, frames: Sequence[Frame]) -> Frame:
    """All columns of the frames beside each other; names that are taken get a number: `x`, `x0`, `x1`.

    Raises InvalidArgument if the frames differ in rows, or have too many columns together.
    """
    if (width := sum(len(frame.columns) for frame in frames)) > MAX_COLUMNS:
        raise InvalidArgument("cbind", f"{width:,} columns; a frame has {MAX_COLUMNS:,} at most")
    aligned = align(cloud, frames)
    names = unique_names(name for frame in aligned for name in frame.names)
    columns = tuple(column for frame in aligned for column in frame.columns)
    return Frame(names, columns, aligned[0].layout)


def append_column(cloud: Cloud, frame: Frame, name: str, column: Column) -> Frame:
    """The frame with one more column at the end."""
    single = Frame((name,), (column,), column.layout)
    if frame.columns or frame.rows:
        return bind_columns(cloud, [frame, single])
    return single


def bind_rows(cloud: Cloud, frames: Sequence[Frame]) -> Frame:
    """The rows of the frames below each other; the levels of categories are united.

    Raises InvalidArgument if the frames differ in their column names or types, and MemoryExceeded if the
    rows do not fit a second time.
    """
    for frame in frames[1:]:
        _require_same_columns(frames[0], frame)
    cloud.require("rbind", sum(frame.nbytes for frame in frames))
    domains = [_united(frame.columns[i] for frame in frames) for i in range(len(frames[0].columns))]
    recoded = [_in_domains(cloud, frame, domains) for frame in frames]
    layout = Layout(
        tuple(rows for frame in recoded for rows in frame.layout.block_rows),
        tuple(owner for frame in recoded for owner in frame.layout.owners),
    )
    return rebalance(cloud, cloud.concatenate(recoded, layout))


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names, those that repeat with the first free number behind them."""
    taken: dict[str, int] = {}  # with the first number that may be free behind each
    for name in names:
        candidate, number = name, taken.get(name, 0)
        while candidate in taken:
            candidate, number = f"{name}{number}", number + 1
        if number:
            taken[name] = number
        taken.setdefault(candidate, 0)
    return tuple(taken)


def _require_same_columns(first: Frame, other: Frame) -> None:
    if len(first.columns) != len(other.columns):
        raise InvalidArgument(
            "rbind",
            "frames must have all the same columns, found "
            f"{len(first.columns)} and {len(other.columns)} columns",
        )
    for name, found, column, expected in zip(
        first.names, other.names, other.columns, first.columns, strict=True
    ):
        if name != found:
            raise InvalidArgument(
                "rbind", f"frames must have all the same column names, found '{name}' and '{found}'"
            )
        if column.type is not expected.type:
            raise InvalidArgument(
                "rbind",
                f"frames must have all the same column types, found {expected.type} and {column.type} "
                f"in column '{name}'",
            )


def _united(columns: Iterable[Column]) -> tuple[str, ...] | None:
    """The levels of the columns in order of first appearance; None if they are not categories."""
    labels: dict[str, None] = {}
    for column in columns:
        if column.type is not ColumnType.ENUM:
            return None
        labels.update(dict.fromkeys(column.domain or ()))
    return tuple(labels)


def _in_domains(cloud: Cloud, frame: Frame, domains: Sequence[tuple[str, ...] | None]) -> Frame:
    columns = tuple(
        with_domain(cloud, column, domain) if domain is not None and domain != column.domain else column
        for column, domain in zip(frame.columns, domains, strict=True)
    )
    return Frame(frame.names, columns, frame.layout)
