"""A node that dies while it trains: the job says so, the others give back what they kept, and go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import NodeLost
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.jobs import Job, JobStatus
from aquifer_cluster.store import Store

LOST = 1


@pytest.fixture
def cloud(mortal: Cloud) -> Cloud:
    """Three nodes of which one dies."""
    return mortal


def survivors_are_empty(cloud: Cloud) -> bool:
    return all(
        status is None if node == LOST else status is not None and not status.workspaces
        for node, status in enumerate(cloud.statuses())
    )


def within(seconds: float, condition: Callable[[], Any]) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.ray
def test_a_job_whose_node_dies_fails_by_name_and_leaves_the_others_usable(
    cloud: Cloud,
    kill: Callable[[Cloud, int], None],
    store: Store,
    frame_of: Callable[..., Frame],
    start: Callable[..., Job],
) -> None:
    x = np.random.default_rng(0).normal(size=3000)
    frame = frame_of({"x": x, "y": 2 * x})
    elsewhere = cloud.redistribute(frame, Layout((1500, 1500), (0, 2)))
    store.put("f", frame)
    job = start(
        training_frame="f", response_column="y", hidden=[8], epochs=1e9, stopping_rounds=0, regression_stop=-1
    )
    assert within(60, lambda: job.history), job.message
    kill(cloud, LOST)
    assert job.wait(60)
    assert job.status is JobStatus.FAILED
    assert job.exception is not None
    assert job.exception.startswith(f"Node {LOST} is gone")
    assert within(10, lambda: survivors_are_empty(cloud))
    np.testing.assert_allclose(cloud.read(elsewhere)[0], x)
    with pytest.raises(NodeLost, match=f"Node {LOST} is gone"):
        cloud.read(frame)
    with pytest.raises(NodeLost, match=f"Node {LOST} is gone"):  # named also where another node waits for it
        cloud.redistribute(frame, Layout((3000,), (0,)))

    again = start(training_frame="f", response_column="y", hidden=[8])
    assert again.wait(60)
    assert again.status is JobStatus.FAILED
    assert again.exception is not None
    assert again.exception.startswith(f"Node {LOST} is gone")
    assert within(10, lambda: survivors_are_empty(cloud))
