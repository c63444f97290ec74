"""Writing sources into columns: a node reads each source, every node parses and keeps what it is to own."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import BLOCKS_PER_NODE
from aquifer_cluster.ingest.domains import Levels
from aquifer_cluster.ingest.folders import folder_values
from aquifer_cluster.ingest.readers import ParsedBlock, SourceBlock, reader_of
from aquifer_cluster.ingest.setup import ParseSetup
from aquifer_cluster.ingest.source import Source, part_read
from aquifer_cluster.jobs import Job
from aquifer_cluster.memory import Reservation
from aquifer_cluster.node import Block, Workspace
from aquifer_cluster.reach import Pending
from aquifer_cluster.rollups import Rollups

MAX_BLOCK_BYTES = 8 << 20
MIN_BLOCK_BYTES = 256
"""With several nodes: one block more or less is then an eighth of a shard."""

WRITING_PART = 0.95
"""The part of a parse's progress that writing is; the rest is the merging of levels."""


@dataclass(frozen=True)
class Remark:
    """What a node says of a block that it parsed."""

    rows: int
    levels: tuple[Levels | None, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """What the reading node says of the block that it has cut: bytes of text, bytes of the file read."""

    number: int
    length: int
    consumed: int


@dataclass(frozen=True)
class Written:
    """A block that was written: the number it was given at first, its owner, and what was said of it."""

    number: int
    owner: int
    remark: Remark


class Writing:
    """The sources on their way into columns, in `shares`: several at the same time, each read by one node.

    Blocks are numbered as they come. `statistics` are those of each block so far, per column.
    """

    def __init__(
        self,
        cloud: Cloud,
        setup: ParseSetup,
        shares: Sequence[Source],
        job: Job,
        columns: Sequence[tuple[str, ColumnType]],
        room: Reservation,
        total: int,
    ) -> None:
        self._cloud, self._job, self._columns, self._room = cloud, job, columns, room
        self._setup, self._shares = replace(setup, preview=(), warnings=()), shares
        self._size = block_bytes(setup, total, cloud.size)
        self._lanes = min(len(shares), cloud.size * cloud.threads)
        self._ahead = max(2, cloud.size * (cloud.threads + 1) // self._lanes)
        self._load = [0] * cloud.size
        self._read = [0.0] * len(shares)
        self._numbers = itertools.count()
        self._failed = threading.Event()
        self._lock = threading.Lock()
        self._nbytes = 0
        self.statistics: list[Sequence[Rollups]] = []

    def all_shares(self) -> list[Written]:
        """Write all blocks of all shares; at least one block, if it is empty. Raises the first failure."""
        with ThreadPoolExecutor(self._lanes, thread_name_prefix=self._job.key) as lanes:
            tasks = [lanes.submit(self._share, number) for number in range(len(self._shares))]
            wait(tasks, return_when=FIRST_EXCEPTION)
        for failure in sorted(filter(None, (task.exception() for task in tasks)), key=_is_follower):
            raise failure
        written = [block for task in tasks for block in task.result()]
        return written or [self._collected(self._begun(None, 0))]

    def _share(self, share: int) -> list[Written]:
        """Have one share read and written; only a few of its blocks are on their way at any time."""
        written: list[Written] = []
        running: deque[tuple[_Begun, float]] = deque()
        calls: list[Pending] = []
        try:
            for text, notice in self._texts(share, calls):
                begun = self._begun(text, notice.length, self._reader(share))
                running.append((begun, self._part(share, notice.consumed)))
                if len(running) > self._ahead:
                    written.append(self._taken(share, running))
            while running:
                written.append(self._taken(share, running))
            self._read[share] = 1.0
        except BaseException:
            self._failed.set()
            for call in (*calls, *(begun.call for begun, _ in running)):
                with suppress(Exception):  # nothing may be written any more when the columns are discarded
                    call.result()
            raise
        return written

    def _texts(self, share: int, calls: list[Pending]) -> Iterator[tuple[Pending, Notice]]:
        """For each block of a share: the promise of its text, and what is known of it.

        The last of `calls` is the one that reads ahead.
        """
        reader, key = self._reader(share), self._job.key

        def read_on() -> Pending:
            calls[:] = [
                self._cloud.call(reader, key, read_ahead, self._setup, share, self._shares[share], self._size)
            ]
            return calls[0]

        ahead = read_on()
        while (notice := ahead.result()) is not None:
            self._check()
            text = self._cloud.call(reader, key, hand_over, share, notice.number)
            ahead = read_on()
            yield text, notice

    def _reader(self, share: int) -> int:
        """The node that reads a share."""
        return share % self._cloud.size

    def _begun(self, text: Pending | None, length: int, reader: int = 0) -> _Begun:
        """Have a block written by the node that has least, or by its reader where that makes no odds."""
        with self._lock:
            number, least = next(self._numbers), min(self._load)
            owner = reader if self._load[reader] == least else self._load.index(least)
            self._load[owner] += length
        call = self._cloud.write(self._columns, number, owner, write_block, text, self._setup)
        return _Begun(number, owner, call)

    def _taken(self, share: int, running: deque[tuple[_Begun, float]]) -> Written:
        """Take the result of the oldest block, and see that what is still coming fits as well.

        It stays among the running ones until it has ended: they are waited for after a failure.
        """
        self._check()
        begun, part = running[0]
        block = self._collected(begun)
        running.popleft()
        with self._lock:
            self._read[share] = part
            done = part_read(self._shares, self._read)
            self._room.resize(int(self._nbytes / max(done, 0.1)))
            self._job.update(done * WRITING_PART, f"Parsing {self._setup.destination}")
        return block

    def _collected(self, begun: _Begun) -> Written:
        statistics, remark = begun.call.result()
        with self._lock:
            self.statistics.append(statistics)
            self._nbytes += sum(rollups.nbytes for rollups in statistics)
        return Written(begun.number, begun.owner, remark)

    def _part(self, share: int, consumed: int) -> float:
        """The part of a share that is read; half where its size is not known."""
        size = self._shares[share].size
        return 0.5 if size is None else min(1.0, consumed / max(1, size))

    def _check(self) -> None:
        """Raise JobCancelled if the job is to stop, or another source has failed."""
        self._job.check()
        if self._failed.is_set():
            raise _AnotherFailed


@dataclass(frozen=True)
class _Begun:
    """A block that is being written."""

    number: int
    owner: int
    call: Pending


class _AnotherFailed(Exception):
    """The reading of another source has failed, and tells why."""


def _is_follower(failure: BaseException) -> bool:
    return isinstance(failure, _AnotherFailed)


def block_bytes(setup: ParseSetup, total: int, nodes: int) -> int:
    """Bytes of text for one block: small enough that every node gets several of them."""
    if setup.chunk_size and nodes == 1:
        return min(setup.chunk_size, MAX_BLOCK_BYTES)
    share = total // (nodes * BLOCKS_PER_NODE) if nodes > 1 else total
    return max(MIN_BLOCK_BYTES, min(share + 1, MAX_BLOCK_BYTES))


# what runs on the nodes


def read_ahead(
    workspace: Workspace, _blocks: Sequence[Block], setup: ParseSetup, share: int, source: Source, size: int
) -> Notice | None:
    """Cut the next block of a share and keep it until it is handed over; None at the end."""
    held = workspace.held
    if f"reader-{share}" not in held:
        held[f"reader-{share}"] = enumerate(reader_of(setup.parse_type).blocks(source, setup, size))
    found = next(held[f"reader-{share}"], None)
    if found is None:
        del held[f"reader-{share}"]
        return None
    number, (block, consumed) = found
    held[f"text-{share}-{number}"] = block
    return Notice(number, block.length, consumed)


def hand_over(workspace: Workspace, _blocks: Sequence[Block], share: int, number: int) -> SourceBlock:
    """Give away a block that was cut."""
    block: SourceBlock = workspace.held.pop(f"text-{share}-{number}")
    return block


def write_block(block: SourceBlock | None, setup: ParseSetup) -> tuple[tuple[Values, ...], Remark]:
    """Parse a block (None: no rows): its values, to be kept here, and what the coordinator must know."""
    if block is None:
        parsed = ParsedBlock.without_rows(setup)
    else:
        rows = reader_of(setup.parse_type).parse(block, setup)
        parsed = rows.with_constants(folder_values(block.source, setup.partition_by))
    return parsed.values, Remark(parsed.rows, parsed.levels, parsed.warnings)
