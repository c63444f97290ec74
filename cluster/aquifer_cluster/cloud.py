"""The cloud: its nodes, and what can be asked of them all together.

Three things: `map_reduce` and `map_columns` (a named top-level function of blocks and small arguments),
`redistribute` (rows move from node to node), and `run` (a task that keeps what it needs in its job's
workspace on each node, of which `produce` makes columns). What a task is about, the cloud does not know.
"""

from __future__ import annotations

import itertools
import os
import queue
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import reduce
from typing import Any

import psutil
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType, Values, concatenate
from aquifer_cluster.errors import NodeLost
from aquifer_cluster.frame import Column, Frame, Layout
from aquifer_cluster.memory import Ledger, Reservation
from aquifer_cluster.node import BlockRef, Node, NodeStatus, Target
from aquifer_cluster.reach import EmbeddedReach, Pending, Reach
from aquifer_cluster.rollups import Rollups, merge

PING_SECONDS = 2.0
_TYPICAL_TEXT = 16  # bytes
MOST_AHEAD = 8


class Cloud:
    """A number of nodes that together hold frames and run tasks on them."""

    def __init__(self, reaches: Sequence[Reach], threads: int, name: str, memory: int) -> None:
        self.name = name
        self.threads = threads
        self.memory = memory
        self.started = time.time()
        self._reaches = list(reaches)
        self._ids = itertools.count(1)
        self._ledger = Ledger(len(self._reaches))
        self._alive: dict[str, weakref.KeyedRef[str, Column]] = {}
        self._dropped: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._drop: Callable[[Any], None] = lambda column: self._dropped.put(column.key)
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        self._sweeper.start()

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self._reaches)

    @property
    def used_bytes(self) -> int:
        """Bytes of all columns that are alive."""
        return self._ledger.column_bytes

    def statuses(self) -> list[NodeStatus | None]:
        """How each node is; None for one that does not answer in time."""
        pending = [reach.send("ping") for reach in self._reaches]
        return [_answer(call) for call in pending]

    def require(self, what: str, needed: int) -> None:
        """Raise MemoryExceeded unless `needed` more bytes fit in the cloud's memory now."""
        with self.reserve(what, needed):
            pass

    def reserve(self, what: str, needed: int, most: int = 0) -> AbstractContextManager[Reservation]:
        """Keep `needed` bytes of the cloud's memory for work, as long as the block lasts.

        Where it may turn out to be as much as `most`, that is kept, or all that is free. Raises
        MemoryExceeded if `needed` does not fit beside the columns and what others have reserved.
        """
        return self._ledger.reserve(what, needed, self.memory, most)

    def hold(self, job: str, what: str, needed: int) -> None:
        """Keep `needed` bytes for what the job will have on the nodes, until it is released.

        Raises MemoryExceeded if they do not fit beside the columns and what others have reserved.
        """
        self._ledger.hold(job, what, needed, self.memory)

    # tasks

    def map_reduce(
        self,
        frame: Frame,
        function: Callable[..., Any],
        *arguments: Any,
        combine: Callable[[Any, Any], Any],
        job: str | None = None,
    ) -> Any:
        """Combine `function(block, *arguments)` over all blocks of `frame`.

        `combine` is associative; blocks are combined in order within a node, then nodes in order.
        Returns None for a frame without blocks.
        """
        columns = [column.id for column in frame.columns]
        pending = [
            self._reaches[node].send("reduce", job, columns, refs, function, combine, arguments)
            for node, refs in self._refs(frame.layout)
        ]
        parts = [part for part in (call.result() for call in pending) if part is not None]
        return reduce(combine, parts) if parts else None

    def map_columns(
        self,
        frame: Frame,
        function: Callable[..., Sequence[Values]],
        *arguments: Any,
        types: Sequence[ColumnType],
        domains: Sequence[tuple[str, ...] | None] | None = None,
        job: str | None = None,
        what: str = "The result",
        needed: int = 0,
        blocks: Sequence[int] | None = None,
    ) -> list[Column]:
        """New columns from `function(block, *arguments)`: decoded values, or a chunk, for each of `types`.

        It may return another number of rows than the block has (the same for all outputs): the new
        columns then have a layout of their own. So they have if only some `blocks` (ascending) are asked
        for. Raises MemoryExceeded at once if the `needed` bytes of `what` do not fit, and as soon as the
        columns outgrow what is free.
        """
        chosen = range(frame.layout.blocks) if blocks is None else blocks
        columns, outputs = [column.id for column in frame.columns], self.new_columns(types)
        most = sum(_decoded_bytes(frame, type) for type in types)
        with self.reserve(what, needed, most) as kept:
            task = (function, outputs, arguments, kept.room)
            pending = [
                self._reaches[node].send("transform", job, columns, refs, *task)
                for node, refs in self._refs(frame.layout, chosen)
            ]
            try:
                done = {index: (rows, stats) for call in pending for index, rows, stats in call.result()}
                if blocks is not None:
                    self.renumber(outputs, {block: place for place, block in enumerate(blocks)})
            except BaseException:
                self.discard(outputs, pending)
                raise
        sizes = tuple(done[block][0] for block in chosen)
        owners = tuple(frame.layout.owners[block] for block in chosen)
        layout = frame.layout if sizes == frame.layout.block_rows else Layout(sizes, owners)
        return self.make_columns(outputs, [done[block][1] for block in chosen], layout, domains)

    def run(
        self, job: str, function: Callable[..., Any], *arguments: Any, frame: Frame | None = None
    ) -> list[Any]:
        """`function(workspace, blocks, *arguments)` on every node at once; the results in node order.

        `blocks` are the node's blocks of `frame`, none if it is not given. What the function puts into
        `workspace.held` stays until `release(job)`. Where a node fails, the others are waited for: none
        comes back to a workspace that has been released meanwhile.
        """
        columns = [column.id for column in frame.columns] if frame else []
        refs = dict(self._refs(frame.layout)) if frame else {}
        pending = [
            reach.send("run", job, columns, refs.get(node, []), function, arguments)
            for node, reach in enumerate(self._reaches)
        ]
        return _ended(pending)

    def call(self, node: int, job: str, function: Callable[..., Any], *arguments: Any) -> Pending:
        """`function(workspace, [], *arguments)` on one node; `arguments` may be `Pending` of other nodes."""
        return self._reaches[node].send("call", job, function, *arguments)

    @contextmanager
    def workspace(self) -> Iterator[str]:
        """The name of a workspace on every node that lasts as long as the block: a `job` for `run`."""
        job = f"workspace-{next(self._ids)}"
        try:
            yield job
        finally:
            self.release(job)

    def produce(
        self,
        job: str,
        function: Callable[..., Any],
        *arguments: Any,
        layout: Layout,
        types: Sequence[ColumnType],
        domains: Sequence[tuple[str, ...] | None] | None = None,
        what: str,
        needed: int,
    ) -> list[Column]:
        """New columns in `layout` of what the job has prepared on the nodes.

        `function(workspace, targets, keep, *arguments)` calls `keep(output, target, values)` for each of
        `types` and each target: a block that the node owns, and the rows that make it up, counted over
        the node's blocks in their order. Raises MemoryExceeded at once if the `needed` bytes of `what` do
        not fit, and as soon as the columns outgrow what is free.
        """
        outputs = self.new_columns(types)
        most = needed + layout.rows * sum(type.dtype.itemsize for type in types if type.dtype is not None)
        with self.reserve(what, needed, most) as kept:
            pending = [
                self._reaches[node].send("produce", job, targets, outputs, function, arguments, kept.room)
                for node, targets in self._targets(layout)
            ]
            try:
                done = {block: statistics for call in pending for block, statistics in call.result()}
            except BaseException:
                self.discard(outputs, pending)
                raise
        return self.make_columns(outputs, [done[block] for block in range(layout.blocks)], layout, domains)

    def cancel(self, job: str) -> None:
        """Make the job's tasks on all nodes stop, and wait a moment until the nodes know it."""
        self._tell("cancel", job)

    def release(self, job: str) -> None:
        """Free what the job kept on the nodes, and wait a moment until they have."""
        self._tell("release", job)
        self._ledger.end(job)

    # rows

    def read(self, frame: Frame, start: int = 0, stop: int | None = None) -> list[Values]:
        """Decode rows `start:stop` of all columns of `frame`, here. For small windows."""
        stop = frame.rows if stop is None else min(stop, frame.rows)
        ids = [column.id for column in frame.columns]
        pending = [
            self._reaches[frame.layout.owners[block]].send("read", ids, block, first, last)
            for block, first, last in frame.layout.pieces(start, stop)
        ]
        pieces = [call.result() for call in pending]
        return [
            concatenate([piece[i] for piece in pieces], column.type) for i, column in enumerate(frame.columns)
        ]

    def stream(
        self,
        frame: Frame,
        function: Callable[..., Any],
        *arguments: Any,
        rows: int,
        blocks: Sequence[int] | None = None,
    ) -> Iterator[Any]:
        """`function(values, *arguments)` of each run of at most `rows` rows of `frame`, in order.

        `values` are the decoded columns of the run; the function runs on the node that holds it. Only a few
        results are made ahead of whoever takes them: a slow one holds the work up, and costs no memory.
        `blocks` narrows it to these.
        """
        layout, ids = frame.layout, [column.id for column in frame.columns]
        chosen = range(layout.blocks) if blocks is None else blocks
        return self._taken(
            self._reaches[layout.owners[block]].send("render", ids, block, start, stop, function, arguments)
            for block, start, stop in layout.runs(chosen, rows)
        )

    def run_each(
        self, job: str, function: Callable[..., Any], *arguments: Any, frame: Frame
    ) -> Generator[Any, None, None]:
        """`function(workspace, [block], *arguments)` of each block on its node; the results in order.

        As with `stream`, only a few are made ahead; `close()` waits until none is left running.
        """
        columns = [column.id for column in frame.columns]
        blocks = sorted((ref.index, node, ref) for node, refs in self._refs(frame.layout) for ref in refs)
        return self._taken(
            self._reaches[node].send("run", job, columns, [ref], function, arguments)
            for _, node, ref in blocks
        )

    def write(
        self,
        columns: Sequence[tuple[str, ColumnType]],
        block: int,
        owner: int,
        function: Callable[..., Any],
        *arguments: Any,
    ) -> Pending:
        """Make one block of new columns on a node from `function(*arguments)` → (values, remark).

        The result is (roll-ups of each column, remark). `arguments` may be `Pending`.
        """
        return self._reaches[owner].send("write", columns, block, function, *arguments)

    def redistribute(self, frame: Frame, layout: Layout) -> Frame:
        """The same rows in another layout; rows move from node to node."""
        return frame if layout == frame.layout else self.concatenate([frame], layout)

    def concatenate(self, frames: Sequence[Frame], layout: Layout) -> Frame:
        """The rows of all frames, one frame after the other, in a new layout; rows move from node to node.

        The frames have the same types and domains; names and domains are those of the first.
        """
        first = frames[0]
        outputs = self.new_columns(column.type for column in first.columns)
        pending = []
        with self.reserve("Bringing rows together", sum(frame.nbytes for frame in frames)):
            for block, owner in enumerate(layout.owners):
                start = int(layout.starts[block])
                pieces = self._send_reads(frames, start, start + layout.block_rows[block])
                pending.append(self._reaches[owner].send("assemble", outputs, block, *pieces))
            try:
                statistics = [call.result() for call in pending]
            except BaseException:
                self.discard(outputs, pending)
                raise
        columns = self.make_columns(outputs, statistics, layout, [column.domain for column in first.columns])
        return Frame(first.names, tuple(columns), layout)

    def new_columns(self, types: Iterable[ColumnType]) -> list[tuple[str, ColumnType]]:
        """Fresh ids for columns that are about to be written block by block."""
        return [(self._new_id(), type) for type in types]

    def make_columns(
        self,
        written: Sequence[tuple[str, ColumnType]],
        statistics: Sequence[Sequence[Rollups]],
        layout: Layout,
        domains: Sequence[tuple[str, ...] | None] | None = None,
    ) -> list[Column]:
        """Columns of chunks that are on the nodes; `statistics` are per block, then per column."""
        domains = domains or [None] * len(written)
        columns = []
        for i, ((id, type), domain) in enumerate(zip(written, domains, strict=True)):
            rollups = merge(block[i] for block in statistics)
            column = Column(id, type, rollups, layout, domain)
            self._ledger.enter(id, self._shares(rollups.nbytes, layout))
            self._alive[id] = weakref.KeyedRef(column, self._drop, id)
            columns.append(column)
        return columns

    def renumber(self, columns: Sequence[tuple[str, ColumnType]], numbers: Mapping[int, int]) -> None:
        """Give the blocks of columns that are being written other numbers: `numbers` are new by old."""
        ids = [id for id, _ in columns]
        for call in [reach.send("renumber", ids, dict(numbers)) for reach in self._reaches]:
            call.result()

    def discard(self, written: Sequence[tuple[str, ColumnType]], pending: Iterable[Pending] = ()) -> None:
        """Free chunks of columns that were begun and not made, once no call of `pending` can still write."""
        for call in pending:
            with suppress(Exception):  # the first failure is already on its way
                call.result()
        for id, _ in written:
            self._dropped.put(id)

    def close(self) -> None:
        """End all nodes."""
        self._dropped.put(None)
        for reach in self._reaches:
            reach.close()

    def _tell(self, method: str, job: str) -> None:
        pending = [reach.send(method, job) for reach in self._reaches]
        for call in pending:
            with suppress(TimeoutError, NodeLost):
                call.result(PING_SECONDS)

    def _taken(self, calls: Iterable[Pending]) -> Generator[Any, None, None]:
        """The results of calls that are made a few ahead; none is left running when the taker stops."""
        ahead = min(self.size * self.threads, MOST_AHEAD)
        pending: deque[Pending] = deque()
        try:
            for call in calls:
                pending.append(call)
                if len(pending) > ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for call in pending:
                with suppress(Exception):  # nobody waits for the result
                    call.result()

    def _send_reads(self, frames: Sequence[Frame], start: int, stop: int) -> list[Pending]:
        """Ask the owners for rows `start:stop` of the frames, counted from the first row of the first."""
        pending = []
        for frame in frames:
            ids = [column.id for column in frame.columns]
            pending += [
                self._reaches[frame.layout.owners[block]].send("read", ids, block, low, high)
                for block, low, high in frame.layout.pieces(max(start, 0), stop)
            ]
            start, stop = start - frame.rows, stop - frame.rows
        return pending

    def _shares(self, nbytes: int, layout: Layout) -> list[int]:
        """The bytes of a column on each node, by the rows that the node owns."""
        shares = [nbytes * rows // max(1, layout.rows) for rows in layout.rows_by_node(self.size)]
        shares[0] += nbytes - sum(shares)
        return shares

    def _refs(self, layout: Layout, blocks: Iterable[int] | None = None) -> list[tuple[int, list[BlockRef]]]:
        """For each node that owns any: its blocks, of all or of some."""
        owned: dict[int, list[BlockRef]] = {}
        for block in range(layout.blocks) if blocks is None else blocks:
            ref = BlockRef(block, int(layout.starts[block]), layout.block_rows[block])
            owned.setdefault(layout.owners[block], []).append(ref)
        return sorted(owned.items())

    def _targets(self, layout: Layout) -> list[tuple[int, list[Target]]]:
        """For each node that owns any: its blocks, and their rows counted over these."""
        found = []
        for node, refs in self._refs(layout):
            ends = list(itertools.accumulate(ref.rows for ref in refs))
            found.append(
                (node, [Target(r.index, end - r.rows, end) for r, end in zip(refs, ends, strict=True)])
            )
        return found

    def _new_id(self) -> str:
        return f"column-{next(self._ids)}"

    def _sweep(self) -> None:
        """Tell the nodes, in batches, which columns are gone: whoever lets go of one must not wait."""
        while (id := self._dropped.get()) is not None:
            gone = [id]
            while not self._dropped.empty():
                more = self._dropped.get()
                if more is None:
                    return
                gone.append(more)
            for column in gone:
                self._alive.pop(column, None)
                self._ledger.strike(column)
            for reach in self._reaches:
                reach.send("drop", gone)


def form_cloud(name: str, nodes: int = 0, threads: int | None = None, memory: int | None = None) -> Cloud:
    """Form a cloud: `nodes` 0 is one node in this process, otherwise that many Ray actors.

    `threads` per node default to the machine's cores shared out among its nodes, `memory` (bytes, all
    nodes together) to nine tenths of what is available now.
    """
    threads = threads or max(1, (os.cpu_count() or 1) // max(nodes, 1))
    memory = memory or int(psutil.virtual_memory().available * 0.9)
    threading.Thread(target=_warm_arrow, name="warm-up", daemon=True).start()
    if nodes == 0:
        return Cloud([EmbeddedReach(Node(0, threads))], threads, name, memory)
    from aquifer_cluster.ray_reach import start_ray_nodes

    return Cloud(start_ray_nodes(nodes, threads), threads, name, memory)


def _decoded_bytes(frame: Frame, type: ColumnType) -> int:
    """The most that a new column takes that is made of `frame`; of text an estimate."""
    if type.dtype is not None:
        return frame.rows * type.dtype.itemsize
    return frame.rows * _TYPICAL_TEXT + sum(c.rollups.nbytes for c in frame.columns if c.type.dtype is None)


def _warm_arrow() -> None:
    """Make the first array now: Arrow then looks for pandas, which takes long and much memory."""
    pa.array([0])


def _answer(call: Pending) -> NodeStatus | None:
    try:
        status: NodeStatus = call.result(PING_SECONDS)
    except Exception:
        return None
    return status


def _ended(pending: Sequence[Pending]) -> list[Any]:
    """The results of all calls, in order; the first failure is raised when the last call has ended."""
    results, failures = [], []
    for call in pending:
        try:
            results.append(call.result())
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return results
