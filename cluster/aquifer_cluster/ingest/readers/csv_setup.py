"""Guessing the set-up of separated text: separator, header, names and types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest.blocks import BOM, record_ends
from aquifer_cluster.ingest.dialect import Dialect, count_columns, guess_separator, has_header, tokenize
from aquifer_cluster.ingest.inference import Inferred, infer
from aquifer_cluster.ingest.readers.base import ParsedBlock
from aquifer_cluster.ingest.readers.csv import parse_block, read_blocks
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import head
from aquifer_cluster.ingest.values import decoded

SAMPLE_BYTES = 4 << 20
"""How much text of a file is looked at for the types; H2O looks at as much."""

_HEAD_BYTES = 1 << 16

PREVIEW_ROWS = 10


def guess(sources: Sequence[Source], wishes: Wishes) -> ParseSetup:
    """The set-up of separated text, guessed from the first of `sources` where `wishes` leave it open.

    Raises ParseFailure for a file that holds nothing, InvalidArgument for wishes that do not fit the file.
    """
    lines = _first_lines(sources[0], wishes)
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
    setup = ParseSetup(
        sources=tuple(sources),
        destination=wishes.destination or destination_of(sources),
        separator=separator,
        header=header,
        column_types=(ColumnType.STRING,) * columns,
        column_names=names,
        na_strings=wishes.na_strings,
        skipped_columns=wishes.skipped_columns,
        quote=wishes.quote,
        escape=wishes.escape,
        preview=tuple(tuple(row) for row in rows[:PREVIEW_ROWS]),
    )
    return _with_types(setup, wishes.column_types)


def _first_lines(source: Source, wishes: Wishes) -> list[str]:
    """The first records of a source that are neither blank nor comments."""
    text, whole = head(source, _HEAD_BYTES)
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
    return lines[: PREVIEW_ROWS + 1]


def _with_types(setup: ParseSetup, wished: Sequence[ColumnType | None] | None) -> ParseSetup:
    """The set-up with the wished types, and those of a sample where there is no wish."""
    columns = setup.number_columns
    wished = wished or (None,) * columns
    if len(wished) != columns:
        raise InvalidArgument(
            "column_types", f"has {len(wished)} entries, but the file has {columns} columns"
        )
    if all(wished):
        return replace(setup, column_types=tuple(wish for wish in wished if wish))
    sample = _sample(replace(setup, skipped_columns=(), na_strings=None))
    inferred = [Inferred(wish) if wish else infer(text) for wish, text in zip(wished, sample, strict=True)]
    seen = tuple(column.na_strings for column in inferred)
    return replace(
        setup,
        column_types=tuple(column.type for column in inferred),
        na_strings=setup.na_strings or (seen if any(seen) else None),
    )


def _sample(setup: ParseSetup) -> list[pa.Array]:
    """The first SAMPLE_BYTES of the first source as text, column by column."""
    blocks: list[ParsedBlock] = []
    size = 0
    for block, _ in read_blocks(setup.sources[0], setup, SAMPLE_BYTES):
        blocks.append(parse_block(block, setup))
        size += len(block.data)
        if size >= SAMPLE_BYTES:
            break
    return [
        pa.concat_arrays([block.values[i] for block in blocks]) if blocks else pa.array([], pa.string())
        for i in range(setup.number_columns)
    ]
