"""One node: its chunks in memory, its threads, and the tasks it runs on them.

A node knows nothing of how it is reached. Its methods belong to one of three groups, so that it answers
while it works: control (ping, cancel), data (reads, copies, removal) and work.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial, reduce
from typing import Any

import numpy as np
import psutil

from aquifer_cluster.chunk import Chunk, ColumnType, Values, concatenate, encode_all
from aquifer_cluster.errors import JobCancelled, MemoryExceeded
from aquifer_cluster.memory import give_back, use_one_allocator
from aquifer_cluster.rollups import Rollups, summarise_all

GROUPS = {
    "ping": "control",
    "cancel": "control",
    "read": "data",
    "render": "data",
    "assemble": "data",
    "drop": "data",
    "renumber": "data",
    "release": "data",
    "write": "work",
    "reduce": "work",
    "transform": "work",
    "run": "work",
    "call": "work",
    "produce": "work",
}
"""Which group of calls a method belongs to; a group never waits for another."""

_WORTH_GIVING_BACK = 4 << 20  # bytes, of one column or of many: it costs a walk through all that is free


@dataclass(frozen=True)
class Block:
    """What a task sees of one block of a frame: its place and the chunks of the columns asked for."""

    index: int
    start: int
    chunks: tuple[Chunk, ...]
    rows: int

    def decode(self, column: int) -> Values:
        """All rows of one of the chunks, in the decoded form of its type."""
        return self.chunks[column].decode()

    def read(self, start: int, stop: int) -> list[Values]:
        """Rows `start:stop` of all chunks, decoded; whole numbers with all their digits."""
        return [chunk.exact(start, stop) for chunk in self.chunks]


@dataclass(frozen=True)
class BlockRef:
    """Where a block is: its number in the layout, its first row and its rows."""

    index: int
    start: int
    rows: int


@dataclass(frozen=True)
class Target:
    """A block that a node is to make of rows `start:stop` of what it has prepared."""

    block: int
    start: int
    stop: int


@dataclass(frozen=True)
class NodeStatus:
    """How a node is: sizes in bytes."""

    index: int
    pid: int
    threads: int
    chunk_bytes: int
    chunks: int
    workspaces: int
    resident_bytes: int
    cpu_percent: float


@dataclass
class Workspace:
    """What a job keeps on a node between its tasks; gone when the job is released.

    Kernels poll `stop`: a one-element array that turns 1 when the job is cancelled. `map` is that of the
    node's threads.
    """

    job: str
    node: int
    pid: int
    threads: int
    map: Callable[..., Iterator[Any]] = map
    stop: np.ndarray[Any, np.dtype[np.uint8]] = field(default_factory=lambda: np.zeros(1, np.uint8))
    held: dict[str, Any] = field(default_factory=dict)


class Node:
    """Chunks by column and block, workspaces by job, and a pool of `threads` threads for tasks."""

    def __init__(self, index: int, threads: int) -> None:
        use_one_allocator()
        self.index = index
        self.threads = threads
        self._columns: dict[str, dict[int, Chunk]] = {}
        self._workspaces: dict[str, Workspace] = {}
        self._freed = 0  # bytes of chunks, since memory was given back
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"node-{index}")
        self._process = psutil.Process()

    # control

    def ping(self) -> NodeStatus:
        """Say how the node is."""
        with self._lock:
            chunks = [chunk for column in self._columns.values() for chunk in column.values()]
            workspaces = len(self._workspaces)
        return NodeStatus(
            index=self.index,
            pid=os.getpid(),
            threads=self.threads,
            chunk_bytes=sum(chunk.nbytes for chunk in chunks),
            chunks=len(chunks),
            workspaces=workspaces,
            resident_bytes=int(self._process.memory_info().rss),
            cpu_percent=self._process.cpu_percent(),
        )

    def cancel(self, job: str) -> None:
        """Make the job's running and coming tasks stop."""
        self._workspace(job).stop[0] = 1

    # data

    def read(
        self, columns: Sequence[str], block: int, start: int = 0, stop: int | None = None
    ) -> list[Values]:
        """Rows `start:stop` of one block of some columns, decoded; whole numbers with all their digits."""
        return [self._columns[column][block].exact(start, stop) for column in columns]

    def render(
        self,
        columns: Sequence[str],
        block: int,
        start: int,
        stop: int,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
    ) -> Any:
        """`function(values, *arguments)`, where `values` are what `read` gives."""
        return function(self.read(columns, block, start, stop), *arguments)

    def assemble(
        self, columns: Sequence[tuple[str, ColumnType]], block: int, *pieces: list[Values]
    ) -> list[Rollups]:
        """Make a block of each column by joining `pieces` (as `read` gives them) in order."""
        joined = [concatenate([piece[i] for piece in pieces], type) for i, (_, type) in enumerate(columns)]
        return self._keep(columns, block, joined)

    def drop(self, columns: Sequence[str]) -> None:
        """Free the chunks of columns; unknown ones are fine."""
        with self._lock:
            gone = [chunk for column in columns for chunk in self._columns.pop(column, {}).values()]
            self._freed += sum(chunk.nbytes for chunk in gone)
            worth_it = self._freed >= _WORTH_GIVING_BACK
            self._freed = 0 if worth_it else self._freed
        gone.clear()
        if worth_it:
            give_back()

    def renumber(self, columns: Sequence[str], numbers: Mapping[int, int]) -> None:
        """Give the blocks of columns other numbers: `numbers` are new by old."""
        with self._lock:
            for column in columns:
                blocks = self._columns.get(column, {})
                self._columns[column] = {numbers[block]: chunk for block, chunk in blocks.items()}

    def release(self, job: str) -> None:
        """Free what a job kept here."""
        with self._lock:
            known = self._workspaces.pop(job, None) is not None
        if known:
            give_back()

    # work

    def write(
        self,
        columns: Sequence[tuple[str, ColumnType]],
        block: int,
        function: Callable[..., Any],
        *arguments: Any,
    ) -> tuple[list[Rollups], Any]:
        """Make a block of each column from what `function(*arguments)` returns: (values, remark)."""
        values, remark = function(*arguments)
        return self._keep(columns, block, values), remark

    def reduce(
        self,
        job: str | None,
        columns: Sequence[str],
        blocks: Sequence[BlockRef],
        function: Callable[..., Any],
        combine: Callable[[Any, Any], Any],
        arguments: tuple[Any, ...],
    ) -> Any:
        """`function(block, *arguments)` of each block, combined in block order; None without blocks."""
        task = partial(self._reduce_block, job, columns, function, arguments)
        parts = list(self._map(task, blocks))
        return reduce(combine, parts) if parts else None

    def transform(
        self,
        job: str | None,
        columns: Sequence[str],
        blocks: Sequence[BlockRef],
        function: Callable[..., Any],
        outputs: Sequence[tuple[str, ColumnType]],
        arguments: tuple[Any, ...],
        room: int,
    ) -> list[tuple[int, int, list[Rollups]]]:
        """Keep what `function(block, *arguments)` returns, a sequence of decoded values per output.

        Returns (block, rows, roll-ups of each output) for every block. Raises MemoryExceeded if all that
        is kept takes more than `room` bytes. What was kept before a failure is freed by the caller, who
        drops the outputs.
        """
        task = partial(self._transform_block, job, columns, function, outputs, arguments)
        done, nbytes = [], 0
        with closing(self._map(task, blocks)) as results:
            for result in results:
                done.append(result)
                nbytes += sum(rollups.nbytes for rollups in result[2])
                if nbytes > room:
                    raise MemoryExceeded("The result", nbytes * len(blocks) // len(done), room)
        return done

    def run(
        self,
        job: str,
        columns: Sequence[str],
        blocks: Sequence[BlockRef],
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
    ) -> Any:
        """`function(workspace, blocks, *arguments)`, once, with all of the node's blocks."""
        workspace = self._workspace(job)
        self._check(workspace)
        return function(workspace, [self._block(columns, ref) for ref in blocks], *arguments)

    def call(self, job: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """`function(workspace, [], *arguments)`; arguments that are still computed are waited for."""
        return self.run(job, [], [], function, arguments)

    def produce(
        self,
        job: str,
        targets: Sequence[Target],
        outputs: Sequence[tuple[str, ColumnType]],
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        room: int,
    ) -> list[tuple[int, list[Rollups]]]:
        """Keep blocks of new columns that `function(workspace, targets, keep, *arguments)` makes.

        It calls `keep(output, target, values)`, from any thread, for each output and target. Returns
        (block, roll-ups of each output) for every target. Raises MemoryExceeded if all that is kept takes
        more than `room` bytes.
        """
        workspace = self._workspace(job)
        self._check(workspace)
        statistics: dict[int, dict[int, Rollups]] = {target.block: {} for target in targets}
        kept = 0

        def keep(output: int, target: Target, values: Values) -> None:
            nonlocal kept
            self._check(workspace)
            (rollups,) = self._keep([outputs[output]], target.block, [values])
            statistics[target.block][output] = rollups
            kept += rollups.nbytes  # threads may count at once: those that come after see it
            if kept > room:
                raise MemoryExceeded("The result", kept * len(outputs) // (output + 1), room)

        function(workspace, targets, keep, *arguments)
        return [
            (block, [found[output] for output in range(len(outputs))]) for block, found in statistics.items()
        ]

    def close(self) -> None:
        """End the threads and forget everything."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._columns.clear()
        self._workspaces.clear()

    def _map(self, function: Callable[..., Any], *arguments: Iterable[Any]) -> Generator[Any, None, None]:
        """`function` of each of the arguments, as `map` has it, on the node's threads, and in order.

        Where one fails, or the taker closes it, none is left running that could still keep something.
        """
        running = [self._pool.submit(function, *given) for given in zip(*arguments, strict=False)]
        return _results(running)

    def _reduce_block(
        self,
        job: str | None,
        columns: Sequence[str],
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        ref: BlockRef,
    ) -> Any:
        if job is not None:
            self._check(self._workspace(job))
        return function(self._block(columns, ref), *arguments)

    def _transform_block(
        self,
        job: str | None,
        columns: Sequence[str],
        function: Callable[..., Any],
        outputs: Sequence[tuple[str, ColumnType]],
        arguments: tuple[Any, ...],
        ref: BlockRef,
    ) -> tuple[int, int, list[Rollups]]:
        values = self._reduce_block(job, columns, function, arguments, ref)
        rows = len(values[0]) if len(values) else ref.rows
        return ref.index, rows, self._keep(outputs, ref.index, values)

    def _keep(
        self, columns: Sequence[tuple[str, ColumnType]], block: int, values: Sequence[Values]
    ) -> list[Rollups]:
        chunks = encode_all(values, [type for _, type in columns])
        with self._lock:
            for (column, _), chunk in zip(columns, chunks, strict=True):
                self._columns.setdefault(column, {})[block] = chunk
        return summarise_all(chunks, values)

    def _block(self, columns: Sequence[str], ref: BlockRef) -> Block:
        chunks = tuple(self._columns[column][ref.index] for column in columns)
        return Block(ref.index, ref.start, chunks, ref.rows)

    def _workspace(self, job: str) -> Workspace:
        with self._lock:
            if job not in self._workspaces:
                workspace = Workspace(job, self.index, os.getpid(), self.threads, self._map)
                self._workspaces[job] = workspace
            return self._workspaces[job]

    @staticmethod
    def _check(workspace: Workspace) -> None:
        if workspace.stop[0]:
            raise JobCancelled(f"job {workspace.job} was cancelled")


def _results(running: Sequence[Future[Any]]) -> Generator[Any, None, None]:
    try:
        for future in running:
            yield future.result()
    finally:
        wait([future for future in running if not future.cancel()])
