"""SVMLight: `target index:value index:value …`, one row on a line. Columns are C1 for the target, C2 … for
the features 1 …, all numeric; what a row does not name is 0. As in H2O, `qid` is read over.

The format: Joachims, SVMlight, "How to use".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest.blocks import Bytes, StreamText, TextBlock, cut, record_ends
from aquifer_cluster.ingest.dialect import Dialect
from aquifer_cluster.ingest.readers.base import MAX_WARNINGS, Beginning, ParsedBlock
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import SourceStream
from aquifer_cluster.ingest.values import decoded, from_text

MAX_COLUMNS = 100_000
"""A file with a higher index is refused: a frame has a column for every index."""

MAX_CELLS = 8 << 20
"""What a block may unfold to."""

_NUMBER = rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_ROW = re.compile(rb"%b(?:[ \t]+(?:qid|\d+):%b)*[ \t]*(?:#.*)?" % (_NUMBER, _NUMBER))
_PAIR = r"^[1-9][0-9]{0,8}:[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+|nan|inf)(?:[eE][+-]?[0-9]+)?$"
_COMMENT = re.compile(rb"#[^\n]*")
_FORM = "index:value (indices count from 1)"
_QUERY = "qid:"
_MAX_DIGITS = 18
_OTHER_NAMES = (".csv", ".tsv")
_DIALECT = Dialect(" ", quote="\0")
_PIECE_BYTES = 4 << 20
_PREVIEW_BYTES = 1 << 16
_PREVIEW_ROWS = 10
_PREVIEW_COLUMNS = 100  # H2O shows as many

Rows = np.ndarray[Any, np.dtype[np.int64]]
Matrix = np.ndarray[Any, np.dtype[np.float64]]


def recognises(beginning: Beginning) -> bool:
    """Whether all of the first lines are rows, and the name does not say otherwise."""
    if any(ending in beginning.source.name.lower() for ending in _OTHER_NAMES):
        return False
    lines = beginning.text.splitlines(keepends=True)
    whole = [line.strip() for line in lines if line.endswith(b"\n")] or lines
    rows = [line for line in whole if line and not line.startswith(b"#")]
    return any(b":" in row for row in rows) and all(_ROW.fullmatch(row) for row in rows)


def guess(sources: Sequence[Source], wishes: Wishes) -> ParseSetup:
    """The set-up: as many columns as the highest index in all of the sources asks for."""
    columns = 1 + max(_highest_index(source) for source in sources)
    wished = wishes.column_types or (None,) * columns
    if len(wished) != columns:
        raise InvalidArgument(
            "column_types", f"has {len(wished)} entries, but the file has {columns} columns"
        )
    _check_types(wished)
    return ParseSetup(
        sources=tuple(sources),
        destination=wishes.destination or destination_of(sources),
        separator=_DIALECT.separator,
        header=Header.NONE,
        column_types=(ColumnType.NUMERIC,) * columns,
        column_names=wishes.column_names,
        skipped_columns=wishes.skipped_columns,
        parse_type="SVMLight",
        preview=_preview(sources[0], columns),
    )


def read_blocks(source: Source, setup: ParseSetup, size: int) -> Iterator[tuple[TextBlock, int]]:
    """Blocks of whole lines, not too many for what they unfold to; and the bytes that are read so far."""
    _check_types(setup.column_types)
    rows = max(1, MAX_CELLS // setup.number_columns)
    with SourceStream(source) as stream:
        for block in cut(StreamText(stream), size, _DIALECT):
            ends = record_ends(block.data, _DIALECT)
            stops = [*ends[rows - 1 : -1 : rows].tolist(), len(block.data)]
            start, line = 0, block.line
            for number, stop in enumerate(stops):
                yield TextBlock(block.data[start:stop], block.source, line + number * rows), stream.consumed
                start = stop


def parse_block(block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    """The columns of a block. A word that is no `index:value` is left out, with a warning."""
    matrix, warnings = _matrix(block, setup.number_columns)
    kept = list(setup.kept)
    return ParsedBlock(tuple(matrix[kept]), (None,) * len(kept), tuple(warnings))


def _matrix(block: TextBlock, columns: int) -> tuple[Matrix, list[str]]:
    """The rows of a block, column by column: shape (columns, rows); and what could not be read."""
    text = decoded(_COMMENT.sub(b"", block.data.tobytes()))
    lines = pc.utf8_trim_whitespace(pa.array(text.split("\n"), pa.string()))
    numbers = np.flatnonzero(pc.not_equal(lines, "").to_numpy(zero_copy_only=False))
    words = pc.utf8_split_whitespace(lines.take(pa.array(numbers)))
    flat, rows = words.flatten(), pc.list_parent_indices(words).to_numpy()
    begins = np.diff(rows, prepend=-1) > 0
    targets = flat.filter(pa.array(begins))
    converted = from_text(targets, ColumnType.NUMERIC, ())
    matrix = np.zeros((columns, len(numbers)))
    matrix[0] = converted.values
    pairs, rows = flat.filter(pa.array(~begins)), rows[~begins]
    refused = _fill(matrix, pairs, rows)
    odd = [(row, targets[row].as_py()) for row in converted.refused] + refused
    return matrix, [
        f"{block.source}, line {block.line + numbers[row]:,}: '{word[:40]}' is not {_FORM} and is left out"
        for row, word in odd[:MAX_WARNINGS]
    ]


def _fill(matrix: Matrix, pairs: pa.Array, rows: Rows) -> list[tuple[int, str]]:
    """Put the values of `index:value` pairs into their columns; the rows and words that are none."""
    fits = pc.match_substring_regex(pairs, _PAIR)
    parts = pc.split_pattern(pairs.filter(fits), ":").flatten()
    columns = parts.take(pa.array(np.arange(0, len(parts), 2))).cast(pa.int64()).to_numpy()
    values = parts.take(pa.array(np.arange(1, len(parts), 2))).cast(pa.float64()).to_numpy()
    matrix[columns, rows[_mask(fits)]] = values
    refused = ~_mask(pc.or_(fits, pc.starts_with(pairs, _QUERY)))
    first = np.flatnonzero(refused)[:MAX_WARNINGS]
    return [(int(rows[place]), pairs[int(place)].as_py()) for place in first]


def _mask(condition: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(condition.to_numpy(zero_copy_only=False), bool)


def _highest_index(source: Source) -> int:
    """The highest feature index in a source; 0 if there is none. Raises ParseFailure beyond MAX_COLUMNS."""
    highest = 0
    with SourceStream(source) as stream:
        for block in cut(StreamText(stream), _PIECE_BYTES, _DIALECT):
            highest = max(highest, _highest(np.frombuffer(_COMMENT.sub(b"", block.data.tobytes()), np.uint8)))
            if highest >= MAX_COLUMNS:
                raise ParseFailure(
                    source.name,
                    f"from line {block.line:,}",
                    f"the index {highest:,} asks for as many columns; at most {MAX_COLUMNS:,} are read",
                )
    return highest


def _highest(text: Bytes) -> int:
    """The highest number that stands before a colon, in as many steps as it has digits."""
    places = np.flatnonzero(text == ord(":"))
    numbers, scale = np.zeros(len(places), np.int64), 1
    distance = 1
    active = np.arange(len(places))
    while len(active) and distance <= _MAX_DIGITS:
        at = places[active] - distance
        digits = text[at].astype(np.int64) - ord("0")
        digit = (at >= 0) & (digits >= 0) & (digits <= 9)
        active, digits = active[digit], digits[digit]
        numbers[active] += digits * scale
        scale, distance = scale * 10, distance + 1
    return int(numbers.max(initial=0))


def _check_types(types: Sequence[ColumnType | None]) -> None:
    if any(type not in (None, ColumnType.NUMERIC) for type in types):
        raise InvalidArgument("column_types", "the columns of SVMLight are numeric; convert them afterwards")


def _preview(source: Source, columns: int) -> tuple[tuple[str, ...], ...]:
    """The first values of the first rows."""
    with SourceStream(source) as stream:
        block = next(cut(StreamText(stream), _PREVIEW_BYTES, _DIALECT), None)
    if block is None:
        return ()
    end = record_ends(block.data, _DIALECT)[:_PREVIEW_ROWS]
    few = TextBlock(block.data[: end[-1]] if len(end) else block.data, block.source, block.line)
    matrix, _ = _matrix(few, columns)
    return tuple(tuple(f"{value:g}" for value in row) for row in matrix[:_PREVIEW_COLUMNS].T.tolist())
