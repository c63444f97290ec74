"""Background jobs of the coordinator: progress, cancel, deadline, failure."""

from __future__ import annotations

import contextvars
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError, DeadlineExceeded, JobCancelled

_log = structlog.get_logger("aquifer.jobs")


class JobStatus(StrEnum):
    """Where a job is."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass
class Job:
    """One piece of background work, and the handle by which the work reports and is stopped.

    The work calls `update` and, often, `check`. It is the only writer besides `Jobs`. It may set `preview`,
    which gives what `dest` would be if the work ended now, or None, until it ends.
    """

    key: str
    description: str
    dest: str
    dest_kind: str
    deadline: float | None = None
    status: JobStatus = JobStatus.RUNNING
    progress: float = 0.0
    message: str = ""
    started: float = field(default_factory=time.time)
    ended: float | None = None
    warnings: list[str] = field(default_factory=list)
    exception: str | None = None
    stacktrace: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    preview: Callable[[], object | None] | None = field(default=None, repr=False)
    _ending: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _done: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return (self.ended or time.time()) - self.started

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def update(self, progress: float, message: str | None = None) -> None:
        """Report progress (0 to 1, never backwards) and what is being done."""
        self.progress = max(self.progress, min(1.0, progress))
        if message is not None:
            self.message = message

    def warn(self, message: str) -> None:
        """Add a warning for the user."""
        self.warnings.append(message)

    def check(self) -> None:
        """Raise JobCancelled or DeadlineExceeded if the job should stop."""
        if self._stop.is_set():
            raise JobCancelled(f"{self.description} was cancelled")
        if self.deadline is not None and time.time() > self.deadline:
            raise DeadlineExceeded(f"{self.description} ran out of its time")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; whether it has."""
        return self._done.wait(timeout)


class Jobs:
    """The jobs of this coordinator, newest last."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(
        self,
        description: str,
        dest: str,
        dest_kind: str,
        work: Callable[[Job], None],
        seconds: float | None = None,
    ) -> Job:
        """Run `work(job)` in the background; `seconds` is its deadline.

        Work that is stopped raises JobCancelled (or lets the one of `check` pass); any other exception is
        a failure: its traceback goes to the log, its reason to the user.
        """
        deadline = None if seconds is None else time.time() + seconds
        job = Job(f"job_{uuid.uuid4().hex}", description, dest, dest_kind, deadline)
        with self._lock:
            self._jobs[job.key] = job
        context = contextvars.copy_context()  # the log lines of the job keep the id of the request
        threading.Thread(target=context.run, args=(self._run, job, work), name=job.key, daemon=True).start()
        return job

    def get(self, key: str) -> Job | None:
        """A job by key."""
        return self._jobs.get(key)

    def all(self) -> list[Job]:
        """All jobs, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def cancel(self, job: Job) -> None:
        """Ask a job to stop, here and on the nodes; takes effect within a second."""
        with job._ending:  # the nodes must not hear of it after they have released the job
            if job.status is JobStatus.RUNNING:
                job._stop.set()
                self._cloud.cancel(job.key)

    def cancel_all(self, timeout: float) -> None:
        """Ask all running jobs to stop and wait for them, `timeout` seconds in all."""
        running = [job for job in self.all() if job.status is JobStatus.RUNNING]
        for job in running:
            self.cancel(job)
        until = time.monotonic() + timeout
        for job in running:
            job.wait(max(0.0, until - time.monotonic()))

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        with structlog.contextvars.bound_contextvars(job=job.key):
            _log.info("job started", description=job.description, dest=job.dest)
            try:
                work(job)
                self._end(job, JobStatus.DONE, "Done.")
            except JobCancelled:
                self._end(job, JobStatus.CANCELLED, "Cancelled.")
            except Exception as failure:
                job.exception = str(failure) if isinstance(failure, AquiferError) else _plain(failure)
                job.stacktrace = traceback.format_exc()
                self._end(job, JobStatus.FAILED, "Failed.")
                _log.error("job failed", reason=job.exception, exc_info=True)
            finally:
                job._done.set()

    def _end(self, job: Job, status: JobStatus, message: str) -> None:
        job.message = message
        job.progress = 1.0 if status is not JobStatus.FAILED else job.progress
        with job._ending:  # whoever sees that it has ended finds the nodes' memory given back
            self._cloud.release(job.key)
            job.ended = time.time()
            job.status = status
            job.preview = None
        _log.info("job ended", status=str(status), seconds=round(job.seconds, 3))


def _plain(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
