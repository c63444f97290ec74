"""The reader of separated text: blocks of whole records, and what is in them.

A block of plain numbers has a fast way of its own. Any other is read by Arrow as the types say. One that
Arrow refuses is read as text and converted column by column; and if its records have different lengths,
record by record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.blocks import (
    NEWLINE,
    Bytes,
    FileBlock,
    Positions,
    TextBlock,
    Trait,
    cut,
    opened,
    record_ends,
    traits,
)
from aquifer_cluster.ingest.dialect import Dialect, records, tokenize
from aquifer_cluster.ingest.readers.base import ParsedBlock
from aquifer_cluster.ingest.readers.csv_header import is_header
from aquifer_cluster.ingest.readers.numeric import parse_numbers, reads_numbers
from aquifer_cluster.ingest.setup import Header, ParseSetup
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import parts
from aquifer_cluster.ingest.values import (
    NUMERIC_MISSING,
    Converted,
    beyond_exact,
    decoded,
    from_dictionary,
    from_numbers,
    from_text,
)

MAX_WARNINGS = 10
"""How many warnings one block gives; more would not be read."""

_LINE_ENDS = (NEWLINE, ord("\r"))
_TYPES = {
    ColumnType.NUMERIC: pa.float64(),
    ColumnType.ENUM: pa.dictionary(pa.int32(), pa.string()),
    ColumnType.STRING: pa.string(),
    ColumnType.TIME: pa.string(),
    ColumnType.UUID: pa.string(),
}
_CALLED = {ColumnType.NUMERIC: "number", ColumnType.TIME: "time", ColumnType.UUID: "uuid"}


@dataclass(frozen=True)
class Text:
    """The text of a block, ready to be parsed: UTF-8, no comments."""

    data: Bytes
    traits: Trait

    @property
    def content(self) -> bytes:
        """A copy as bytes."""
        return self.data.tobytes()

    @cached_property
    def blank(self) -> bool:
        """Whether there are only spaces and line ends; mostly the beginning tells."""
        return not self.data[:256].tobytes().strip() and not self.content.strip()


def read_blocks(source: Source, setup: ParseSetup, size: int) -> Iterator[tuple[TextBlock | FileBlock, int]]:
    """Blocks of a source without its header, and how many bytes of the file are read so far."""
    for number, part in enumerate(parts(source)):
        headed, first = setup.header is Header.PRESENT, number == 0 and source == setup.sources[0]
        with opened(part) as text:
            for block in cut(text, size, dialect_of(setup)):
                if headed:
                    headed = False
                    block = _without_header(block, setup, first)
                if block.length:
                    yield text.block(block), text.consumed(block)


def parse_block(block: TextBlock | FileBlock, setup: ParseSetup) -> ParsedBlock:
    """What is in a block. Records that are too short are padded, what is no number becomes missing."""
    if isinstance(block, FileBlock):
        block = block.loaded()
    text = _text_of(block.data, dialect_of(setup))
    if (numbers := _plain_numbers(text, setup)) is not None:
        return numbers
    if not _spaced_by_hand(text, setup.separator):
        for attempt in (_as_typed, _as_text):
            try:
                return attempt(text, block, setup)
            except pa.ArrowInvalid:
                continue
    return _by_record(text, block, setup)


def holds_numbers(block: TextBlock | FileBlock, setup: ParseSetup) -> bool:
    """Whether there are only plain numbers, and nothing or NA for missing ones, in a block."""
    data = block.loaded().data if isinstance(block, FileBlock) else block.data
    return _plain_numbers(_text_of(data, dialect_of(setup)), setup) is not None


def _plain_numbers(text: Text, setup: ParseSetup) -> ParsedBlock | None:
    return parse_numbers(text.data, setup) if reads_numbers(setup) and not text.traits else None


def dialect_of(setup: ParseSetup) -> Dialect:
    """The dialect of a set-up."""
    return Dialect(setup.separator, setup.quote, setup.escape, setup.comments)


def _without_header(block: TextBlock, setup: ParseSetup, first: bool) -> TextBlock:
    """The block after its first record, if that names columns."""
    dialect, start = dialect_of(setup), 0
    for end in (*record_ends(block.data, dialect).tolist(), block.length):
        record = decoded(block.data[start:end].tobytes())
        if record.strip() and record[0] not in dialect.comments:
            return block.after(end) if is_header(tokenize([record], dialect)[0], setup, first) else block
        start = end
    return block


def _text_of(data: Bytes, dialect: Dialect) -> Text:
    """The text of a block as UTF-8 without comments, and what is peculiar about it."""
    text = Text(data, traits(data, dialect))
    if Trait.COMMENTS in text.traits:
        text = Text(_without_comments(data, dialect), text.traits)
    if Trait.NOT_ASCII in text.traits:
        text = Text(np.frombuffer(decoded(text.content).encode(), np.uint8), text.traits)
    return text


def _without_comments(data: Bytes, dialect: Dialect) -> Bytes:
    """The text with comment lines made blank."""
    text, marks = bytearray(data), tuple(mark.encode() for mark in dialect.comments)
    for start in (0, *record_ends(data, dialect).tolist())[::-1]:
        if text.startswith(marks, start):
            stop = text.find(b"\n", start)
            del text[start : len(text) if stop < 0 else stop]
    return np.frombuffer(bytes(text), np.uint8)


def _spaced_by_hand(text: Text, separator: str) -> bool:
    """Whether spaces stand where only a walk through the fields tells what they mean.

    Several spaces separate as one does; a quote may follow a space; spaces within quotes are kept.
    """
    if separator == " ":
        return Trait.DOUBLE_SPACES in text.traits
    if Trait.SPACED_QUOTES not in text.traits:
        return False
    mark, content = separator.encode(), text.content
    if content.startswith(b'" '):
        return True
    return mark + b'" ' in content or b'\n" ' in content or mark + b' "' in content


# first attempt: Arrow reads fields as the types say


def _as_typed(text: Text, block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    fields = _fields(text, setup, {i: _arrow_type(setup, i) for i in setup.kept})
    fields |= _exact(text, setup, fields)
    spaced = Trait.SPACED in text.traits
    columns = [_typed_column(fields[i], setup, i, spaced) for i in setup.kept]
    if any(column.refused for column in columns):
        raise pa.ArrowInvalid("fields that are not what their column holds")
    return _parsed(columns, [])


def _arrow_type(setup: ParseSetup, column: int) -> pa.DataType:
    """What Arrow is to make of a column; text that needs work first stays text."""
    type = setup.column_types[column]
    if type is ColumnType.NUMERIC:
        return pa.string() if _missing(setup, column) else pa.float64()
    return _TYPES[type]


def _fields(text: Text, setup: ParseSetup, types: dict[int, pa.DataType]) -> dict[int, pa.Array]:
    """The columns of a block. A word for missing means that among numbers only, so it may take two passes."""
    numbers = {i: type for i, type in types.items() if type == pa.float64()}
    others = {i: type for i, type in types.items() if i not in numbers}
    if others:
        try:
            return _table(text, setup, types, ("",), quoted_null=False)
        except pa.ArrowInvalid:
            if not numbers:
                raise
    fields = _table(text, setup, numbers, NUMERIC_MISSING, quoted_null=True)
    return fields | (_table(text, setup, others, ("",), quoted_null=False) if others else {})


def _exact(text: Text, setup: ParseSetup, fields: dict[int, pa.Array]) -> dict[int, pa.Array]:
    """The columns of whole numbers so large that float64 lost digits of them, read again as they are."""
    exact: dict[int, pa.Array] = {}
    for i, field in fields.items():
        if pa.types.is_floating(field.type) and beyond_exact(field):
            with suppress(pa.ArrowInvalid):  # some have a fraction, or more digits than 64 bits hold
                exact |= _table(text, setup, {i: pa.int64()}, NUMERIC_MISSING, quoted_null=True)
    return exact


def _table(
    text: Text, setup: ParseSetup, types: dict[int, pa.DataType], null: Sequence[str], quoted_null: bool
) -> dict[int, pa.Array]:
    if text.blank:
        return {i: pa.array([], type) for i, type in types.items()}
    table = arrow_csv.read_csv(
        pa.py_buffer(text.data),
        arrow_csv.ReadOptions(
            use_threads=False,
            block_size=len(text.data) + 1,
            column_names=[str(i) for i in range(setup.number_columns)],
        ),
        arrow_csv.ParseOptions(
            delimiter=setup.separator,
            quote_char=setup.quote,
            escape_char=setup.escape or False,
            newlines_in_values=Trait.QUOTED in text.traits,
        ),
        arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types={str(i): type for i, type in types.items()},
            include_columns=[str(i) for i in types],
            null_values=list(null),
            strings_can_be_null=True,
            quoted_strings_can_be_null=quoted_null,
        ),
    )
    return {i: _one_array(table.column(str(i))) for i in types}


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        return joined.chunk(0) if joined.num_chunks else pa.array([], joined.type)
    return joined


def _typed_column(fields: pa.Array, setup: ParseSetup, column: int, spaced: bool) -> Converted:
    """Convert what Arrow has read; spaces before a field are left out, if there may be any."""
    encoded = pa.types.is_dictionary(fields.type)
    if not encoded and not pa.types.is_string(fields.type):
        return from_numbers(fields)
    if spaced and pc.any(pc.starts_with(fields.dictionary if encoded else fields, " ")).as_py():
        fields, encoded = fields.cast(pa.string()), False
    if encoded:
        return from_dictionary(fields, _missing(setup, column))
    return _text_column(fields, setup, column, spaced)


def _text_column(fields: pa.Array, setup: ParseSetup, column: int, spaced: bool) -> Converted:
    trimmed = pc.utf8_ltrim(fields, " ") if spaced else fields
    return from_text(trimmed, setup.column_types[column], _missing(setup, column), setup.time_zone)


# second attempt: Arrow cuts into fields, all of them text


def _as_text(text: Text, block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    fields = _table(text, setup, dict.fromkeys(setup.kept, pa.string()), ("",), quoted_null=False)
    spaced = Trait.SPACED in text.traits
    columns = [_text_column(fields[i], setup, i, spaced) for i in setup.kept]
    if not any(column.refused for column in columns):
        return _parsed(columns, [])
    lines = _record_lines(text.content, setup).tolist()
    return _parsed(columns, _refusals(columns, list(fields.values()), lines, block, setup))


def _record_lines(text: bytes, setup: ParseSetup) -> Positions:
    """The line, from 0, on which each record begins that is not blank."""
    data = np.frombuffer(text, np.uint8)
    starts = np.append(0, record_ends(data, dialect_of(setup)))
    starts = starts[starts < len(data)]
    starts = starts[~np.isin(data[starts], _LINE_ENDS)]
    mark = next((mark for mark in _LINE_ENDS if mark in data), NEWLINE)
    return np.searchsorted(np.flatnonzero(data == mark), starts)


# third attempt: record by record


def _by_record(text: Text, block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    columns = setup.number_columns
    found = list(_records(text.content, setup))
    lines = [line for _, line in found]
    arrays = [
        pa.array([row[i] if i < len(row) else None for row, _ in found], pa.string()) for i in setup.kept
    ]
    converted = [
        from_text(array, setup.column_types[i], _missing(setup, i), setup.time_zone)
        for i, array in zip(setup.kept, arrays, strict=True)
    ]
    ragged = _ragged([len(row) for row, _ in found], lines, block, columns)
    return _parsed(converted, ragged + _refusals(converted, arrays, lines, block, setup))


def _records(text: bytes, setup: ParseSetup) -> Iterator[tuple[list[str | None], int]]:
    """The records that are not blank; a quoted nothing alone is a record of a single column."""
    for row, line in records(decoded(text), dialect_of(setup)):
        if setup.number_columns == 1 or row != [""]:
            yield row, line


def _ragged(lengths: Sequence[int], lines: Sequence[int], block: TextBlock, columns: int) -> list[str]:
    """Warnings of records that have not as many fields as there are columns."""
    odd = [row for row, length in enumerate(lengths) if length != columns]
    return [
        f"{block.source}, line {block.line + lines[row]:,}: {lengths[row]} fields instead of {columns}, "
        + ("the rest is left out" if lengths[row] > columns else "the others are taken as missing")
        for row in odd[:MAX_WARNINGS]
    ]


def _refusals(
    columns: Sequence[Converted],
    texts: Sequence[pa.Array],
    lines: Sequence[int],
    block: TextBlock,
    setup: ParseSetup,
) -> list[str]:
    """Warnings of words among numbers, times or uuids."""
    types = (setup.column_types[i] for i in setup.kept)
    return [
        f"{block.source}, line {block.line + lines[row]:,}, column {name}: '{text[row].as_py()[:40]}' is not "
        f"a {_CALLED[type]} and is taken as missing"
        for column, text, name, type in zip(columns, texts, setup.kept_names, types, strict=True)
        for row in column.refused[:MAX_WARNINGS]
        if row < len(lines)  # readers may disagree on what ends a line in a mangled file
    ]


def _parsed(columns: Sequence[Converted], warnings: Sequence[str]) -> ParsedBlock:
    return ParsedBlock(
        tuple(column.values for column in columns),
        tuple(column.levels for column in columns),
        tuple(warnings[:MAX_WARNINGS]),
    )


def _missing(setup: ParseSetup, column: int) -> tuple[str, ...]:
    return setup.na_strings[column] if setup.na_strings and column < len(setup.na_strings) else ()
