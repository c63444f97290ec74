"""What a reader of a format does: recognise it, guess its set-up, cut sources into blocks, parse a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values, empty
from aquifer_cluster.ingest.blocks import BOM
from aquifer_cluster.ingest.setup import ParseSetup, Wishes
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.stream import head

MAX_WARNINGS = 10
"""How many warnings one block gives; more would not be read."""

HEAD_BYTES = 1 << 12
"""How much of a source tells its format."""


class SourceBlock(Protocol):
    """A run of whole records of one source, cut but not parsed; it is sent to the node that parses it."""

    @property
    def length(self) -> int:
        """Its size in bytes."""

    @property
    def source(self) -> str:
        """The name of the source."""


@dataclass(frozen=True)
class ParsedBlock:
    """The kept columns of one block: decoded values, levels of the enum columns (sorted), warnings."""

    values: tuple[Values, ...]
    levels: tuple[tuple[str, ...] | None, ...]
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.values[0])

    @classmethod
    def without_rows(cls, setup: ParseSetup) -> Self:
        """A block of the set-up's columns that holds nothing."""
        types = setup.frame_types
        return cls(
            tuple(empty(type) for type in types),
            tuple(() if type is ColumnType.ENUM else None for type in types),
        )

    def with_constants(self, levels: Sequence[str]) -> Self:
        """The block with further enum columns, each of which holds one level in all rows."""
        codes = np.zeros(self.rows, np.int32)
        return replace(
            self,
            values=self.values + (codes,) * len(levels),
            levels=self.levels + tuple((level,) for level in levels),
        )


@dataclass(frozen=True)
class Beginning:
    """What tells the format of a source: its first bytes, and its name where they leave a doubt."""

    source: Source

    @cached_property
    def stored(self) -> bytes:
        """The first bytes as they are stored."""
        with self.source.open_at() as file:
            return bytes(file.read(HEAD_BYTES))

    @cached_property
    def text(self) -> bytes:
        """The first bytes, decompressed, without a byte order mark."""
        return head(self.source, HEAD_BYTES)[0].removeprefix(BOM)


@dataclass(frozen=True)
class Reader:
    """The reader of one format.

    `parse_type` is its name in the protocol, `title` and `summary` are what the docs say of it; `recognises`
    tells the format. `guess` makes a set-up where the user's wishes leave it open. `blocks` gives blocks of
    about the given number of bytes in row order, each with the bytes of the source read so far; `volume` says
    about how many bytes all blocks will have. `parse` runs where the rows are to be. `shares` gives a
    source as so many at most, in row order, each of which a node can read without the others.
    """

    parse_type: str
    title: str
    summary: str
    recognises: Callable[[Beginning], bool]
    guess: Callable[[Sequence[Source], Wishes], ParseSetup]
    volume: Callable[[Source], int]
    blocks: Callable[[Source, ParseSetup, int], Iterator[tuple[Any, int]]]
    parse: Callable[[Any, ParseSetup], ParsedBlock]
    shares: Callable[[Source, int], Sequence[Source]] = lambda source, most: [source]
