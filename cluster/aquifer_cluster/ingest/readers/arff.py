"""ARFF: the header's names and types are read here, the rows below it as separated text.

The format: Weka's manual, chapter "ARFF". As in H2O there are UUID attributes as well, domains are sorted,
and ? is missing. Sparse rows are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest.blocks import BOM, MAX_RECORD_BYTES, StreamText, TextBlock, cut
from aquifer_cluster.ingest.dialect import tokenize
from aquifer_cluster.ingest.readers import csv
from aquifer_cluster.ingest.readers.base import Beginning, ParsedBlock
from aquifer_cluster.ingest.setup import Header, ParseSetup, Wishes, destination_of
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import SourceStream
from aquifer_cluster.ingest.values import decoded

MISSING = "?"
PREVIEW_ROWS = 10

_TYPES: dict[str, ColumnType] = {
    "numeric": ColumnType.NUMERIC,
    "real": ColumnType.NUMERIC,
    "integer": ColumnType.NUMERIC,
    "string": ColumnType.STRING,
    "date": ColumnType.TIME,
    "uuid": ColumnType.UUID,
}
_BEGINS = re.compile(rb"(?:[ \t]*(?:%[^\n]*)?\r?\n)*[ \t]*@(?:relation|attribute)\b", re.IGNORECASE)
_DATA = re.compile(rb"^[ \t]*@data[ \t]*\r?(?:\n|\Z)", re.IGNORECASE | re.MULTILINE)
_ATTRIBUTE = re.compile(
    r"""@attribute \s+ (?: '((?:[^'\\]|\\.)*)' | "((?:[^"\\]|\\.)*)" | ([^\s{]+) ) \s* (\{.*\} | [^\s{]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMENT = re.compile(rb"^[ \t]*%[^\n]*", re.MULTILINE)
_SINGLE_QUOTED = re.compile(r"(?:^|[,\t])[ ]*'")
_SPARSE = "{"


@dataclass(frozen=True)
class Declaration:
    """The header of a file: its attributes, and where the rows begin, by byte (from 0) and line (from 1)."""

    names: tuple[str, ...]
    types: tuple[ColumnType, ...]
    offset: int
    line: int


def recognises(beginning: Beginning) -> bool:
    """Whether the first line that is no comment declares a relation or an attribute."""
    return _BEGINS.match(beginning.text) is not None


def guess(sources: Sequence[Source], wishes: Wishes) -> ParseSetup:
    """The set-up that the header of the first source declares, except for what `wishes` say."""
    declared = declaration(sources[0])
    lines = _first_lines(sources[0], declared)
    quote = "'" if any(_SINGLE_QUOTED.search(line) for line in lines) else wishes.quote
    separator = wishes.separator or ("\t" if lines and "\t" in lines[0] and "," not in lines[0] else ",")
    types = wishes.column_types or (None,) * len(declared.types)
    if len(types) != len(declared.types):
        raise InvalidArgument(
            "column_types", f"has {len(types)} entries, but the file has {len(declared.types)} columns"
        )
    setup = ParseSetup(
        sources=tuple(sources),
        destination=wishes.destination or destination_of(sources),
        separator=separator,
        header=Header.NONE,
        column_types=tuple(wish or type for wish, type in zip(types, declared.types, strict=True)),
        column_names=wishes.column_names or declared.names,
        na_strings=wishes.na_strings or ((MISSING,),) * len(declared.types),
        skipped_columns=wishes.skipped_columns,
        quote=quote,
        escape=wishes.escape or ("\\" if any("\\" in line for line in lines) else None),
        comments=wishes.comments,
        parse_type="ARFF",
    )
    return replace(setup, preview=tuple(map(tuple, tokenize(lines, csv.dialect_of(setup)))))


def read_blocks(source: Source, setup: ParseSetup, size: int) -> Iterator[tuple[TextBlock, int]]:
    """Blocks of the rows below the header, and how many bytes of the file are read so far."""
    declared = declaration(source)
    _check_against(declared, source, setup)
    with _Body(source, declared.offset) as stream:
        for block in cut(StreamText(stream), size, csv.dialect_of(setup)):
            text = _COMMENT.sub(b"", block.data.tobytes())
            line = block.line + declared.line - 1
            if text.lstrip().startswith(_SPARSE.encode()):
                raise ParseFailure(
                    source.name, f"line {line:,}", "sparse rows are not read; write them as SVMLight"
                )
            yield TextBlock(np.frombuffer(text, np.uint8), source.name, line), stream.consumed


def parse_block(block: TextBlock, setup: ParseSetup) -> ParsedBlock:
    """What is in a block of rows."""
    return csv.parse_block(block, setup)


def declaration(source: Source) -> Declaration:
    """The header of a source. Raises ParseFailure for one that makes no sense."""
    text = _header(source)
    lines = decoded(text.removeprefix(BOM)).splitlines()
    names: list[str] = []
    types: list[ColumnType] = []
    for number, line in enumerate(lines, 1):
        if line.strip().lower().startswith("@attribute"):
            name, type = _attribute(line, source, number)
            names.append(name)
            types.append(type)
    if not names:
        raise ParseFailure(source.name, "header", "it declares no @ATTRIBUTE")
    return Declaration(tuple(names), tuple(types), len(text), len(lines) + 1)


def _header(source: Source) -> bytes:
    """The beginning of a source up to and with the line @DATA."""
    text = b""
    with SourceStream(source) as stream:
        while len(text) <= MAX_RECORD_BYTES and (piece := stream.read()):
            text += piece
            if found := _DATA.search(text):
                return text[: found.end()]
    raise ParseFailure(source.name, "header", "no line @DATA ends it")


def _attribute(line: str, source: Source, number: int) -> tuple[str, ColumnType]:
    found = _ATTRIBUTE.search(line)
    if found is None:
        raise ParseFailure(source.name, f"line {number:,}", "an @ATTRIBUTE has a name and a type")
    name = next(group for group in found.groups() if group is not None)
    kind = found[4]
    if kind.startswith("{"):
        return _unescaped(name), ColumnType.ENUM
    if kind.lower() not in _TYPES:
        known = ", ".join(_TYPES)
        raise ParseFailure(source.name, f"line {number:,}", f"'{kind}' is not {{a, list}} or one of {known}")
    return _unescaped(name), _TYPES[kind.lower()]


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _first_lines(source: Source, declared: Declaration) -> list[str]:
    with _Body(source, declared.offset) as stream:
        text = _COMMENT.sub(b"", stream.read())
    lines = [line for line in decoded(text).splitlines() if line.strip()]
    return lines[:PREVIEW_ROWS]


def _check_against(declared: Declaration, source: Source, setup: ParseSetup) -> None:
    """Raise ParseFailure if a source declares other attributes than the first one."""
    first = setup.sources[0]
    names = declaration(first).names if source != first else declared.names
    for name, expected in zip(declared.names, names, strict=False):
        if name != expected:
            raise ParseFailure(source.name, "header", f"attribute '{name}' is '{expected}' in {first.name}")
    if len(declared.names) != setup.number_columns:
        raise ParseFailure(
            source.name, "header", f"{len(declared.names)} attributes instead of {setup.number_columns}"
        )


class _Body(SourceStream):
    """The stream of a source after its header."""

    def __init__(self, source: Source, offset: int) -> None:
        super().__init__(source)
        self._ahead = b""
        while offset > 0:
            piece = super().read()
            self._ahead, offset = piece[offset:], offset - len(piece)

    def read(self) -> bytes:
        """The next piece."""
        ahead, self._ahead = self._ahead, b""
        return ahead or super().read()
