"""A frame as clients see it: a window of rows and columns, roll-ups, and how it is laid out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

import numpy as np
from aquifer_algos.table import Table, TableColumn
from aquifer_cluster.chunk import TITLES, ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import readable_bytes
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.placement import bytes_by_node
from aquifer_cluster.rollups import EXTREMES
from aquifer_cluster.transform.histogram import Histogram, histograms
from aquifer_cluster.transform.quantiles import quantiles

from aquifer_server.schemas.frames import DEFAULT_PERCENTILES, ColV3, FrameV3
from aquifer_server.schemas.keys import FrameKeyV3
from aquifer_server.schemas.two_dim_table import table_v3

DEFAULT_ROWS = 100
MAX_CELLS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Window:
    """The part of a frame that is asked for; −1 is all columns, or the customary number of rows.

    `full_columns` is how many of the columns come with rows and domains; the others with roll-ups only.
    """

    row_offset: int = 0
    row_count: int = -1
    column_offset: int = 0
    column_count: int = -1
    full_columns: int = -1

    def rows(self, available: int) -> range:
        """The rows that this window shows."""
        start = min(max(self.row_offset, 0), available)
        count = DEFAULT_ROWS if self.row_count < 0 else self.row_count
        return range(start, min(start + count, available))

    def columns(self, available: int) -> range:
        """The columns that this window shows."""
        start = min(max(self.column_offset, 0), available)
        count = available if self.column_count < 0 else self.column_count
        return range(start, min(start + count, available))


@dataclass(frozen=True)
class FrameView:
    """A window of a frame that is read while it is written, so that no large window is held at once.

    `light` leaves out the tables about the layout, `summarised` adds percentiles and histograms.
    """

    cloud: Cloud
    key: str | None
    frame: Frame
    window: Window = Window()
    light: bool = False
    summarised: bool = False

    def header(self) -> FrameV3:
        """All but the columns."""
        frame, rows, columns = self.frame, self._rows, self._columns
        return FrameV3(
            frame_id=FrameKeyV3.of(self.key) if self.key is not None else None,
            byte_size=frame.nbytes,
            row_offset=rows.start,
            row_count=len(rows),
            column_offset=columns.start,
            column_count=len(columns),
            full_column_count=self._full,
            total_column_count=len(frame.columns),
            checksum=_checksum(frame),
            rows=frame.rows,
            num_columns=len(frame.columns),
            columns=[],
            chunk_summary=None if self.light else table_v3(chunk_summary(frame)),
            distribution_summary=None if self.light else table_v3(distribution_summary(self.cloud, frame)),
        )

    def columns(self) -> Iterator[ColV3]:
        """The columns, read in groups of at most MAX_CELLS_AT_ONCE cells, or one by one."""
        columns, at_once = self._columns, max(1, MAX_CELLS_AT_ONCE // max(1, len(self._rows)))
        for start in range(0, len(columns), at_once):
            yield from self._group(columns[start : start + at_once], self._full - start)

    def whole(self) -> FrameV3:
        """The header with all columns. For small windows."""
        return self.header().with_fields(columns=list(self.columns()))

    def _group(self, columns: range, full: int) -> Iterator[ColV3]:
        """Some columns, the first `full` of them with rows and domains."""
        frame = self.frame.select(list(columns))
        read = frame.select(range(min(max(full, 0), len(columns))))
        values = self.cloud.read(read, self._rows.start, self._rows.stop) if read.columns else []
        counted = histograms(self.cloud, frame) if self.summarised else [None] * len(columns)
        for i, (name, column, histogram) in enumerate(zip(frame.names, frame.columns, counted, strict=True)):
            view = _view_column(name, column, values[i] if i < len(values) else None)
            yield view if histogram is None else _with_histogram(self.cloud, view, column, histogram)

    @property
    def _rows(self) -> range:
        return self.window.rows(self.frame.rows)

    @property
    def _columns(self) -> range:
        return self.window.columns(len(self.frame.columns))

    @property
    def _full(self) -> int:
        full, shown = self.window.full_columns, len(self._columns)
        return shown if full < 0 else min(full, shown)


def chunk_summary(frame: Frame) -> Table:
    """How many chunks and bytes of the frame are held in each encoding."""
    encodings = sorted(frame.encodings.items())
    names = [name for name, _ in encodings]
    counts = [chunks for _, (chunks, _) in encodings]
    sizes = [size for _, (_, size) in encodings]
    return Table(
        "Chunk compression summary",
        "",
        (
            TableColumn("chunk_type", "string", "%8s"),
            TableColumn("chunk_name", "string", "%s"),
            TableColumn("count", "int", "%10d"),
            TableColumn("count_percentage", "float", "%10.3f %%"),
            TableColumn("size", "string", "%10s"),
            TableColumn("size_percentage", "float", "%10.3f %%"),
        ),
        (
            tuple(names),
            tuple(TITLES[name] for name in names),
            tuple(counts),
            tuple(_percentage(count, sum(counts)) for count in counts),
            tuple(readable_bytes(size) for size in sizes),
            tuple(_percentage(size, sum(sizes)) for size in sizes),
        ),
    )


def distribution_summary(cloud: Cloud, frame: Frame) -> Table:
    """How the frame is spread over the nodes; afterwards mean, minimum, maximum, deviation and total."""
    layout, sizes = frame.layout, bytes_by_node(cloud, frame)
    blocks = [len(layout.blocks_of(node)) for node in range(cloud.size)]
    rows = [layout.rows_of(node) for node in range(cloud.size)]
    chunks = [count * len(frame.columns) for count in blocks]
    heads = [f"node {node}" for node in range(cloud.size)] + ["mean", "min", "max", "stddev", "total"]
    return Table(
        "Frame distribution summary",
        "",
        (
            TableColumn("", "string", "%s"),
            TableColumn("size", "string", "%s"),
            TableColumn("number_of_rows", "float", "%f"),
            TableColumn("number_of_chunks_per_column", "float", "%f"),
            TableColumn("number_of_chunks", "float", "%f"),
        ),
        (
            tuple(heads),
            tuple(readable_bytes(size) for size in _with_summary(sizes)),
            tuple(_with_summary(rows)),
            tuple(_with_summary(blocks)),
            tuple(_with_summary(chunks)),
        ),
    )


def _view_column(name: str, column: Column, values: Values | None) -> ColV3:
    rollups = column.rollups
    several_levels = len(column.domain or ()) > 2  # as numbers, the codes of two levels still say something
    numbers, texts = _wire_values(values, column.type) if values is not None else (None, None)
    return ColV3(
        label=name,
        missing_count=rollups.missing,
        zero_count=rollups.zeros,
        positive_infinity_count=rollups.positive_infinities,
        negative_infinity_count=rollups.negative_infinities,
        mins=_padded(rollups.lowest),
        maxs=_padded(rollups.highest),
        mean=math.nan if several_levels else rollups.mean,
        sigma=math.nan if several_levels else rollups.sigma,
        type=column.wire_type,
        domain=list(column.domain) if column.domain is not None and values is not None else None,
        domain_cardinality=len(column.domain or ()),
        data=numbers,
        string_data=texts,
        precision=0 if column.wire_type == "real" else -1,
    )


def _with_histogram(cloud: Cloud, view: ColV3, column: Column, histogram: Histogram) -> ColV3:
    exact = histogram.bins.exact and histogram.counts.any()
    return view.with_fields(
        histogram_bins=histogram.counts.tolist(),
        histogram_base=histogram.bins.base,
        histogram_stride=histogram.bins.stride,
        percentiles=histogram.quantiles(DEFAULT_PERCENTILES)
        if exact
        else quantiles(cloud, column, DEFAULT_PERCENTILES, "interpolate"),
    )


def _wire_values(
    values: Values, type: ColumnType
) -> tuple[list[int | float] | None, list[str | None] | None]:
    if type.dtype is None:
        return None, values.to_pylist()
    missing = is_missing(values, type)
    if type is ColumnType.NUMERIC and values.dtype.kind == "i":  # with digits that float64 does not hold
        pairs = zip(values.tolist(), missing.tolist(), strict=True)
        return [math.nan if lost else number for number, lost in pairs], None
    numbers = values.astype(np.float64)
    numbers[missing] = np.nan
    return numbers.tolist(), None


def _padded(extremes: Sequence[float]) -> list[float]:
    return [*extremes, *[math.nan] * (EXTREMES - len(extremes))]


def _checksum(frame: Frame) -> int:
    """A number that differs between frames of different columns; columns never change."""
    return hash(tuple((name, column.id) for name, column in zip(frame.names, frame.columns, strict=True)))


def _percentage(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def _with_summary(values: Sequence[float]) -> list[float]:
    return [*values, fmean(values), min(values), max(values), pstdev(values), sum(values)]
