"""Parsing sources into a frame: one node reads, every node parses what it is to own.

The coordinator sees neither text nor values: it asks a node to cut the next block, and gives the owner
the promise of it. What comes back are levels, statistics and warnings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from aquifer_cluster.chunk import ColumnType, Values, encode
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import BLOCKS_PER_NODE, Frame, Layout
from aquifer_cluster.ingest.domains import Levels, merge_levels, recoded
from aquifer_cluster.ingest.folders import folder_values
from aquifer_cluster.ingest.readers import ParsedBlock, SourceBlock, reader_of
from aquifer_cluster.ingest.setup import ParseSetup
from aquifer_cluster.ingest.source import part_read
from aquifer_cluster.jobs import Job
from aquifer_cluster.memory import give_back
from aquifer_cluster.node import Block, Workspace
from aquifer_cluster.reach import Pending
from aquifer_cluster.rollups import Rollups, merge

MAX_BLOCK_BYTES = 8 << 20
MIN_BLOCK_BYTES = 256
"""With several nodes: one block more or less is then an eighth of a shard."""

MAX_WARNINGS = 50
_SAMPLE_BYTES = 1 << 17
_RECODING = 0.05


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


@dataclass
class _Written:
    """The blocks so far, in file order, and the statistics of each column over them."""

    owners: list[int] = field(default_factory=list)
    statistics: list[Rollups] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def parse(cloud: Cloud, setup: ParseSetup, job: Job) -> Frame:
    """Parse the sources of `setup`, one after the other, into a frame.

    Raises InvalidArgument for a set-up that contradicts itself, SourceNotFound, ParseFailure for a source
    that is broken, MemoryExceeded before the cloud's memory is full, JobCancelled. Then nothing is left.
    """
    setup.check()
    total, estimate = cloud.call(0, job.key, survey, setup).result()
    cloud.require(f"Parsing {setup.destination}", estimate)
    names, columns = setup.frame_names, cloud.new_columns(setup.frame_types)
    running: deque[Pending] = deque()
    try:
        written = _write_blocks(cloud, setup, job, columns, total, running)
        levels = _levels(written.remarks)
        domains = [merge_levels(levels[i], name) if i in levels else None for i, name in enumerate(names)]
    except BaseException:
        cloud.discard(columns, running)
        raise
    layout = Layout(tuple(remark.rows for remark in written.remarks), tuple(written.owners))
    made = cloud.make_columns(columns, [written.statistics], layout, domains)
    job.update(1 - _RECODING, "Merging categorical levels")
    frame = recoded(cloud, Frame(names, tuple(made), layout), levels, job.key)
    for warning in _first_warnings(written.remarks):
        job.warn(warning)
    give_back()
    return frame


def _write_blocks(
    cloud: Cloud,
    setup: ParseSetup,
    job: Job,
    columns: list[tuple[str, ColumnType]],
    total: int,
    running: deque[Pending],
) -> _Written:
    """Have all blocks read and written; at most a few are on their way at any time."""
    written = _Written()
    shipped = replace(setup, preview=(), warnings=())
    at_once = cloud.size * (cloud.threads + 1)
    load = [0] * cloud.size
    size = block_bytes(setup, total, cloud.size)
    for text, length, progress in _texts(cloud, shipped, job, size):
        owner = load.index(min(load))
        load[owner] += length
        written.owners.append(owner)
        running.append(cloud.write(columns, len(written.owners) - 1, owner, write_block, text, shipped))
        if len(running) >= at_once:
            _collect(cloud, setup, job, written, running, progress)
    while running:
        _collect(cloud, setup, job, written, running, 1.0)
    if not written.owners:
        written.owners.append(0)
        running.append(cloud.write(columns, 0, 0, write_block, None, shipped))
        _collect(cloud, setup, job, written, running, 1.0)
    return written


def _texts(cloud: Cloud, setup: ParseSetup, job: Job, size: int) -> Iterator[tuple[Pending, int, float]]:
    """For each block: the promise of its text, its length, and the part of all files that is read."""
    for number in range(len(setup.sources)):
        reader = number % cloud.size
        ahead = cloud.call(reader, job.key, read_ahead, setup, number, size)
        while (notice := ahead.result()) is not None:
            job.check()
            text = cloud.call(reader, job.key, hand_over, number, notice.number)
            ahead = cloud.call(reader, job.key, read_ahead, setup, number, size)
            yield text, notice.length, part_read(setup.sources, number, notice.consumed)


def _collect(
    cloud: Cloud, setup: ParseSetup, job: Job, written: _Written, running: deque[Pending], progress: float
) -> None:
    """Take the result of the oldest block, and see that what is coming fits as well."""
    job.check()
    statistics, remark = running.popleft().result()
    before = written.statistics or [Rollups()] * len(statistics)
    written.statistics = [merge(pair) for pair in zip(before, statistics, strict=True)]
    written.remarks.append(remark)
    nbytes = sum(rollups.nbytes for rollups in written.statistics)
    done = progress * len(written.remarks) / len(written.owners)
    cloud.require(f"Parsing {setup.destination}", int(nbytes / max(done, 0.1)))
    job.update(done * (1 - _RECODING), f"Parsing {setup.destination}")


def _levels(remarks: Sequence[Remark]) -> dict[int, list[Levels]]:
    """Levels per enum column, then per block."""
    return {
        i: [remark.levels[i] or () for remark in remarks]
        for i, levels in enumerate(remarks[0].levels)
        if levels is not None
    }


def _first_warnings(remarks: Sequence[Remark]) -> list[str]:
    warnings = [warning for remark in remarks for warning in remark.warnings]
    if len(warnings) > MAX_WARNINGS:
        return [*warnings[:MAX_WARNINGS], "More rows were repaired; only the first are named."]
    return warnings


def block_bytes(setup: ParseSetup, total: int, nodes: int) -> int:
    """Bytes of text for one block: small enough that every node gets several of them."""
    if setup.chunk_size and nodes == 1:
        return min(setup.chunk_size, MAX_BLOCK_BYTES)
    share = total // (nodes * BLOCKS_PER_NODE) if nodes > 1 else total
    return max(MIN_BLOCK_BYTES, min(share + 1, MAX_BLOCK_BYTES))


# what runs on the nodes


def survey(workspace: Workspace, _blocks: Sequence[Block], setup: ParseSetup) -> tuple[int, int]:
    """About how many bytes of text there are, and how many the frame will take: see the first rows."""
    reader = reader_of(setup.parse_type)
    total = sum(reader.volume(source) for source in setup.sources)
    first = next(reader.blocks(setup.sources[0], setup, _SAMPLE_BYTES), None)
    if first is None:
        return total, 0
    block, _ = first
    parsed = reader.parse(block, setup)
    types = [setup.column_types[i] for i in setup.kept]
    size = sum(encode(values, type).nbytes for values, type in zip(parsed.values, types, strict=True))
    return total, int(size * total / block.length)


def read_ahead(
    workspace: Workspace, _blocks: Sequence[Block], setup: ParseSetup, source: int, size: int
) -> Notice | None:
    """Cut the next block of a source and keep it until it is handed over; None at the end."""
    held = workspace.held
    if f"reader-{source}" not in held:
        blocks = reader_of(setup.parse_type).blocks(setup.sources[source], setup, size)
        held[f"reader-{source}"] = enumerate(blocks)
    found = next(held[f"reader-{source}"], None)
    if found is None:
        del held[f"reader-{source}"]
        return None
    number, (block, consumed) = found
    held[f"text-{source}-{number}"] = block
    return Notice(number, block.length, consumed)


def hand_over(workspace: Workspace, _blocks: Sequence[Block], source: int, number: int) -> SourceBlock:
    """Give away a block that was cut."""
    block: SourceBlock = workspace.held.pop(f"text-{source}-{number}")
    return block


def write_block(block: SourceBlock | None, setup: ParseSetup) -> tuple[tuple[Values, ...], Remark]:
    """Parse a block (None: no rows): its values, to be kept here, and what the coordinator must know."""
    if block is None:
        parsed = ParsedBlock.without_rows(setup)
    else:
        rows = reader_of(setup.parse_type).parse(block, setup)
        parsed = rows.with_constants(folder_values(block.source, setup.partition_by))
    return parsed.values, Remark(parsed.rows, parsed.levels, parsed.warnings)
