"""Frames: the list, and one frame with a window of its columns and rows."""

from __future__ import annotations

from aquifer_cluster.chunk import TITLES
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

from aquifer_flow.cells import Cell, columns_of_cells
from aquifer_flow.distributions import Distribution, distributions
from aquifer_flow.page import ViewModel, Visit
from aquifer_flow.window import Window, shown, window

ROWS_SHOWN = 20
COLUMNS_SHOWN = 50
LEVELS_SHOWN = 8

_RAW_CELL_BYTES = 8


class FrameLine(ViewModel):
    """A frame in a list; `raw_bytes` is what its cells would take at eight bytes each.

    A `temporary` one goes with the session that made it.
    """

    key: str
    rows: int
    columns: int
    nbytes: int
    raw_bytes: int
    temporary: bool

    @property
    def compression(self) -> float:
        """The compressed size as a share of the raw one."""
        return self.nbytes / self.raw_bytes if self.raw_bytes else 1.0


class FramesPage(ViewModel):
    """Frames, newest first, those that stay before temporary ones."""

    window: Window
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


class EncodingLine(ViewModel):
    """How much of a frame is held in an encoding."""

    title: str
    chunks: int
    nbytes: int


class Shard(ViewModel):
    """How many of a frame's rows a node holds."""

    node: int
    rows: int


class FramePage(ViewModel):
    """One frame; `columns` and `cells` are what the windows show."""

    frame: FrameLine
    encodings: tuple[EncodingLine, ...]
    shards: tuple[Shard, ...]
    column_window: Window
    row_window: Window
    columns: tuple[ColumnLine, ...]
    cells: tuple[tuple[Cell, ...], ...]


def frame_line(key: str, frame: Frame, temporary: bool = False) -> FrameLine:
    """What a list shows of a frame."""
    columns = len(frame.columns)
    return FrameLine(
        key=key,
        rows=frame.rows,
        columns=columns,
        nbytes=frame.nbytes,
        raw_bytes=frame.rows * columns * _RAW_CELL_BYTES,
        temporary=temporary,
    )


def temporaries(store: Store) -> frozenset[str]:
    """The keys that go with a session."""
    return frozenset().union(*store.sessions().values())


def frames_page(visit: Visit) -> FramesPage:
    """All frames, newest first, those that stay before temporary ones."""
    store = visit.coordinator.store
    passing = temporaries(store)
    newest = reversed(store.items(Frame))
    frames = sorted(newest, key=lambda item: item[0] in passing)
    here = window(visit.row, len(frames))
    lines = (frame_line(key, frame, key in passing) for key, frame in shown(frames, here))
    return FramesPage(window=here, frames=tuple(lines))


def frame_page(visit: Visit) -> FramePage:
    """A window of one frame: as many columns and rows as fit a page, whatever the frame's size.

    Raises KeyNotFound, or WrongKind if the key holds something else.
    """
    cloud, store = visit.coordinator.cloud, visit.coordinator.store
    frame = store.get(visit.key, Frame)
    rows = window(visit.row, frame.rows, ROWS_SHOWN)
    columns = window(visit.column, len(frame.columns), COLUMNS_SHOWN)
    seen = frame.select(range(columns.first, columns.last))
    drawn = distributions(cloud, seen)
    lines = (_column_line(seen, i, columns.first + i, drawn[i]) for i in range(len(seen.columns)))
    return FramePage(
        frame=frame_line(visit.key, frame, visit.key in temporaries(store)),
        encodings=tuple(_encoding_lines(frame)),
        shards=tuple(Shard(node=node, rows=frame.layout.rows_of(node)) for node in range(cloud.size)),
        column_window=columns,
        row_window=rows,
        columns=tuple(lines),
        cells=tuple(zip(*columns_of_cells(cloud, seen, rows.first, rows.last), strict=True)),
    )


def _encoding_lines(frame: Frame) -> list[EncodingLine]:
    """The encodings of a frame, the one that takes most before the others."""
    lines = (
        EncodingLine(title=TITLES[name], chunks=chunks, nbytes=nbytes)
        for name, (chunks, nbytes) in frame.encodings.items()
    )
    return sorted(lines, key=lambda line: -line.nbytes)


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
        encodings=tuple(TITLES[name] for name in sorted(rollups.encodings)),
        distribution=distribution,
    )
