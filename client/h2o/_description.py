"""What the server tells about a frame: its shape, its columns and their statistics, its first rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from h2o._connection import Connection
from h2o.display import Table, cell, shorten
from h2o.two_dim_table import H2OTwoDimTable

__all__ = [
    "ColumnDescription",
    "FrameDescription",
    "describe",
    "layout_tables",
    "preview_table",
    "structure_table",
    "summaries",
    "summary_table",
]

PREVIEW_ROWS = 10
SUMMARY_COLUMNS = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNTOLD = ("__meta", "label", "string_data", "domain_cardinality")
_STATISTICS = ("column", "type", "min", "mean", "max", "sigma", "zeros", "missing", "levels")


@dataclass(frozen=True)
class ColumnDescription:
    """One column; minimum, maximum, mean and sigma are None where the type has none.

    ``type`` is the server's: int, real, enum, string, time, uuid or bad. ``values`` are the first rows,
    categories as their names, times as ISO text, missing as None.
    """

    name: str
    type: str
    domain: tuple[str, ...] | None
    minimum: float | None
    maximum: float | None
    mean: float | None
    sigma: float | None
    zeros: int
    missing: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class FrameDescription:
    """A frame of ``rows`` rows."""

    rows: int
    columns: tuple[ColumnDescription, ...]


def describe(connection: Connection, key: str, rows: int = PREVIEW_ROWS, offset: int = 0) -> FrameDescription:
    """Ask for ``rows`` rows of the frame ``key`` from ``offset`` on; H2OResponseError if there is none."""
    wire = connection.call("GET /3/Frames/{}", key, query=_window(rows, offset))["frames"][0]
    return FrameDescription(wire["rows"], tuple(map(_column, wire["columns"])))


def _window(rows: int, offset: int) -> dict[str, int]:
    window = {"row_offset": offset, "row_count": rows, "column_offset": 0}
    return {**window, "column_count": -1, "full_column_count": -1}


def summaries(connection: Connection, key: str) -> dict[str, dict[str, Any]]:
    """Name → what the server tells about the column of the frame ``key``, as it tells it."""
    wire = connection.call("GET /3/Frames/{}", key, query=_window(PREVIEW_ROWS, 0))["frames"][0]
    return {
        column["label"]: {
            **{name: value for name, value in column.items() if name not in _UNTOLD},
            "data": column["string_data"] or column["data"],
        }
        for column in wire["columns"]
    }


def layout_tables(connection: Connection, key: str) -> tuple[H2OTwoDimTable, H2OTwoDimTable]:
    """The encodings of the frame ``key``, and how it is spread over the nodes."""
    wire = connection.call("GET /3/Frames/{}", key, query={"row_count": 1, "column_count": 1})["frames"][0]
    encodings = H2OTwoDimTable.from_wire(wire["chunk_summary"])
    return encodings, H2OTwoDimTable.from_wire(wire["distribution_summary"])


def _column(wire: Mapping[str, Any]) -> ColumnDescription:
    has_statistics = wire["type"] in ("int", "real", "time")
    return ColumnDescription(
        name=wire["label"],
        type=wire["type"],
        domain=None if wire["domain"] is None else tuple(wire["domain"]),
        minimum=_first(wire["mins"]) if has_statistics else None,
        maximum=_first(wire["maxs"]) if has_statistics else None,
        mean=_number(wire["mean"]) if has_statistics else None,
        sigma=_number(wire["sigma"]) if has_statistics else None,
        zeros=wire["zero_count"],
        missing=wire["missing_count"],
        values=tuple(_value(wire, i) for i in range(len(wire["string_data"] or wire["data"] or ()))),
    )


def _number(value: Any) -> float | None:
    number = float("nan") if value is None else float(value)
    return None if number != number else number


def _first(values: list[Any] | None) -> float | None:
    return _number(values[0]) if values else None


def _value(wire: Mapping[str, Any], index: int) -> Any:
    if wire["string_data"]:
        return wire["string_data"][index]
    data = wire["data"][index]
    if isinstance(data, int) and wire["type"] == "int":  # beyond 2^53, with all its digits
        return data
    number = _number(data)
    if number is None:
        return None
    if wire["type"] == "enum":
        return wire["domain"][int(number)]
    if wire["type"] == "time":
        return _moment(number)
    return int(number) if wire["type"] == "int" and number.is_integer() else number


def _moment(milliseconds: float) -> str:
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="auto")


def preview_table(frame: FrameDescription, most_columns: int | None = None) -> Table:
    """The rows that came with the description, of the first ``most_columns`` columns."""
    columns = frame.columns[:most_columns]
    count = max((len(column.values) for column in columns), default=0)
    rows = [[column.values[i] for column in columns] for i in range(count)]
    size = f"[{frame.rows} {'row' if frame.rows == 1 else 'rows'} x {len(frame.columns)} "
    return Table(
        [column.name for column in columns],
        rows,
        footnote=size + ("column]" if len(frame.columns) == 1 else "columns]"),
    )


def summary_table(frame: FrameDescription) -> Table:
    """A line of statistics for each column; of very wide frames the first and the last columns."""
    lines = [_statistics(column) for column in frame.columns]
    footnote = ""
    if len(lines) > SUMMARY_COLUMNS:
        half = SUMMARY_COLUMNS // 2
        footnote = f"[{len(lines) - 2 * half} more columns between]"
        lines = [*lines[:half], ["…"] + [None] * (len(_STATISTICS) - 1), *lines[-half:]]
    return Table(
        _STATISTICS, lines, title=f"{frame.rows} rows, {len(frame.columns)} columns", footnote=footnote
    )


def _statistics(column: ColumnDescription) -> list[object]:
    levels = None if column.domain is None else len(column.domain)
    extent: list[object] = [column.minimum, column.mean, column.maximum]
    if column.type == "time":
        extent = [None if value is None else _moment(float(str(value))) for value in extent]
    return [column.name, column.type, *extent, column.sigma, column.zeros, column.missing, levels]


def structure_table(key: str, frame: FrameDescription) -> Table:
    """A line for each column: its type, and its levels or first values."""
    lines = [
        [column.name, column.type, ", ".join(cell(value) for value in column.domain or column.values)]
        for column in frame.columns
    ]
    title = f"H2OFrame {key}: {frame.rows} rows of {len(lines)} columns"
    return Table(("column", "type", "values"), [[*line[:2], shorten(line[2])] for line in lines], title)
