"""A frame of every type, spread over the cloud, and a job to write it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.jobs import Job, Jobs

Columns = dict[str, tuple[ColumnType, Any, tuple[str, ...] | None]]
MakeFrame = Callable[[Cloud, Columns], Frame]


def together(values: Sequence[Any]) -> tuple[Sequence[Any], None]:
    return values, None


@pytest.fixture
def make_frame() -> MakeFrame:
    """Makes a frame of decoded columns (name → type, values, domain), spread over all nodes."""

    def make(cloud: Cloud, columns: Columns) -> Frame:
        values = [value for _, value, _ in columns.values()]
        layout = even_layout(len(values[0]), cloud.size, 2, fewest=1)
        written = cloud.new_columns(type for type, _, _ in columns.values())
        statistics = []
        for block, owner in enumerate(layout.owners):
            start, count = int(layout.starts[block]), layout.block_rows[block]
            part = [value[start : start + count] for value in values]
            statistics.append(cloud.write(written, block, owner, together, part).result()[0])
        domains = [domain for _, _, domain in columns.values()]
        return Frame(tuple(columns), tuple(cloud.make_columns(written, statistics, layout, domains)), layout)

    return make


@pytest.fixture
def mixed(cloud: Cloud, make_frame: MakeFrame) -> Frame:
    """A thousand rows of every type, each with missing values, and a level that no row has."""
    rng = np.random.default_rng(7)
    rows = 1000
    missing = rng.random(rows) < 0.1
    reals = rng.normal(size=rows) * 10.0 ** rng.integers(-9, 9, rows)
    reals[:4] = [-0.0, np.inf, -np.inf, 5e-324]
    words = np.array(["plain", 'q"uote', "comma, semi;", "line\nbreak", "", "日本"])
    texts = [None if gone else str(word) for gone, word in zip(missing, rng.choice(words, rows), strict=True)]
    codes = rng.integers(0, 3, rows).astype(np.int32)
    huge = np.where(missing, np.iinfo(np.int64).min, rng.integers(-(2**62), 2**62, rows))
    huge[: rows // 2] = np.arange(rows // 2)  # so that some blocks need int64, and some do not
    times = rng.integers(-(10**12), 2 * 10**12, rows)
    return make_frame(
        cloud,
        {
            "whole": (ColumnType.NUMERIC, np.where(missing, np.nan, rng.integers(-999, 999, rows)), None),
            "real": (ColumnType.NUMERIC, np.where(missing, np.nan, reals), None),
            "huge": (ColumnType.NUMERIC, huge, None),
            "enum": (ColumnType.ENUM, np.where(missing, -1, codes).astype(np.int32), (*words[:3], "unused")),
            "time": (ColumnType.TIME, np.where(missing, np.iinfo(np.int64).min, times), None),
            "string": (ColumnType.STRING, pa.array(texts, pa.string()), None),
            "uuid": (ColumnType.UUID, pa.array(["6F8B" if i % 9 else None for i in range(rows)]), None),
            "nothing": (ColumnType.NUMERIC, np.full(rows, np.nan), None),
        },
    )


@pytest.fixture
def run_job() -> Callable[[Cloud, Callable[[Job], Any]], Job]:
    """Runs work in a job and waits for its end."""

    def run(cloud: Cloud, work: Callable[[Job], Any]) -> Job:
        job = Jobs(cloud).start("Export dataset", "mixed", "frame", lambda job: work(job) and None)
        assert job.wait(60)
        return job

    return run
