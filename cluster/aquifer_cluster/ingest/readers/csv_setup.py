"""Guessing the set-up of separated text: separator, header, names and types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.frame import MAX_COLUMNS
from aquifer_cluster.ingest.blocks import BOM, FileBlock, TextBlock, record_ends
from aquifer_cluster.ingest.dialect import Dialect, count_columns, count_fields, guess_separator, tokenize
from aquifer_cluster.ingest.inference import Inferred, has_header, infer
from aquifer_cluster.ingest.readers.csv import holds_numbers, parse_block, read_blocks
from aquifer_cluster.ingest.readers.csv_header import repeats_names
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import head
from aquifer_cluster.ingest.values import decoded

SAMPLE_BYTES = 4 << 20
"""How much text is looked at for the types; H2O looks at as much of each file."""

MAX_FILES = 100
"""How many files of an import are looked at; the others are as these."""

PREVIEW_ROWS = 10

_HEAD_BYTES = 1 << 16
_MAX_HEAD_BYTES = 16 << 20
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class _Beginning:
    """How one file begins: its separator, the first rows without a header, and the names if it has one."""

    source: Source
    separator: str
    rows: list[list[str]]
    names: tuple[str, ...] | None
    columns: int


def guess(sources: Sequence[Source], wishes: Wishes) -> ParseSetup:
    """The set-up of separated text, guessed from the beginnings of `sources` where `wishes` leave it open.

    Raises ParseFailure for a file that holds nothing or is unlike the first, InvalidArgument for wishes
    that do not fit the file.
    """
    beginnings = [_beginning(source, wishes) for source in _that_hold_data(sources)[:MAX_FILES]]
    first = beginnings[0]
    for other in beginnings[1:]:
        _check_alike(first, other, wishes)
    names = next((file.names for file in beginnings if file.names is not None), None)
    columns = max(first.columns, len(names or ()))
    setup = ParseSetup(
        sources=tuple(sources),
        destination=wishes.destination or destination_of(sources),
        separator=first.separator,
        header=Header.NONE if names is None else Header.PRESENT,
        column_types=(ColumnType.STRING,) * columns,
        column_names=wishes.column_names or names,
        na_strings=wishes.na_strings,
        skipped_columns=wishes.skipped_columns,
        quote=wishes.quote,
        escape=wishes.escape,
        comments=wishes.comments,
        preview=tuple(tuple(row) for row in first.rows[:PREVIEW_ROWS]),
    )
    return _with_types(setup, wishes.column_types, [file.source for file in beginnings])


def _that_hold_data(sources: Sequence[Source]) -> list[Source]:
    """The files that are not empty; the first one if all are, which then is refused by name."""
    return [source for source in sources if source.size != 0] or list(sources[:1])


def _beginning(source: Source, wishes: Wishes) -> _Beginning:
    lines = _first_lines(source, wishes)
    separator = wishes.separator or guess_separator(lines, wishes.quote)
    dialect = Dialect(separator, wishes.quote, wishes.escape, wishes.comments)
    if count_fields(lines[0], dialect, MAX_COLUMNS) > MAX_COLUMNS:
        raise ParseFailure(
            source.name,
            "the first line",
            f"more than {MAX_COLUMNS:,} columns; is '{separator}' the separator?",
        )
    rows = tokenize(lines, dialect)
    columns = count_columns(rows)
    if wishes.header is Header.NONE or (wishes.header is Header.GUESS and not has_header(rows)):
        return _Beginning(source, separator, rows, None, columns)
    names = tuple(rows[0])
    return _Beginning(source, separator, rows[1:], names, max(columns, len(names)))


def _first_lines(source: Source, wishes: Wishes) -> list[str]:
    """The first records of a source that are neither blank nor comments: as many as the preview shows."""
    size = _HEAD_BYTES
    while True:
        text, whole = head(source, size)
        if text.startswith(_UTF_16):
            raise ParseFailure(source.name, "at its beginning", "it is UTF-16; convert it to UTF-8")
        lines = _whole_lines(text.removeprefix(BOM), whole, wishes)
        if whole or len(lines) > PREVIEW_ROWS or (lines and size >= _MAX_HEAD_BYTES):
            break
        if size >= _MAX_HEAD_BYTES:
            reason = f"it is longer than {_MAX_HEAD_BYTES >> 20} MB: is a quote left open, or is it no text?"
            raise ParseFailure(source.name, "the first line", reason)
        size *= 4
    if not lines:
        raise ParseFailure(source.name, "whole file", "the file is empty: it holds no data and no header")
    return lines[: PREVIEW_ROWS + 1]


def _whole_lines(text: bytes, whole: bool, wishes: Wishes) -> list[str]:
    dialect = Dialect(wishes.separator or ",", wishes.quote, wishes.escape, wishes.comments)
    ends = record_ends(np.frombuffer(text, np.uint8), dialect).tolist()
    if whole:
        ends.append(len(text))
    found = (
        decoded(text[start:end]).strip("\r\n").rstrip(" ")
        for start, end in zip([0, *ends], ends, strict=False)
    )
    return [record for record in found if record.strip() and record[0] not in wishes.comments]


def _check_alike(first: _Beginning, other: _Beginning, wishes: Wishes) -> None:
    """Raise ParseFailure for a file that cannot follow the first one in a frame."""
    difference = None
    if other.separator != first.separator and other.columns > 1 < first.columns:
        difference = f"its separator is '{other.separator}', not '{first.separator}'"
    elif other.columns != first.columns:
        difference = f"it has {other.columns} columns, not {first.columns}"
    elif (
        other.names
        and first.names
        and not wishes.column_names
        and not repeats_names(other.names, first.names)
    ):
        difference = f"its columns are {_listed(other.names)}, not {_listed(first.names)}"
    if difference:
        raise ParseFailure(
            other.source.name,
            "at its beginning",
            f"{difference} as in {first.source.name}; import them apart",
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _with_types(
    setup: ParseSetup, wished: Sequence[ColumnType | None] | None, sources: Sequence[Source]
) -> ParseSetup:
    """The set-up with the wished types, and those of a sample where there is no wish."""
    columns = setup.number_columns
    wished = wished or (None,) * columns
    if len(wished) != columns:
        raise InvalidArgument(
            "column_types", f"has {len(wished)} entries, but the file has {columns} columns"
        )
    if all(wished):
        return replace(setup, column_types=tuple(wish for wish in wished if wish))
    found = _inferred(replace(setup, skipped_columns=(), na_strings=None), sources)
    inferred = [Inferred(wish) if wish else type for wish, type in zip(wished, found, strict=True)]
    seen = tuple(column.na_strings for column in inferred)
    return replace(
        setup,
        column_types=tuple(column.type for column in inferred),
        na_strings=setup.na_strings or (seen if any(seen) else None),
    )


def _inferred(setup: ParseSetup, sources: Sequence[Source]) -> list[Inferred]:
    """The types of all columns as a sample tells them; one of nothing but numbers is soon understood."""
    blocks = list(_sample(setup, sources))
    numeric = replace(setup, column_types=(ColumnType.NUMERIC,) * setup.number_columns)
    if all(holds_numbers(block, numeric) for block in blocks):
        return [Inferred(ColumnType.NUMERIC)] * setup.number_columns
    parsed = [parse_block(block, setup).values for block in blocks]
    return infer([pa.concat_arrays(pieces) for pieces in zip(*parsed, strict=True)])


def _sample(setup: ParseSetup, sources: Sequence[Source]) -> Iterator[TextBlock | FileBlock]:
    """The first text of each source, SAMPLE_BYTES in all."""
    share = SAMPLE_BYTES // len(sources)
    for source in sources:
        size = 0
        for block, _ in read_blocks(source, setup, share):
            yield block
            size += block.length
            if size >= share:
                break
