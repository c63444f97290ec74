"""What a server does against long pauses of its interpreter."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
from aquifer import pauses
from aquifer_cluster.cloud import form_cloud
from aquifer_cluster.jobs import Jobs


class Knot:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    threshold, seconds = gc.get_threshold(), sys.getswitchinterval()
    cloud = form_cloud("pauses", threads=1)
    yield Jobs(cloud)
    cloud.close()
    gc.set_threshold(*threshold)
    sys.setswitchinterval(seconds)
    gc.unfreeze()


def test_old_objects_are_looked_through_only_when_no_job_runs(jobs: Jobs) -> None:
    pauses.keep_short(jobs)
    knot = Knot()
    known = weakref.ref(knot)
    gc.collect(1)  # it is an old object now
    del knot
    collections = gc.get_stats()[2]["collections"]
    crowd = [[i] for i in range(40 * pauses.YOUNG[0])]  # more new objects than these would bring it about
    assert crowd
    assert gc.get_stats()[2]["collections"] == collections
    done = threading.Event()
    job = jobs.start("waits", "nothing", "Frame", lambda job: done.wait() and None)
    assert not pauses.collect_if_idle(jobs)
    assert known() is not None
    done.set()
    assert job.wait(10)
    assert pauses.collect_if_idle(jobs)
    assert known() is None
