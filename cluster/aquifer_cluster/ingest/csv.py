"""The reader of separated text: blocks of whole records, and what is in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.ingest.blocks import NEWLINE, Bytes, Dialect, TextBlock, cut, record_ends
from aquifer_cluster.ingest.dialect import is_number, tokenize
from aquifer_cluster.ingest.setup import Header, ParseSetup
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import SourceStream
from aquifer_cluster.ingest.values import (
    NUMERIC_MISSING,
    Converted,
    from_dictionary,
    from_numbers,
    from_strings,
    from_text,
)

MAX_WARNINGS = 10
"""How many warnings one block gives; more would not be read."""

_COMMENT = ord("#")
_BLANK = {b"\n", b"\r\n", b""}


@dataclass(frozen=True)
class ParsedBlock:
    """The kept columns of one block: decoded values, levels of the enum columns, warnings."""

    values: tuple[Values, ...]
    levels: tuple[tuple[str, ...] | None, ...]
    warnings: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.values[0])


def read_blocks(source: Source, setup: ParseSetup, size: int) -> Iterator[tuple[TextBlock, int]]:
    """Blocks of a source without its header, and how many bytes of the file are read so far."""
    dialect = dialect_of(setup)
    with SourceStream(source) as stream:
        for number, block in enumerate(cut(stream, size, dialect)):
            if number == 0 and setup.header is Header.PRESENT:
                block = _without_header(block, dialect, setup, source is setup.sources[0])
            if len(block.data):
                yield block, stream.consumed


def parse_block(block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    """What is in a block. Records that are too short are padded, what is no number becomes missing."""
    text = _without_comments(block.data, dialect_of(setup))
    try:
        return _parse_strictly(text, setup)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return _parse_leniently(text, block, setup)


def dialect_of(setup: ParseSetup) -> Dialect:
    """The dialect of a set-up."""
    return Dialect(setup.separator, setup.quote, setup.escape)


def _without_header(block: TextBlock, dialect: Dialect, setup: ParseSetup, first: bool) -> TextBlock:
    """The block after its first record, if that names columns; in the first file it does."""
    start = 0
    for end in (*record_ends(block.data, dialect).tolist(), len(block.data)):
        record = block.data[start:end].tobytes()
        if record not in _BLANK and record[0] != _COMMENT:
            if not first and not _names_columns(record, dialect, setup):
                return block
            lines = block.line + int(np.count_nonzero(block.data[:end] == NEWLINE))
            return TextBlock(block.data[end:], block.source, lines)
        start = end
    return block


def _names_columns(record: bytes, dialect: Dialect, setup: ParseSetup) -> bool:
    """Whether the first record of a further file is a header again."""
    fields = tokenize([decoded(record)], dialect.separator, dialect.quote, dialect.escape)[0]
    if tuple(fields) == setup.column_names:
        return True
    numeric = [i for i, type in enumerate(setup.column_types) if type is ColumnType.NUMERIC]
    shown = [fields[i].strip() for i in numeric if i < len(fields)]
    return bool(shown) and not any(is_number(field) or field in NUMERIC_MISSING for field in shown)


def _without_comments(data: Bytes, dialect: Dialect) -> bytes:
    """The text with comment lines (those that begin with #) made blank."""
    text = data.tobytes()
    if not text.startswith(b"#") and b"\n#" not in text:
        return text
    ends = record_ends(data, dialect)
    starts = np.concatenate([[0], ends]).astype(np.int64)
    stops = np.concatenate([ends - 1, [len(text)]])
    blanked = bytearray(text)
    for start, stop in reversed(list(zip(starts.tolist(), stops.tolist(), strict=True))):
        if start < stop and blanked[start] == _COMMENT:
            del blanked[start:stop]
    return bytes(blanked)


# the fast way: Arrow reads fields as the types say


def _parse_strictly(text: bytes, setup: ParseSetup) -> ParsedBlock:
    types = {str(i): _arrow_type(setup, i) for i in setup.kept}
    table = _read_table(text, setup, types)
    columns = [_strict_column(table.column(str(i)), setup, i) for i in setup.kept]
    return _parsed(columns, ())


def _arrow_type(setup: ParseSetup, column: int) -> pa.DataType:
    """What Arrow is to make of a column; words that mean missing hide among numbers, so they stay text."""
    type = setup.column_types[column]
    if type is ColumnType.ENUM:
        return pa.dictionary(pa.int32(), pa.string())
    if type is ColumnType.NUMERIC and not _missing(setup, column):
        return pa.float64()
    return pa.string()


def _read_table(text: bytes, setup: ParseSetup, types: dict[str, pa.DataType]) -> pa.Table:
    if not text.strip():
        return pa.table({name: pa.array([], type) for name, type in types.items()})
    return arrow_csv.read_csv(
        pa.py_buffer(text),
        arrow_csv.ReadOptions(
            use_threads=False,
            block_size=len(text) + 1,
            column_names=[str(i) for i in range(setup.number_columns)],
        ),
        arrow_csv.ParseOptions(
            delimiter=setup.separator,
            quote_char=setup.quote,
            escape_char=setup.escape or False,
            newlines_in_values=setup.quote.encode() in text,
        ),
        arrow_csv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=NUMERIC_MISSING
        ),
    )


def _strict_column(column: pa.ChunkedArray, setup: ParseSetup, index: int) -> Converted:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    type = setup.column_types[index]
    if type is ColumnType.ENUM:
        return from_dictionary(array, _missing(setup, index))
    if type is ColumnType.STRING:
        return from_strings(array, _missing(setup, index))
    if array.type == pa.string():
        converted = from_text(array, type, _missing(setup, index))
        if converted.refused is not None and len(converted.refused):
            raise pa.ArrowInvalid("words among numbers")
        return converted
    return from_numbers(array)


# the slow way: records of any length, words among numbers


def _parse_leniently(text: bytes, block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    rows, lines = _records(text, setup)
    lengths = np.array([len(row) for row in rows], np.int64)
    warnings = _ragged_warnings(lengths, lines, block, setup)
    columns = []
    for i in setup.kept:
        array = pa.array([row[i] if i < len(row) else "" for row in rows], pa.string())
        converted = from_text(array, setup.column_types[i], _missing(setup, i))
        warnings += _refusal_warnings(converted, array, lines, block, _name(setup, i))
        columns.append(converted)
    return _parsed(columns, warnings[:MAX_WARNINGS])


def _records(text: bytes, setup: ParseSetup) -> tuple[list[list[str]], list[int]]:
    """The fields of each record that is not blank, and the line it begins on, from 0."""
    reader = csv.reader(
        io.StringIO(decoded(text), newline=""),
        delimiter=setup.separator,
        quotechar=setup.quote,
        escapechar=setup.escape,
    )
    rows: list[list[str]] = []
    lines: list[int] = []
    before = 0
    for row in reader:
        if row:
            rows.append(row)
            lines.append(before)
        before = reader.line_num
    return rows, lines


def _ragged_warnings(lengths: Any, lines: Sequence[int], block: TextBlock, setup: ParseSetup) -> list[str]:
    columns = setup.number_columns
    return [
        f"{block.source}, line {block.line + lines[row]:,}: {lengths[row]} fields instead of {columns}; "
        + ("the rest is left out" if lengths[row] > columns else "the missing ones are taken as missing")
        for row in np.flatnonzero(lengths != columns)[:MAX_WARNINGS].tolist()
    ]


def _refusal_warnings(
    converted: Converted, text: pa.Array, lines: Sequence[int], block: TextBlock, name: str
) -> list[str]:
    if converted.refused is None:
        return []
    return [
        f"{block.source}, line {block.line + lines[row]:,}: column {name}: '{text[row].as_py()[:40]}' is not "
        "a number and is taken as missing"
        for row in converted.refused[:MAX_WARNINGS].tolist()
    ]


def decoded(text: bytes) -> str:
    """Text as UTF-8, or, where it is not, as Latin-1."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _parsed(columns: Sequence[Converted], warnings: Sequence[str]) -> ParsedBlock:
    return ParsedBlock(
        tuple(column.values for column in columns),
        tuple(column.levels for column in columns),
        tuple(warnings),
    )


def _missing(setup: ParseSetup, column: int) -> tuple[str, ...]:
    return setup.na_strings[column] if setup.na_strings else ()


def _name(setup: ParseSetup, column: int) -> str:
    return setup.frame_names[setup.kept.index(column)]
