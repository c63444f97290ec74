"""The same tests on one node in this process and on three nodes in Ray actors."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import ParseSetup, Source, Wishes, guess, parse
from aquifer_cluster.jobs import Job, Jobs

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]


@pytest.fixture(params=BOTH)
def cloud(request: pytest.FixtureRequest, clouds: Callable[[int], Cloud]) -> Iterator[Cloud]:
    """A cloud of one embedded node, and one of three Ray nodes."""
    formed = clouds(request.param)
    if request.param == 0:
        yield formed
        return
    from ray import cloudpickle

    module = sys.modules[request.module.__name__]  # the actors cannot import a test module
    cloudpickle.register_pickle_by_value(module)
    yield formed
    cloudpickle.unregister_pickle_by_value(module)


@pytest.fixture
def embedded(clouds: Callable[[int], Cloud]) -> Cloud:
    """A cloud of one node in this process."""
    return clouds(0)


@pytest.fixture
def source_of(tmp_path: Path) -> Callable[..., Source]:
    """Makes a source of some bytes."""

    def make(content: bytes | str, name: str = "file.csv") -> Source:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Source.of_file(path, str(path))

    return make


@pytest.fixture
def nothing_left() -> Callable[[Cloud], bool]:
    """Says whether the nodes hold, soon, nothing but the columns that are alive, and no workspace."""

    def check(cloud: Cloud) -> bool:
        gc.collect()
        until = time.monotonic() + 5
        while time.monotonic() < until:
            statuses = [status for status in cloud.statuses() if status]
            held = sum(status.chunk_bytes for status in statuses)
            if held == cloud.used_bytes and not any(status.workspaces for status in statuses):
                return True
            time.sleep(0.02)
        return False

    return check


Parse = Callable[..., tuple[Frame, Job]]


@pytest.fixture
def parse_with() -> Callable[[Cloud, ParseSetup], tuple[Frame, Job]]:
    """Parses in a job and waits for it; raises what made the job fail."""

    def run(cloud: Cloud, setup: ParseSetup) -> tuple[Frame, Job]:
        frames: list[Frame] = []
        failures: list[BaseException] = []

        def work(job: Job) -> None:
            try:
                frames.append(parse(cloud, setup, job))
            except BaseException as failure:
                failures.append(failure)
                raise

        job = Jobs(cloud).start("Parse", setup.destination, "frame", work)
        assert job.wait(60)
        if failures:
            raise failures[0]
        return frames[0], job

    return run


@pytest.fixture
def parse_text(
    source_of: Callable[..., Source], parse_with: Callable[[Cloud, ParseSetup], tuple[Frame, Job]]
) -> Parse:
    """Guesses the set-up of a text, given wishes, and parses it."""

    def run(cloud: Cloud, content: bytes | str, **wishes: object) -> tuple[Frame, Job]:
        return parse_with(cloud, guess([source_of(content)], Wishes(**wishes), cloud))  # type: ignore[arg-type]

    return run
