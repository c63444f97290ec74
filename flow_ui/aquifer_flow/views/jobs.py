"""Jobs: the list, and one job with its progress, its scores so far and its outcome."""

from __future__ import annotations

from aquifer_cluster.errors import KeyNotFound
from aquifer_cluster.jobs import Job, JobStatus
from aquifer_cluster.store import Store
from markupsafe import Markup

from aquifer_flow.page import ViewModel, Visit
from aquifer_flow.scores import ScoreCurves, curves_of
from aquifer_flow.views.links import link_to
from aquifer_flow.window import Window, shown, window


class JobLine(ViewModel):
    """A job in a list; times in seconds, `result` the page of what it made, once it has ended."""

    key: str
    description: str
    status: JobStatus
    progress: float
    message: str
    started: float
    seconds: float
    dest: str
    result: str | None

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self.status is JobStatus.RUNNING


class JobsPage(ViewModel):
    """Jobs, newest first."""

    window: Window
    jobs: tuple[JobLine, ...]


class JobPage(ViewModel):
    """One job."""

    job: JobLine
    cancelling: bool
    warnings: tuple[str, ...]
    exception: str | None
    stacktrace: str | None
    curves: ScoreCurves | None


def job_line(job: Job, store: Store) -> JobLine:
    """What a list shows of a job."""
    return JobLine(
        key=job.key,
        description=job.description,
        status=job.status,
        progress=job.progress,
        message=job.message,
        started=job.started,
        seconds=job.seconds,
        dest=job.dest,
        result=None if job.status is JobStatus.RUNNING else link_to(job.dest, store),
    )


def jobs_page(visit: Visit) -> JobsPage:
    """All jobs, newest first."""
    jobs = visit.coordinator.jobs.all()[::-1]
    here = window(visit.row, len(jobs))
    lines = (job_line(job, visit.coordinator.store) for job in shown(jobs, here))
    return JobsPage(window=here, jobs=tuple(lines))


def job_page(visit: Visit) -> JobPage:
    """One job. Raises KeyNotFound."""
    job = _job(visit)
    return JobPage(
        job=job_line(job, visit.coordinator.store),
        cancelling=job.stopping and job.status is JobStatus.RUNNING,
        warnings=tuple(job.warnings),
        exception=job.exception,
        stacktrace=job.stacktrace,
        curves=curves_of(job.history),
    )


def live_curves(visit: Visit) -> Markup:
    """The drawing of a job's scores so far, for the page that watches it. Raises KeyNotFound."""
    curves = curves_of(_job(visit).history)
    return curves.drawn() if curves else Markup("")


def _job(visit: Visit) -> Job:
    job = visit.coordinator.jobs.get(visit.key)
    if job is None:
        raise KeyNotFound(visit.key, "job")
    return job
