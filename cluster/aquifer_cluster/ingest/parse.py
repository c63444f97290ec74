"""Parsing sources into a frame: a node reads each source, every node parses what it is to own.

The coordinator sees neither text nor values: it asks a node to cut the next block, and gives the owner
the promise of it. What comes back are levels, statistics and warnings.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aquifer_cluster.chunk import encode
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ParseFailure, SourceNotFound
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.ingest.domains import Levels, merge_levels, recoded
from aquifer_cluster.ingest.readers import reader_of
from aquifer_cluster.ingest.setup import ParseSetup
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.writing import WRITING_PART, Remark, Writing
from aquifer_cluster.jobs import Job
from aquifer_cluster.memory import give_back
from aquifer_cluster.node import Block, Workspace

MAX_WARNINGS = 50
_SAMPLE_BYTES = 1 << 17


def parse(cloud: Cloud, setup: ParseSetup, job: Job) -> Frame:
    """Parse the sources of `setup` into a frame whose rows are in the order of the sources.

    Raises InvalidArgument for a set-up that contradicts itself, SourceNotFound, ParseFailure for a source
    that is broken, MemoryExceeded before the cloud's memory is full, JobCancelled. Then nothing is left.
    """
    setup.check()
    found: Survey = cloud.call(0, job.key, survey, setup, cloud.size).result()
    names, columns = setup.frame_names, cloud.new_columns(setup.frame_types)
    with cloud.reserve(f"Parsing {setup.destination}", found.nbytes) as room:
        try:
            writing = Writing(cloud, setup, found.shares, job, columns, room, found.volume)
            written = writing.all_shares()
            remarks = [block.remark for block in written]
            job.update(WRITING_PART, "Merging categorical levels")
            levels = _levels(remarks)
            domains = [merge_levels(levels[i], name) if i in levels else None for i, name in enumerate(names)]
            cloud.renumber(columns, {block.number: place for place, block in enumerate(written)})
            job.check()
        except BaseException:
            cloud.discard(columns)
            raise
    layout = Layout(tuple(remark.rows for remark in remarks), tuple(block.owner for block in written))
    made = cloud.make_columns(columns, writing.statistics, layout, domains)
    frame = recoded(cloud, Frame(names, tuple(made), layout), levels, job.key)
    job.check()
    for warning in _first_warnings(remarks):
        job.warn(warning)
    give_back()
    return frame


def require_room(cloud: Cloud, setup: ParseSetup) -> None:
    """Raise MemoryExceeded if what `setup` will make can be seen now not to fit.

    A source that cannot be read passes: the parse itself will say what is wrong with it.
    """
    with cloud.workspace() as task, suppress(SourceNotFound, ParseFailure):
        found: Survey = cloud.call(0, task, survey, setup, 1).result()
        cloud.require(f"Parsing {setup.destination}", found.nbytes)


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


# what runs on a node


@dataclass(frozen=True)
class Survey:
    """What is known of sources before they are parsed.

    About how many bytes they have (`volume`) and the frame will have (`nbytes`), and the `shares` of them
    that nodes can read at the same time, in row order.
    """

    volume: int
    nbytes: int
    shares: tuple[Source, ...]


def survey(workspace: Workspace, _blocks: Sequence[Block], setup: ParseSetup, nodes: int) -> Survey:
    """Look at the first rows, and for shares where there are fewer sources than `nodes`."""
    reader, most = reader_of(setup.parse_type), -(-nodes // len(setup.sources))
    total = sum(reader.volume(source) for source in setup.sources)
    shares = setup.sources
    if most > 1:
        shares = tuple(share for source in setup.sources for share in reader.shares(source, most))
    first = next(reader.blocks(setup.sources[0], setup, _SAMPLE_BYTES), None)
    if first is None:
        return Survey(total, 0, shares)
    block, _ = first
    parsed = reader.parse(block, setup)
    types = [setup.column_types[i] for i in setup.kept]
    size = sum(encode(values, type).nbytes for values, type in zip(parsed.values, types, strict=True))
    return Survey(total, int(size * total / block.length), shares)
