"""A distributed frame: names, columns and layout. The values themselves are on the nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import ColumnNotFound, InvalidArgument
from aquifer_cluster.rollups import Rollups, merge

MAX_BLOCK_ROWS = 65_536
MIN_BLOCK_ROWS = 16
"""Fewer rows are not worth a chunk of every column; files and filters may leave blocks that are smaller."""

MAX_COLUMNS = 250_000
"""A frame of more columns is refused: each takes memory on every node, whatever is in it."""

BLOCKS_PER_NODE = 8
"""Several nodes are dealt at least so many blocks each, in turn: every shard is a fair sample of the rows."""


@dataclass(frozen=True)
class Layout:
    """Where the rows of a frame are: blocks in row order, and the node that owns each.

    All columns of a frame share its layout. A block may be empty (a filter left nothing of it).
    """

    block_rows: tuple[int, ...]
    owners: tuple[int, ...]

    @cached_property
    def starts(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """First row of each block, and the number of rows at the end: shape (blocks + 1,)."""
        return np.concatenate([[0], np.cumsum(self.block_rows, dtype=np.int64)]).astype(np.int64)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(self.block_rows)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return len(self.block_rows)

    def blocks_of(self, node: int) -> tuple[int, ...]:
        """The blocks that `node` owns, in row order."""
        return tuple(block for block, owner in enumerate(self.owners) if owner == node)

    def rows_of(self, node: int) -> int:
        """The number of rows that `node` owns."""
        return sum(self.block_rows[block] for block in self.blocks_of(node))

    @cached_property
    def _rows_by_owner(self) -> Counter[int]:
        rows: Counter[int] = Counter()
        for owner, count in zip(self.owners, self.block_rows, strict=True):
            rows[owner] += count
        return rows

    def rows_by_node(self, nodes: int) -> list[int]:
        """The numbers of rows that the nodes of a cloud of so many own."""
        return [self._rows_by_owner[node] for node in range(nodes)]

    def pieces(self, start: int, stop: int) -> list[tuple[int, int, int]]:
        """The runs (block, first, last) within blocks that make up rows `start:stop`."""
        found = []
        for block in range(int(np.searchsorted(self.starts, start, "right")) - 1, self.blocks):
            first = int(self.starts[block])
            if first >= stop:
                break
            low, high = max(start, first), min(stop, first + self.block_rows[block])
            if low < high:
                found.append((block, low - first, high - first))
        return found

    def runs(self, blocks: Iterable[int], rows: int) -> Iterator[tuple[int, int, int]]:
        """The rows of some blocks as runs (block, first, last) of at most `rows` within blocks."""
        for block in blocks:
            count = self.block_rows[block]
            for first in range(0, count, rows):
                yield block, first, min(first + rows, count)


def even_layout(rows: int, nodes: int, threads: int = 1, fewest: int = MIN_BLOCK_ROWS) -> Layout:
    """Cut `rows` into near-equal blocks dealt out in turn: at least one for each thread if they last.

    A block has no fewer than `fewest` rows, if there are so many. If there is one for each node, all nodes
    have equally many.
    """
    per_node = -(-rows // max(nodes, 1))
    wanted = max(threads, BLOCKS_PER_NODE if nodes > 1 else 1, -(-per_node // MAX_BLOCK_ROWS))
    blocks = max(1, min(rows // fewest, nodes * wanted))
    if blocks > nodes:
        blocks -= blocks % nodes
    base, extra = divmod(rows, blocks)
    sizes = tuple(base + (block < extra) for block in range(blocks))
    return Layout(sizes, tuple(block % nodes for block in range(blocks)))


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Column:
    """One column: the shared unit. Its chunks live on the nodes as long as this object lives here.

    Frames share columns; when the last frame, job or expression that refers to a column lets go of it,
    the cloud tells the nodes to free its chunks.
    """

    id: str
    type: ColumnType
    rollups: Rollups
    layout: Layout
    domain: tuple[str, ...] | None = None

    @property
    def wire_type(self) -> str:
        """The type as the protocol names it: numbers are `int` where all are whole, else `real`."""
        if self.type is ColumnType.NUMERIC:
            return "int" if self.rollups.whole else "real"
        return str(self.type)


@dataclass(frozen=True, eq=False)
class Frame:
    """Named columns of one layout. Never changed: every operation makes another frame."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    layout: Layout

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise InvalidArgument("names", f"column name '{twice}' occurs more than once")

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.layout.rows

    @property
    def nbytes(self) -> int:
        """Bytes of all chunks."""
        return sum(column.rollups.nbytes for column in self.columns)

    @property
    def encodings(self) -> dict[str, tuple[int, int]]:
        """How many chunks and bytes are held in each encoding, by its name."""
        return merge(column.rollups for column in self.columns).encodings

    def index(self, name: str | int) -> int:
        """The position of a column given by name or index. Raises ColumnNotFound."""
        if isinstance(name, str):
            if name in self._positions:
                return self._positions[name]
        elif 0 <= name < len(self.columns):
            return name
        raise ColumnNotFound(name, self.names)

    def column(self, name: str | int) -> Column:
        """A column by name or index. Raises ColumnNotFound."""
        return self.columns[self.index(name)]

    def select(self, names: Iterable[str | int]) -> Frame:
        """The frame of the given columns, in that order."""
        picked = [self.index(name) for name in names]
        return Frame(
            tuple(self.names[i] for i in picked), tuple(self.columns[i] for i in picked), self.layout
        )

    def replace(self, index: int, column: Column) -> Frame:
        """The frame with the column at `index` exchanged."""
        columns = (*self.columns[:index], column, *self.columns[index + 1 :])
        return Frame(self.names, columns, self.layout)

    def rename(self, names: Sequence[str]) -> Frame:
        """The frame with other column names."""
        return Frame(tuple(names), self.columns, self.layout)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}
