"""Frames made of Python values on a cloud of tests, and jobs that train on them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import inputs_of
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.model import Model
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.jobs import Job, Jobs, JobStatus
from aquifer_cluster.store import Store

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]


@pytest.fixture
def cloud(clouds: Callable[[int], Cloud], nodes: int) -> Cloud:
    """The cloud of this test: one node in this process, or as `nodes` says."""
    return clouds(nodes)


@pytest.fixture
def frame_of(cloud: Cloud) -> Callable[..., Frame]:
    """Makes a frame of columns by name: numbers (None is missing), or labels, which become categories.

    `levels` gives the domain of a column where it is not the sorted labels; `blocks` is per node.
    """

    def make(
        columns: Mapping[str, Sequence[Any]],
        levels: Mapping[str, tuple[str, ...]] | None = None,
        blocks: int = 2,
    ) -> Frame:
        decoded = [_decoded(values, (levels or {}).get(name)) for name, values in columns.items()]
        layout = even_layout(len(decoded[0][0]), cloud.size, blocks, fewest=1)
        written = cloud.new_columns([type for _, type, _ in decoded])
        statistics = []
        for block, owner in enumerate(layout.owners):
            start = int(layout.starts[block])
            pieces = [values[start : start + layout.block_rows[block]] for values, _, _ in decoded]
            statistics.append(cloud.write(written, block, owner, _with_no_remark, pieces).result()[0])
        domains = [domain for _, _, domain in decoded]
        return Frame(tuple(columns), tuple(cloud.make_columns(written, statistics, layout, domains)), layout)

    return make


@pytest.fixture
def store() -> Store:
    """An empty store."""
    return Store()


@pytest.fixture
def jobs(cloud: Cloud) -> Iterator[Jobs]:
    """The jobs of this test; those that still run are cancelled after it."""
    jobs = Jobs(cloud)
    yield jobs
    jobs.cancel_all(10)


@pytest.fixture
def start(cloud: Cloud, store: Store, jobs: Jobs) -> Callable[..., Job]:
    """Starts the training of `model` with the given parameters as a job."""

    def begin(**parameters: Any) -> Job:
        asked = DeepLearningParameters(**parameters)
        builder = ALGORITHMS["deeplearning"]
        return jobs.start(
            "training",
            "model",
            "model",
            lambda job: _discard(builder.train(cloud, store, asked, inputs_of(store, asked), job, "model")),
        )

    return begin


@pytest.fixture
def train(start: Callable[..., Job], store: Store) -> Callable[..., Model]:
    """Trains a model to the end; a failure of the job is a failure of the test."""

    def finish(**parameters: Any) -> Model:
        job = start(**parameters)
        assert job.wait(180), f"the job still runs: {job.message}"
        assert job.status is JobStatus.DONE, job.stacktrace
        return store.get("model", Model)

    return finish


@pytest.fixture
def iris(test_data: Path, frame_of: Callable[..., Frame]) -> Frame:
    """Fisher's irises: four numbers and a class of three."""
    with (test_data / "iris_wheader.csv").open() as file:
        header, *rows = [row for row in csv.reader(file) if row]
    columns: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    return frame_of({name: v if name == "class" else [float(x) for x in v] for name, v in columns.items()})


def _decoded(
    values: Sequence[Any], levels: tuple[str, ...] | None
) -> tuple[np.ndarray[Any, Any], ColumnType, tuple[str, ...] | None]:
    if any(isinstance(value, str) for value in values) or levels is not None:
        domain = levels or tuple(sorted({value for value in values if value is not None}))
        codes = [-1 if value is None else domain.index(value) for value in values]
        return np.array(codes, np.int32), ColumnType.ENUM, domain
    return np.array([np.nan if v is None else v for v in values], float), ColumnType.NUMERIC, None


def _with_no_remark(values: Any) -> tuple[Any, None]:
    return values, None


def _discard(model: Model) -> None:
    """Jobs return nothing."""
