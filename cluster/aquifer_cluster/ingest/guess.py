"""Guessing a parse set-up from the beginning of the sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import pyarrow as pa

from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest.blocks import BOM, record_ends
from aquifer_cluster.ingest.dialect import Dialect, count_columns, guess_separator, has_header, tokenize
from aquifer_cluster.ingest.inference import Inferred, infer
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import head
from aquifer_cluster.ingest.values import decoded

SAMPLE_BYTES = 1 << 20
"""How much text of a file is looked at."""

PREVIEW_ROWS = 10


def guess(sources: Sequence[Source], wishes: Wishes | None = None) -> ParseSetup:
    """The set-up for `sources`, guessed from the first of them where `wishes` leave it open.

    Raises ParseFailure for a file that holds nothing, InvalidArgument for wishes that do not fit the file.
    """
    if not sources:
        raise InvalidArgument("source_frames", "names no source; give at least one")
    wishes = wishes or Wishes()
    lines = _sample_lines(sources[0], wishes)
    separator = wishes.separator or guess_separator(lines, wishes.quote)
    rows = tokenize(lines, Dialect(separator, wishes.quote, wishes.escape))
    columns = count_columns(rows)
    header = wishes.header
    if header is Header.GUESS:
        header = Header.PRESENT if has_header(rows) else Header.NONE
    names = wishes.column_names
    if header is Header.PRESENT:
        names = names or tuple(field.strip() for field in rows[0])
        columns = max(columns, len(rows.pop(0)))
    inferred = _inferred(rows, columns, wishes)
    setup = ParseSetup(
        sources=tuple(sources),
        destination=wishes.destination or destination_of(sources),
        separator=separator,
        header=header,
        column_types=tuple(column.type for column in inferred),
        column_names=names,
        na_strings=wishes.na_strings or _na_strings(inferred),
        skipped_columns=wishes.skipped_columns,
        quote=wishes.quote,
        escape=wishes.escape,
        preview=tuple(tuple(row) for row in rows[:PREVIEW_ROWS]),
    )
    setup.check_shape()
    return setup


def _sample_lines(source: Source, wishes: Wishes) -> list[str]:
    """The first records of a source that are neither blank nor comments."""
    text, whole = head(source, SAMPLE_BYTES)
    text = text.removeprefix(BOM)
    dialect = Dialect(wishes.separator or ",", wishes.quote, wishes.escape)
    ends = record_ends(np.frombuffer(text, np.uint8), dialect).tolist()
    if whole or not ends:
        ends.append(len(text))
    starts = [0, *ends[:-1]]
    found = [decoded(text[start:end]).strip("\r\n") for start, end in zip(starts, ends, strict=True)]
    lines = [record for record in found if record.strip() and not record.startswith("#")]
    if not lines:
        raise ParseFailure(source.name, "whole file", "the file is empty: it holds no data and no header")
    return lines


def _inferred(rows: Sequence[Sequence[str]], columns: int, wishes: Wishes) -> list[Inferred]:
    wished = wishes.column_types or (None,) * columns
    if len(wished) != columns:
        raise InvalidArgument(
            "column_types", f"has {len(wished)} entries, but the file has {columns} columns"
        )
    fields = [*zip_longest(*(row[:columns] for row in rows))]
    fields += [()] * (columns - len(fields))
    return [
        Inferred(wish) if wish else infer(pa.array(column, pa.string()))
        for wish, column in zip(wished, fields, strict=True)
    ]


def _na_strings(inferred: Sequence[Inferred]) -> tuple[tuple[str, ...], ...] | None:
    return tuple(column.na_strings for column in inferred) if any(c.na_strings for c in inferred) else None
