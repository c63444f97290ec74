"""Background work: done, cancelled, out of time, failed."""

from __future__ import annotations

import time

import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.jobs import Job, Jobs, JobStatus
from aquifer_cluster.node import Block, Workspace


@pytest.fixture
def jobs(cloud: Cloud) -> Jobs:
    return Jobs(cloud)


def until_stopped(job: Job) -> None:
    while True:
        job.check()
        time.sleep(0.01)


def spin(workspace: Workspace, _blocks: list[Block]) -> int:
    """A task that ends only when it is told to."""
    until = time.monotonic() + 20
    while not workspace.stop[0] and time.monotonic() < until:
        time.sleep(0.01)
    return int(workspace.stop[0])


def keep(workspace: Workspace, _blocks: list[Block]) -> list[str]:
    """A task that keeps something for the next one."""
    workspace.held.setdefault("kept", "since the first call")
    return sorted(workspace.held)


def test_done_work_has_full_progress_and_its_warnings(jobs: Jobs) -> None:
    def work(job: Job) -> None:
        job.update(0.5, "half")
        job.update(0.2)
        assert job.progress == 0.5, "progress never goes backwards"
        job.warn("careful")

    job = jobs.start("Work", "dest", "frame", work)
    assert job.wait(10)
    assert (job.status, job.progress, job.warnings, job.exception) == (JobStatus.DONE, 1.0, ["careful"], None)
    assert jobs.get(job.key) is job
    assert jobs.all() == [job]


def test_cancelled_work_stops_within_a_second(jobs: Jobs) -> None:
    job = jobs.start("Work", "dest", "frame", until_stopped)
    started = time.monotonic()
    jobs.cancel(job)
    assert job.wait(1)
    assert time.monotonic() - started < 1
    assert job.status is JobStatus.CANCELLED


def test_a_cancel_reaches_tasks_that_run_on_the_nodes(jobs: Jobs, cloud: Cloud) -> None:
    stops: list[list[int]] = []
    job = jobs.start("Work", "dest", "frame", lambda job: stops.append(cloud.run(job.key, spin)))
    time.sleep(0.3)
    jobs.cancel(job)
    assert job.wait(2)
    assert stops == [[1] * cloud.size]


def test_work_stops_at_its_deadline_with_a_plain_reason(jobs: Jobs) -> None:
    job = jobs.start("Work", "dest", "frame", until_stopped, seconds=0.05)
    assert job.wait(2)
    assert job.status is JobStatus.FAILED
    assert job.exception == "Work ran out of its time"


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (InvalidArgument("epochs", "must be positive"), "epochs: must be positive"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_failed_work_gives_a_plain_reason_and_keeps_the_traceback(
    jobs: Jobs, failure: Exception, reason: str
) -> None:
    def work(job: Job) -> None:
        raise failure

    job = jobs.start("Work", "dest", "frame", work)
    assert job.wait(10)
    assert (job.status, job.exception) == (JobStatus.FAILED, reason)
    assert job.stacktrace is not None
    assert "Traceback" in job.stacktrace


def test_what_a_job_keeps_on_the_nodes_lasts_as_long_as_the_job(jobs: Jobs, cloud: Cloud) -> None:
    seen: list[list[str]] = []

    def work(job: Job) -> None:
        seen.extend(cloud.run(job.key, keep))
        assert cloud.call(0, job.key, keep).result() == ["kept"]

    job = jobs.start("Work", "dest", "frame", work)
    assert job.wait(10)
    assert job.status is JobStatus.DONE, job.exception
    assert seen == [["kept"]] * cloud.size
    assert cloud.call(0, job.key, held).result() == []
    cloud.release(job.key)


def held(workspace: Workspace, _blocks: list[Block]) -> list[str]:
    return sorted(workspace.held)


def test_all_jobs_are_stopped_together(jobs: Jobs) -> None:
    running = [jobs.start("Work", f"dest {i}", "frame", until_stopped) for i in range(3)]
    jobs.cancel_all(5)
    assert [job.status for job in running] == [JobStatus.CANCELLED] * 3


def test_a_cancel_at_the_last_moment_leaves_nothing_on_the_nodes(jobs: Jobs, cloud: Cloud) -> None:
    before = [status.workspaces for status in cloud.statuses() if status]
    for _ in range(20):
        job = jobs.start("Work", "dest", "frame", lambda job: None)
        jobs.cancel(job)
        assert job.wait(10)
        jobs.cancel(job)
    assert [status.workspaces for status in cloud.statuses() if status] == before
