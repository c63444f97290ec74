"""Short pauses: what the interpreter must not do while clients wait for an answer."""

from __future__ import annotations

import gc
import sys
import threading

from aquifer_cluster.jobs import Jobs, JobStatus

SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter from others: an answer waits for each that is busy."""

YOUNG = (20_000, 5)
"""Collections of new objects: so small that one takes a few milliseconds."""

_NEVER = 2**31 - 1
_SECONDS_BETWEEN_COLLECTIONS = 60.0


def keep_short(jobs: Jobs) -> None:
    """Let busy threads take turns often, and look for garbage among old objects only while no job runs.

    A frame of thousands of columns is hundreds of thousands of objects: to look through all of them takes a
    tenth of a second, in which nothing is answered. Nearly all of them go without that, when nobody refers to
    them any more.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # what is there by now stays for good
    gc.set_threshold(*YOUNG, _NEVER)
    threading.Thread(target=_collect_when_idle, args=(jobs,), name="collector", daemon=True).start()


def collect_if_idle(jobs: Jobs) -> bool:
    """Look for garbage among all objects unless a job runs; whether that was done."""
    idle = not any(job.status is JobStatus.RUNNING for job in jobs.all())
    if idle:
        gc.collect()
    return idle


def _collect_when_idle(jobs: Jobs) -> None:
    while True:
        threading.Event().wait(_SECONDS_BETWEEN_COLLECTIONS)
        collect_if_idle(jobs)
