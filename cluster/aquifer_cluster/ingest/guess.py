"""Guessing a parse set-up from the beginning of the sources."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.ingest.readers import reader_of, recognise
from aquifer_cluster.ingest.setup import ParseSetup, Wishes
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.memory import give_back
from aquifer_cluster.node import Block, Workspace


def guess(sources: Sequence[Source], wishes: Wishes | None = None, cloud: Cloud | None = None) -> ParseSetup:
    """The set-up for `sources`, guessed from the first of them where `wishes` leave it open.

    With a cloud, one of its nodes looks at the sample, so that the coordinator need not hold it.
    Raises ParseFailure for a file that holds nothing, InvalidArgument for wishes that do not fit the file.
    """
    if not sources:
        raise InvalidArgument("source_frames", "names no source; give at least one")
    if cloud is None:
        return _guess(sources, wishes or Wishes())
    task = f"guess_{uuid.uuid4().hex}"
    try:
        setup: ParseSetup = cloud.call(0, task, _look, list(sources), wishes or Wishes()).result()
        return setup
    finally:
        cloud.release(task)


def _look(
    workspace: Workspace, _blocks: Sequence[Block], sources: Sequence[Source], wishes: Wishes
) -> ParseSetup:
    """Guess on a node."""
    return _guess(sources, wishes)


def _guess(sources: Sequence[Source], wishes: Wishes) -> ParseSetup:
    reader = reader_of(wishes.parse_type) if wishes.parse_type else recognise(sources[0])
    setup = replace(
        reader.guess(sources, wishes), partition_by=wishes.partition_by, time_zone=wishes.time_zone
    )
    give_back()
    setup.check_shape()
    return setup
