"""Which rows each node trains on.

Rows are counted over all nodes: first those that node 0 holds and that can be trained on, then those of
node 1, and so on. What a node is dealt is a `range` of these, so that any way of dealing is a start, a stop
and a step.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Wish:
    """How rows are to be dealt: the protocol's parameters of these names, less their suffixes."""

    replicate: bool = False
    single_node: bool = False
    shuffle: bool = False
    balance: bool = True


@dataclass(frozen=True)
class Deal:
    """Rows dealt to nodes.

    held, dealt: the rows that each node holds, and those that it trains on.
    replicated: whether several nodes train on the same rows, each on its own share of every pass.
    """

    held: tuple[range, ...]
    dealt: tuple[range, ...]
    replicated: bool

    @property
    def rows(self) -> int:
        """The different rows that are trained on."""
        return max(map(len, self.dealt)) if self.replicated else self.every

    @property
    def every(self) -> int:
        """The rows of all nodes together: those that several have count several times."""
        return sum(map(len, self.dealt))

    @property
    def left_out(self) -> int:
        """Rows that no node is dealt."""
        return sum(map(len, self.held)) - self.rows

    def scored(self, node: int) -> range:
        """The places among what the node is dealt that it answers for when rows are scored: each row once."""
        if not self.replicated:
            return range(len(self.dealt[node]))
        return _evenly(self.rows, len(self.dealt))[node]


NOTHING_DEALT = Deal((), (), False)


def deal(rows: Sequence[int], wish: Wish) -> Deal:
    """Deal the rows that can be trained on, of which the nodes hold so many each.

    replicate: every node gets all rows. single_node: one node gets them and the others none, or, if nothing
    is replicated, the node that holds most trains on what it holds. Otherwise each row goes to one node:
    with shuffle in turn, like cards, so that no node has one end of a sorted frame only; with balance in
    even runs; or to the node that holds it.
    """
    ends = list(accumulate(rows))
    held = tuple(range(end - count, end) for end, count in zip(ends, rows, strict=True))
    nodes, total = len(rows), ends[-1]
    if wish.single_node:
        chosen = rows.index(max(rows))
        whole = range(total) if wish.replicate else held[chosen]
        return Deal(held, tuple(whole if node == chosen else range(0) for node in range(nodes)), False)
    if wish.replicate and nodes > 1:
        return Deal(held, (range(total),) * nodes, True)
    if wish.shuffle:
        return Deal(held, tuple(range(node, total, nodes) for node in range(nodes)), False)
    return Deal(held, _evenly(total, nodes) if wish.balance else held, False)


def places(dealt: range, rows: range) -> range:
    """The places in `dealt` of those of its rows that are among `rows`, a run."""
    return range(bisect_left(dealt, rows.start), bisect_left(dealt, rows.stop))


def _evenly(total: int, nodes: int) -> tuple[range, ...]:
    return tuple(range(total * node // nodes, total * (node + 1) // nodes) for node in range(nodes))
