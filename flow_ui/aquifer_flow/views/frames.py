"""Frames: the list, and one frame with a window of its columns and rows."""

from __future__ import annotations

from aquifer_cluster.frame import Frame

from aquifer_flow.cells import Cell, columns_of_cells
from aquifer_flow.distributions import Distribution, distributions
from aquifer_flow.page import ViewModel, Visit

ROWS_SHOWN = 20
COLUMNS_SHOWN = 50
LEVELS_SHOWN = 8

_DECODED_BYTES = 8


class FrameLine(ViewModel):
    """A frame in a list; `raw_bytes` is what its cells would take at eight bytes each."""

    key: str
    rows: int
    columns: int
    nbytes: int
    raw_bytes: int

    @property
    def compression(self) -> float:
        """The compressed size as a share of the raw one."""
        return self.nbytes / self.raw_bytes if self.raw_bytes else 1.0


class FramesPage(ViewModel):
    """All frames, newest first."""

    frames: tuple[FrameLine, ...]


class ColumnLine(ViewModel):
    """A column in the table of columns; statistics are those of the roll-ups, of categories none."""

    index: int
    name: str
    type: str
    missing: int
    minimum: float | None
    mean: float | None
    maximum: float | None
    sigma: float | None
    levels: tuple[str, ...]
    level_count: int
    nbytes: int
    encodings: tuple[str, ...]
    distribution: Distribution | None


class Shard(ViewModel):
    """How many of a frame's rows a node holds."""

    node: int
    rows: int


class FramePage(ViewModel):
    """One frame; `columns` and `cells` are the window that begins at `first_column` and `first_row`."""

    frame: FrameLine
    shards: tuple[Shard, ...]
    first_column: int
    first_row: int
    columns_shown: int = COLUMNS_SHOWN
    rows_shown: int = ROWS_SHOWN
    columns: tuple[ColumnLine, ...]
    cells: tuple[tuple[Cell, ...], ...]


def frame_line(key: str, frame: Frame) -> FrameLine:
    """What a list shows of a frame."""
    columns = len(frame.columns)
    return FrameLine(
        key=key,
        rows=frame.rows,
        columns=columns,
        nbytes=frame.nbytes,
        raw_bytes=frame.rows * columns * _DECODED_BYTES,
    )


def frames_page(visit: Visit) -> FramesPage:
    """All frames, newest first."""
    frames = reversed(visit.coordinator.store.items(Frame))
    return FramesPage(frames=tuple(frame_line(key, frame) for key, frame in frames))


def frame_page(visit: Visit) -> FramePage:
    """A window of one frame: as many columns and rows as fit a page, whatever the frame's size.

    Raises KeyNotFound, or WrongKind if the key holds something else.
    """
    cloud = visit.coordinator.cloud
    frame = visit.coordinator.store.get(visit.key, Frame)
    row, column = _within(visit.row, frame.rows), _within(visit.column, len(frame.columns))
    shown = frame.select(range(column, min(column + COLUMNS_SHOWN, len(frame.columns))))
    drawn = distributions(cloud, shown)
    lines = (_column_line(shown, i, column + i, drawn[i]) for i in range(len(shown.columns)))
    nodes = range(cloud.size)
    return FramePage(
        frame=frame_line(visit.key, frame),
        shards=tuple(Shard(node=node, rows=frame.layout.rows_of(node)) for node in nodes),
        first_column=column,
        first_row=row,
        columns=tuple(lines),
        cells=tuple(zip(*columns_of_cells(cloud, shown, row, row + ROWS_SHOWN), strict=True)),
    )


def _column_line(frame: Frame, position: int, index: int, distribution: Distribution | None) -> ColumnLine:
    column = frame.columns[position]
    rollups, domain = column.rollups, column.domain
    measured = column.type.dtype is not None and domain is None and rollups.count > 0
    return ColumnLine(
        index=index,
        name=frame.names[position],
        type=column.wire_type,
        missing=rollups.missing,
        minimum=rollups.minimum if measured else None,
        mean=rollups.mean if measured else None,
        maximum=rollups.maximum if measured else None,
        sigma=rollups.sigma if measured else None,
        levels=(domain or ())[:LEVELS_SHOWN],
        level_count=len(domain or ()),
        nbytes=rollups.nbytes,
        encodings=tuple(sorted(rollups.encodings)),
        distribution=distribution,
    )


def _within(first: int, size: int) -> int:
    """The asked-for beginning of a window, or 0 if it is beyond the end."""
    return first if first < size else 0
