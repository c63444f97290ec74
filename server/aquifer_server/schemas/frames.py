"""Frames and their columns."""

from __future__ import annotations

from pydantic import SerializeAsAny

from aquifer_server.schemas.base import Answer, Schema
from aquifer_server.schemas.jobs import JobV3
from aquifer_server.schemas.keys import KeyV3
from aquifer_server.schemas.two_dim_table import TwoDimTableV3

# fmt: off
DEFAULT_PERCENTILES = (
    0.001, 0.01, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.4, 0.5, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.9, 0.99, 0.999,
)
# fmt: on


class ColV3(Schema, schema_type="Vec"):
    """A column: roll-ups, and the rows of the window that was asked for.

    `data` are numbers, codes of an enum or milliseconds, NaN where missing; whole numbers that float64 does
    not hold are written with all their digits. `string_data` is text.
    """

    label: str
    missing_count: int
    zero_count: int
    positive_infinity_count: int
    negative_infinity_count: int
    mins: list[float]
    maxs: list[float]
    mean: float
    sigma: float
    type: str
    domain: list[str] | None
    domain_cardinality: int
    data: list[int | float] | None
    string_data: list[str | None] | None
    precision: int = -1
    histogram_bins: list[int] | None = None
    histogram_base: float = 0.0
    histogram_stride: float = 0.0
    percentiles: list[float] | None = None


class FrameBaseV3(Answer):
    """What every description of a frame has."""

    frame_id: SerializeAsAny[KeyV3] | None
    byte_size: int
    is_text: bool = False


class FrameV3(FrameBaseV3, schema_type="Frame"):
    """A frame: a window of its rows and columns."""

    row_offset: int
    row_count: int
    column_offset: int
    column_count: int
    full_column_count: int
    total_column_count: int
    checksum: int
    rows: int
    num_columns: int
    default_percentiles: tuple[float, ...] = DEFAULT_PERCENTILES
    columns: list[ColV3]
    compatible_models: list[str] | None = None
    chunk_summary: TwoDimTableV3 | None
    distribution_summary: TwoDimTableV3 | None


class FrameSynopsisV3(FrameBaseV3):
    """A frame in a list: `columns` is their number."""

    rows: int
    columns: int


class FramesListV3(Answer, schema_type="Frames"):
    """All frames."""

    frames: list[FrameSynopsisV3]


class FramesV3(Answer, schema_type="Frames"):
    """The frame asked for, after the request's own parameters."""

    row_offset: int = 0
    row_count: int = -1
    column_offset: int = 0
    full_column_count: int = -1
    column_count: int = -1
    compression: str | None = None
    write_checksum: bool = True
    tz_adjust_from_local: bool = False
    separator: int = 44
    header: bool = True
    quote_header: bool = True
    job: JobV3 | None = None
    frames: list[FrameV3] | None = None
    compatible_models: list[str] | None = None
    domain: list[list[str] | None] | None = None


class FrameChunkV3(Schema):
    """One block of rows and the node that owns it."""

    chunk_id: int
    row_count: int
    node_idx: int


class FrameChunksV3(Schema):
    """The layout of a frame."""

    frame_id: SerializeAsAny[KeyV3]
    chunks: list[FrameChunkV3]
