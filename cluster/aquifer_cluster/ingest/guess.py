"""Guessing a parse set-up from the beginning of the sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest.blocks import Dialect, record_ends
from aquifer_cluster.ingest.csv import decoded
from aquifer_cluster.ingest.dialect import guess_separator, has_header, tokenize
from aquifer_cluster.ingest.inference import infer_type
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import head

SAMPLE_BYTES = 1 << 18
"""How much text of a file is looked at."""

PREVIEW_ROWS = 10
_LINES_FOR_SEPARATOR = 10
_BOM = "\ufeff"


def guess(sources: Sequence[Source], wishes: Wishes | None = None) -> ParseSetup:
    """The set-up for `sources`, guessed where `wishes` leave it open.

    Raises ParseFailure for a file that holds nothing, InvalidArgument for wishes that do not fit the file.
    """
    if not sources:
        raise InvalidArgument("source_frames", "names no source; give at least one")
    wishes = wishes or Wishes()
    lines = _sample_lines(sources[0], wishes)
    separator = wishes.separator or guess_separator(lines[:_LINES_FOR_SEPARATOR], wishes.quote)
    rows = tokenize(lines, separator, wishes.quote, wishes.escape)
    header = wishes.header
    if header is Header.GUESS:
        header = Header.PRESENT if has_header(rows) else Header.NONE
    names = tuple(field.strip() for field in rows[0]) if header is Header.PRESENT else None
    body = rows[1:] if header is Header.PRESENT else rows
    columns = len(names) if names else max(len(row) for row in rows)
    setup = ParseSetup(
        sources=tuple(sources),
        destination=wishes.destination or destination_of(sources),
        separator=separator,
        header=header,
        column_types=_types(body, columns, wishes),
        column_names=wishes.column_names or names,
        na_strings=wishes.na_strings,
        skipped_columns=wishes.skipped_columns,
        quote=wishes.quote,
        escape=wishes.escape,
        preview=tuple(tuple(row) for row in body[:PREVIEW_ROWS]),
    )
    setup.check()
    return setup


def _sample_lines(source: Source, wishes: Wishes) -> list[str]:
    """The first records of a source that are neither blank nor comments."""
    text, whole = head(source, SAMPLE_BYTES)
    data = np.frombuffer(text, np.uint8)
    ends = record_ends(data, Dialect(wishes.separator or ",", wishes.quote, wishes.escape)).tolist()
    if whole or not ends:
        ends.append(len(text))
    starts = [0, *ends[:-1]]
    records = [decoded(text[start:end]).strip("\r\n") for start, end in zip(starts, ends, strict=True)]
    records[0] = records[0].removeprefix(_BOM)
    lines = [record for record in records if record.strip() and not record.startswith("#")]
    if not lines:
        raise ParseFailure(source.name, "whole file", "the file is empty: it holds no data and no header")
    return lines


def _types(body: Sequence[Sequence[str]], columns: int, wishes: Wishes) -> tuple[ColumnType, ...]:
    wished = wishes.column_types or (None,) * columns
    if len(wished) != columns:
        raise InvalidArgument(
            "column_types", f"has {len(wished)} entries, but the file has {columns} columns"
        )
    return tuple(
        wish or infer_type([row[i] for row in body if i < len(row)]) for i, wish in enumerate(wished)
    )
