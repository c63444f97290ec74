"""A parse set-up: everything that must be known before a source is parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import MAX_COLUMNS
from aquifer_cluster.ingest.dialect import COMMENT_MARKERS
from aquifer_cluster.ingest.folders import folder_values
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.times import UTC

TYPE_NAMES: dict[str, ColumnType] = {
    "numeric": ColumnType.NUMERIC,
    "real": ColumnType.NUMERIC,
    "float": ColumnType.NUMERIC,
    "double": ColumnType.NUMERIC,
    "int": ColumnType.NUMERIC,
    "integer": ColumnType.NUMERIC,
    "long": ColumnType.NUMERIC,
    "enum": ColumnType.ENUM,
    "factor": ColumnType.ENUM,
    "categorical": ColumnType.ENUM,
    "string": ColumnType.STRING,
    "time": ColumnType.TIME,
    "uuid": ColumnType.UUID,
    "unknown": ColumnType.NUMERIC,
}
"""The types that can be read, as users and clients name them (in any case)."""

_ENDINGS = (".gz", ".zip", ".csv", ".txt", ".arff", ".xls")


class Header(IntEnum):
    """Whether the first line of a file names the columns (the protocol's `check_header`)."""

    NONE = -1
    GUESS = 0
    PRESENT = 1


@dataclass(frozen=True)
class Wishes:
    """What the user wants of a set-up; None is to be guessed.

    `column_types` may hold None for single columns. `na_strings` holds one tuple for each column. For the
    others see `ParseSetup`.
    """

    separator: str | None = None
    header: Header = Header.GUESS
    column_names: tuple[str, ...] | None = None
    column_types: tuple[ColumnType | None, ...] | None = None
    na_strings: tuple[tuple[str, ...], ...] | None = None
    skipped_columns: tuple[int, ...] = ()
    quote: str = '"'
    escape: str | None = None
    comments: str = COMMENT_MARKERS
    partition_by: tuple[str, ...] = ()
    time_zone: str = UTC
    destination: str | None = None
    parse_type: str | None = None


@dataclass(frozen=True)
class ParseSetup:
    """How to parse `sources` into one frame.

    `column_types` has a type for every column of the file, skipped ones too; `column_names` is None where
    they are to be C1, C2, …; `na_strings` holds for each column what means missing besides nothing at all;
    `preview` the first rows as text. `chunk_size` is bytes of text that make one block, 0 for our choice.
    Lines that begin with one of the `comments` hold no data. `partition_by` names folders (`year=2020`)
    whose values become columns of the frame, after those of the file. Times are local ones of `time_zone`.
    """

    sources: tuple[Source, ...]
    destination: str
    separator: str
    header: Header
    column_types: tuple[ColumnType, ...]
    column_names: tuple[str, ...] | None = None
    na_strings: tuple[tuple[str, ...], ...] | None = None
    skipped_columns: tuple[int, ...] = ()
    quote: str = '"'
    escape: str | None = None
    comments: str = COMMENT_MARKERS
    partition_by: tuple[str, ...] = ()
    time_zone: str = UTC
    parse_type: str = "CSV"
    chunk_size: int = 0
    preview: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def number_columns(self) -> int:
        """The number of columns in the file."""
        return len(self.column_types)

    @property
    def kept(self) -> tuple[int, ...]:
        """The positions of the columns that become columns of the frame."""
        skipped = set(self.skipped_columns)
        return tuple(i for i in range(self.number_columns) if i not in skipped)

    @property
    def kept_names(self) -> tuple[str, ...]:
        """The names of the kept columns: one without a name is called by its number."""
        given = self.column_names or ()
        taken = set(given)
        names = (given[i] if i < len(given) else "" for i in self.kept)
        return tuple(name or _free_name(f"C{i + 1}", taken) for i, name in zip(self.kept, names, strict=True))

    @property
    def frame_names(self) -> tuple[str, ...]:
        """The names of the frame's columns: the kept ones, then those that the folders give."""
        return (*self.kept_names, *self.partition_by)

    @property
    def frame_types(self) -> tuple[ColumnType, ...]:
        """The types of the frame's columns."""
        kept = tuple(self.column_types[i] for i in self.kept)
        return kept + (ColumnType.ENUM,) * len(self.partition_by)

    def check_shape(self) -> None:
        """Raise InvalidArgument if the set-up speaks of more or other columns than it has types for."""
        columns = self.number_columns
        if not columns:
            raise InvalidArgument("column_types", "names no columns; ask for the set-up of the source first")
        if columns > MAX_COLUMNS:
            raise InvalidArgument(
                "column_types", f"names {columns:,} columns; at most {MAX_COLUMNS:,} are read"
            )
        for name, value in (("column_names", self.column_names), ("na_strings", self.na_strings)):
            if value is not None and len(value) > columns:
                raise InvalidArgument(name, f"has {len(value)} entries, but the file has {columns} columns")
        if wrong := [i for i in self.skipped_columns if not 0 <= i < columns]:
            raise InvalidArgument("skipped_columns", f"{wrong[0]} is none of the {columns} columns (from 0)")
        if not self.kept:
            raise InvalidArgument("skipped_columns", "all columns are skipped; leave at least one")
        for source in self.sources:
            folder_values(source.name, self.partition_by)

    def check(self) -> None:
        """Raise InvalidArgument if a frame cannot be made with this set-up."""
        self.check_shape()
        if self.header is Header.GUESS:
            raise InvalidArgument("check_header", "is left open; say 1 (first line is a header) or -1")
        seen: set[str] = set()
        for name in self.frame_names:
            if name in seen:
                raise InvalidArgument(
                    "column_names",
                    f"Found duplicate column name {name} for {self.sources[0].name}; name it differently",
                )
            seen.add(name)


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += name
    return name


def column_type(name: str) -> ColumnType:
    """The type that a user or a client calls `name`. Raises InvalidArgument."""
    known = TYPE_NAMES.get(name.lower())
    if known is None:
        raise InvalidArgument("column_types", f"'{name}' is not one of {', '.join(TYPE_NAMES)}")
    return known


def destination_of(sources: Sequence[Source]) -> str:
    """The key that a frame gets from its first source, as H2O makes it (`x/1y.csv.gz` → `X1y.hex`)."""
    stem = sources[0].file_name
    while (ending := stem[stem.rfind(".") :]) in _ENDINGS:
        stem = stem.removesuffix(ending)
    stem = re.sub(r"\W", "_", stem) or "frame"
    if stem[0].isdigit():
        stem = f"X{stem}"
    return f"Key_Frame__{stem}.hex" if sources[0].key.startswith("upload_") else f"{stem}.hex"
