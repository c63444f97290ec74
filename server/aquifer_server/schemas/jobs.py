"""Jobs."""

from __future__ import annotations

from aquifer_cluster.jobs import Job
from pydantic import SerializeAsAny

from aquifer_server.schemas.base import Answer, Schema
from aquifer_server.schemas.keys import JobKeyV3, KeyV3, key_of


class JobV3(Schema, schema_type="Job"):
    """One job; times in milliseconds."""

    key: SerializeAsAny[KeyV3]
    description: str
    status: str
    progress: float
    progress_msg: str | None
    start_time: int
    msec: int
    dest: SerializeAsAny[KeyV3]
    warnings: list[str] | None
    exception: str | None
    stacktrace: str | None
    auto_recoverable: bool = False
    ready_for_view: bool = True


class JobsV3(Answer):
    """All jobs, or the one asked for."""

    job_id: SerializeAsAny[KeyV3] | None = None
    jobs: list[JobV3] | None


def job_v3(job: Job) -> JobV3:
    """A job as it is now. The traceback of a failure stays in the log; clients get its reason."""
    return JobV3(
        key=JobKeyV3.of(job.key),
        description=job.description,
        status=str(job.status),
        progress=job.progress,
        progress_msg=job.message or None,
        start_time=round(job.started * 1000),
        msec=round(job.seconds * 1000),
        dest=key_of(job.dest_kind, job.dest),
        warnings=list(job.warnings) or None,
        exception=job.exception,
        stacktrace=job.exception,
    )
