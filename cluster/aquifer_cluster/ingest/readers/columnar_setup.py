"""Guessing the set-up of files of typed columns: they say all of it, except what text holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest.inference import infer
from aquifer_cluster.ingest.readers.arrow_types import as_text, kind_of
from aquifer_cluster.ingest.readers.columnar import (
    NO_SINGLE_VALUE,
    ColumnarFile,
    Opener,
    check_wishes,
    reading,
    rebatched,
    short,
)
from aquifer_cluster.ingest.setup import ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source

SAMPLE_ROWS = 16_384
"""How many rows are looked at to tell what text holds."""

PREVIEW_ROWS = 10
_SEPARATOR = "|"  # H2O's answer for files that have none
_MARK = "_"


def guess(sources: Sequence[Source], wishes: Wishes, parse_type: str, opener: Opener) -> ParseSetup:
    """The set-up of files of typed columns, from the first of `sources` where `wishes` leave it open.

    Columns of lists and the like are left out, with a warning: clients cannot do so before they see them.
    Raises ParseFailure for a file that cannot be read, InvalidArgument for wishes that do not fit it.
    """
    with reading(sources[0], opener, wishes.header) as (file, _):
        schema = file.schema
        wished = wishes.column_types or (None,) * len(schema)
        if len(wished) != len(schema):
            raise InvalidArgument(
                "column_types", f"has {len(wished)} entries, but the file has {len(schema)} columns"
            )
        nested = [i for i, field in enumerate(schema) if kind_of(field.type) is None]
        if len(nested) == len(schema):
            raise ParseFailure(sources[0].name, "schema", "no column has single values; unfold it first")
        skipped = sorted({*wishes.skipped_columns, *nested})
        check_wishes(schema, wished, skipped)
        return ParseSetup(
            sources=tuple(sources),
            destination=wishes.destination or destination_of(sources),
            separator=_SEPARATOR,
            header=file.header,
            column_types=tuple(_types(file, wished)),
            column_names=wishes.column_names or tuple(schema.names),
            na_strings=wishes.na_strings,
            skipped_columns=tuple(skipped),
            quote=wishes.quote,
            escape=wishes.escape,
            comments=wishes.comments,
            parse_type=parse_type,
            preview=_preview(file),
            warnings=tuple(
                f"column '{schema.names[i]}' is {short(schema.types[i])}, {NO_SINGLE_VALUE}, and is left out"
                for i in nested
                if i not in wishes.skipped_columns
            ),
        )


def _types(file: ColumnarFile, wished: Sequence[ColumnType | None]) -> Iterator[ColumnType]:
    """The type of each column; one that cannot be read, and so is skipped, passes for string."""
    kinds = [kind_of(field.type) for field in file.schema]
    open_ones = [
        name
        for name, kind, wish in zip(file.schema.names, kinds, wished, strict=True)
        if kind and kind.natural is None and wish is None and name not in file.told
    ]
    sample = _first_rows(file, open_ones, SAMPLE_ROWS) if open_ones else None
    sampled = set(open_ones)
    for name, kind, wish in zip(file.schema.names, kinds, wished, strict=True):
        guessed = sample and name in sampled and _text_type(as_text(sample.column(name)))
        yield wish or file.told.get(name) or guessed or (kind and kind.natural) or ColumnType.STRING


def _text_type(text: pa.Array) -> ColumnType:
    """What text holds, as H2O has it: never numbers, for those would have been written as numbers."""
    if text.null_count == len(text):
        return ColumnType.STRING
    [found] = infer([text])
    if found.type is ColumnType.NUMERIC:
        [found] = infer([pc.binary_join_element_wise(_MARK, text, "")])  # as if its words were no numbers
    return found.type


def _first_rows(file: ColumnarFile, columns: Sequence[str], rows: int) -> pa.RecordBatch | None:
    return next(rebatched(file.batches(columns, (), rows), rows), None)


def _preview(file: ColumnarFile) -> tuple[tuple[str, ...], ...]:
    """The first rows as text; nothing where a value is missing or is none."""
    columns = [field.name for field in file.schema if kind_of(field.type)]
    first = _first_rows(file, columns, PREVIEW_ROWS) if columns else None
    if first is None:
        return ()
    shown = {name: as_text(first.column(name)).fill_null("").to_pylist() for name in columns}
    blank = [""] * first.num_rows
    return tuple(zip(*(shown.get(name, blank) for name in file.schema.names), strict=True))
