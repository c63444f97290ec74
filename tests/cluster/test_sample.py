"""A sample of rows: from everywhere, no more than promised, and all rows where they are few."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud, form_cloud
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.sample import SAMPLE_ROWS, sample, sample_runs


def counting(cloud: Cloud, rows: int, blocks: int) -> Frame:
    """A frame whose one column counts its rows from 0."""
    layout = even_layout(rows, cloud.size, blocks, fewest=1)
    written = cloud.new_columns([ColumnType.NUMERIC])
    calls = []
    for block, owner in enumerate(layout.owners):
        first = int(layout.starts[block])
        calls.append(cloud.write(written, block, owner, count_from, first, layout.block_rows[block]))
    columns = cloud.make_columns(written, [call.result()[0] for call in calls], layout)
    return Frame(("x",), tuple(columns), layout)


def count_from(first: int, rows: int) -> tuple[list[np.ndarray], None]:
    return [np.arange(first, first + rows, dtype=np.float64)], None


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = form_cloud("samples", threads=2, memory=1 << 28)
    yield cloud
    cloud.close()


def test_few_rows_are_all_looked_at(cloud: Cloud) -> None:
    (values,) = sample(cloud, counting(cloud, 1000, 3))
    np.testing.assert_array_equal(values, np.arange(1000))


def test_of_many_rows_as_many_as_promised_from_everywhere(cloud: Cloud) -> None:
    (values,) = sample(cloud, counting(cloud, 200_000, 7))
    assert len(values) == SAMPLE_ROWS
    assert values[0] == 0
    assert values[-1] == 199_999
    assert (np.diff(values) > 0).all()
    tenths = np.histogram(values, bins=10, range=(0, 200_000))[0]
    assert tenths.min() > SAMPLE_ROWS / 10 * 0.7


def test_no_rows_are_no_sample(cloud: Cloud) -> None:
    (values,) = sample(cloud, counting(cloud, 0, 1))
    assert len(values) == 0


@pytest.mark.parametrize("rows", [0, 1, 4095, 4096, 4097, 5000, 8191, 10**9])
def test_runs_stay_within_the_frame_and_do_not_overlap(rows: int) -> None:
    runs = sample_runs(rows)
    ends = [edge for run in runs for edge in run]
    assert ends == sorted(ends)
    assert ends[0] == 0
    assert ends[-1] == rows
    assert sum(last - first for first, last in runs) == min(rows, SAMPLE_ROWS)
