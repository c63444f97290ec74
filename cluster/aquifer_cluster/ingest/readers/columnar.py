"""Reading files of typed columns: what all such formats share, given how one of them is opened.

A file says the names and the types of its columns and gives Arrow batches of them. The node that reads
hands over batches of at most MAX_BLOCK_ROWS rows; the node that owns the rows converts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Protocol, cast

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.frame import MAX_BLOCK_ROWS
from aquifer_cluster.ingest.compression import DAMAGE
from aquifer_cluster.ingest.readers.arrow_types import convert, kind_of
from aquifer_cluster.ingest.readers.base import MAX_WARNINGS, ParsedBlock
from aquifer_cluster.ingest.setup import Header, ParseSetup
from aquifer_cluster.ingest.source import Source

MAX_BATCH_BYTES = 64 << 20
"""What a batch may take where rows are so long that MAX_BLOCK_ROWS of them would be more."""

NO_SINGLE_VALUE = "which is no single value for each row"
_FIRST_ROWS = 1000

_DAMAGE = (*DAMAGE, pa.ArrowException, ValueError, OverflowError, LookupError, TypeError)
"""What libraries raise when what they read makes no sense."""


class ColumnarFile(Protocol):
    """An open file of typed columns."""

    @property
    def schema(self) -> pa.Schema:
        """Names and types of all columns."""

    @property
    def header(self) -> Header:
        """Whether the names of the columns are in the file."""

    @property
    def told(self) -> Mapping[str, ColumnType]:
        """The types of columns that the format says more of than their Arrow types do."""

    @property
    def rows(self) -> int | None:
        """The number of rows, None where only reading tells."""

    @property
    def nbytes(self) -> int:
        """About how many bytes all columns take in memory."""

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterable[pa.RecordBatch]:
        """The columns, in that order, in batches of any size, best of `rows` rows.

        The `encoded` ones are to become categories: they may come as dictionaries.
        """


class GroupedFile(ColumnarFile, Protocol):
    """An open file of groups of rows, each of which can be read without the others."""

    @property
    def group_rows(self) -> Sequence[int]:
        """The rows of each of the groups."""

    def of_groups(self, groups: range) -> ColumnarFile:
        """The file, as if it held only these."""


Opener = Callable[[pa.NativeFile, Header], ColumnarFile]
"""Opens a file; the header matters only where a format leaves it open."""


@dataclass(frozen=True)
class ColumnarBlock:
    """A batch of the columns that are kept; `row` is the number of its first row in the source, from 1."""

    batch: pa.RecordBatch
    source: str
    row: int
    length: int


@contextmanager
def reading(
    source: Source, opener: Opener, header: Header = Header.GUESS
) -> Iterator[tuple[ColumnarFile, pa.NativeFile]]:
    """The open file. Whatever cannot be understood in it is a ParseFailure that names it and the place."""
    with source.open_at() as file, damage(source.name, lambda: f"at byte {file.tell():,}"):
        opened = opener(file, header)
        names = opened.schema.names
        if len(set(names)) < len(names):
            twice = Counter(names).most_common(1)[0][0]
            raise ParseFailure(source.name, "schema", f"two columns are named '{twice}'")
        if not names:
            raise ParseFailure(source.name, "schema", "it has no columns")
        yield opened, file


@contextmanager
def damage(name: str, place: Callable[[], str]) -> Iterator[None]:
    """Turn what a library raises when a file is damaged into a ParseFailure."""
    try:
        yield
    except pa.ArrowMemoryError as beyond:
        raise ParseFailure(name, place(), f"it claims to hold more than memory can ({beyond})") from beyond
    except _DAMAGE as broken:
        said = str(broken).strip().split("\n")[0] or type(broken).__name__
        raise ParseFailure(
            name, place(), f"the file is damaged or not what it seems to be ({said})"
        ) from broken


def volume(source: Source, opener: Opener) -> int:
    """About how many bytes the columns of a source take in memory."""
    with reading(source, opener) as (file, _):
        return file.nbytes


def shares(source: Source, most: int, opener: Opener) -> list[Source]:
    """The source as at most so many runs of its row groups, of about as many rows each."""
    with reading(source, opener) as (file, _):
        ends = np.cumsum(cast(GroupedFile, file).group_rows)
    if most < 2 or len(ends) < 2:
        return [source]
    cuts = np.searchsorted(ends, ends[-1] * np.arange(1, most) / most, "left") + 1
    bounds = np.unique([0, *cuts, len(ends)]).tolist()
    return [replace(source, groups=range(first, stop)) for first, stop in pairwise(bounds)]


def read_blocks(
    source: Source, setup: ParseSetup, size: int, opener: Opener
) -> Iterator[tuple[ColumnarBlock, int]]:
    """The kept columns of a source in blocks of about `size` bytes, and how many bytes are read so far."""
    with reading(source, opener, setup.header) as (file, stored):
        is_first = replace(source, groups=None) == setup.sources[0]
        first = file.schema if is_first else _schema(setup, opener)
        _check_setup(first, setup)
        in_file = first.names
        names = [in_file[i] for i in setup.kept]
        _check_against(first, file.schema, names, source, setup)
        encoded = [in_file[i] for i in setup.kept if setup.column_types[i] is ColumnType.ENUM]
        per_row = _bytes_per_row(file, names)
        wanted = max(1, min(size // per_row, MAX_BATCH_BYTES // per_row, MAX_BLOCK_ROWS))
        before = done = 0
        if source.groups is not None:
            grouped = cast(GroupedFile, file)
            before, file = sum(grouped.group_rows[: source.groups.start]), grouped.of_groups(source.groups)
        for batch in rebatched(file.batches(names, encoded, wanted), wanted):
            row, done = before + done + 1, done + batch.num_rows
            consumed = done * (source.size or 0) // file.rows if file.rows else stored.tell()
            yield ColumnarBlock(batch, source.name, row, batch.num_rows * per_row), consumed


def parse_block(block: ColumnarBlock, setup: ParseSetup) -> ParsedBlock:
    """Convert the columns of a block to the types of the set-up."""
    columns, warnings = [], []
    for i, values, name in zip(setup.kept, block.batch.columns, setup.kept_names, strict=True):
        last = block.row + len(values) - 1
        place = f"rows {block.row:,} to {last:,}, column {name}"
        with damage(block.source, partial(str, place)):
            column = convert(values, setup.column_types[i], _missing(setup, i))
        columns.append(column)
        for row in column.refused[:MAX_WARNINGS]:
            word = str(values[row].as_py())[:40]
            warnings.append(
                f"{block.source}, row {block.row + row:,}, column {name}: '{word}' is not "
                f"{setup.column_types[i]} and is taken as missing"
            )
    return ParsedBlock(
        tuple(column.values for column in columns),
        tuple(column.levels for column in columns),
        tuple(warnings[:MAX_WARNINGS]),
    )


def rebatched(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of `rows`; the last has what is left."""
    held: list[pa.RecordBatch] = []
    have = 0
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            piece = batch.slice(start, rows - have)
            start, have = start + piece.num_rows, have + piece.num_rows
            held.append(piece)
            if have == rows:
                yield _joined(held)
                held, have = [], 0
    if held:
        yield _joined(held)


def check_wishes(schema: pa.Schema, types: Sequence[ColumnType | None], skipped: Collection[int]) -> None:
    """Raise InvalidArgument for a type that a column cannot be read as, or a column that has none."""
    for i, (field, type) in enumerate(zip(schema, types, strict=True)):
        kind = kind_of(field.type)
        if i in skipped:
            continue
        if kind is None:
            nested = [i for i, other in enumerate(schema) if kind_of(other.type) is None]
            raise InvalidArgument(
                "skipped_columns",
                f"column '{field.name}' is {short(field.type)}, {NO_SINGLE_VALUE}: leave out all such ones "
                f"(skipped_columns={nested})",
            )
        if type is not None and type not in kind.allowed:
            raise InvalidArgument(
                "column_types",
                f"column '{field.name}' is {short(field.type)}: it can be read as "
                f"{', '.join(kind.allowed)}, not as {type}",
            )


def _schema(setup: ParseSetup, opener: Opener) -> pa.Schema:
    """The schema of the first source, which the set-up speaks of."""
    with reading(setup.sources[0], opener, setup.header) as (file, _):
        return file.schema


def _check_setup(first: pa.Schema, setup: ParseSetup) -> None:
    """Raise InvalidArgument if the set-up does not fit the schema of the first source."""
    if len(first) != setup.number_columns:
        raise InvalidArgument(
            "column_types",
            f"has {setup.number_columns} entries, but {setup.sources[0].name} has {len(first)} columns",
        )
    check_wishes(first, setup.column_types, setup.skipped_columns)


def _check_against(
    first: pa.Schema, schema: pa.Schema, names: Sequence[str], source: Source, setup: ParseSetup
) -> None:
    """Raise ParseFailure if a source has not the columns that the first one has, with types that fit."""
    origin = setup.sources[0].name
    known, present = set(first.names), set(schema.names)
    if extra := next((name for name in schema.names if name not in known), None):
        raise ParseFailure(source.name, "schema", f"column '{extra}' is not in {origin}; import them apart")
    for name, i in zip(names, setup.kept, strict=True):
        if name not in present:
            raise ParseFailure(source.name, "schema", f"column '{name}' of {origin} is missing")
        type, wanted = schema.field(name).type, setup.column_types[i]
        kind = kind_of(type)
        if kind is None or wanted not in kind.allowed:
            raise ParseFailure(
                source.name,
                "schema",
                f"column '{name}' is {short(type)}, which cannot be read as {wanted}; in {origin} it is "
                f"{short(first.field(name).type)}",
            )


def _bytes_per_row(file: ColumnarFile, columns: Sequence[str]) -> int:
    """About how many bytes a row takes; by the first rows where the file does not say how many it has."""
    if file.rows:
        return max(1, file.nbytes // file.rows)
    first = next(iter(file.batches(columns, (), _FIRST_ROWS)), None)
    return max(1, first.nbytes // first.num_rows) if first and first.num_rows else 1


def _joined(pieces: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    return pieces[0] if len(pieces) == 1 else pa.concat_batches(pieces)


def _missing(setup: ParseSetup, column: int) -> tuple[str, ...]:
    return setup.na_strings[column] if setup.na_strings and column < len(setup.na_strings) else ()


def short(type: pa.DataType) -> str:
    """The name of a type, not too long for a message."""
    shown = str(type)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
