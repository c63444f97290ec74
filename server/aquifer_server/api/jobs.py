"""Jobs: what runs, how far it is, and its cancel. None of these ever waits for work."""

from __future__ import annotations

from aquifer_cluster.jobs import Job
from fastapi import APIRouter

from aquifer_server.api.dependencies import Coordinated, Looking
from aquifer_server.coordinator import Coordinator
from aquifer_server.errors import UnknownJob
from aquifer_server.schemas.jobs import JobsV3, job_v3
from aquifer_server.schemas.keys import JobKeyV3

router = APIRouter(tags=["jobs"])


@router.get("/3/Jobs", response_model=JobsV3)
async def list_jobs(coordinator: Coordinated) -> JobsV3:
    """All jobs, oldest first."""
    return JobsV3(jobs=[job_v3(job) for job in coordinator.jobs.all()])


@router.get("/3/Jobs/{key}", response_model=JobsV3)
async def get_job(key: str, coordinator: Coordinated) -> JobsV3:
    """One job."""
    return JobsV3(job_id=JobKeyV3.of(key), jobs=[job_v3(find_job(coordinator, key))])


@router.post("/3/Jobs/{key}/cancel", response_model=JobsV3)
async def cancel_job(key: str, coordinator: Coordinated, looker: Looking) -> JobsV3:
    """Ask a job to stop."""
    await looker.look(coordinator.jobs.cancel, find_job(coordinator, key))
    return JobsV3(job_id=JobKeyV3.of(key), jobs=None)


def find_job(coordinator: Coordinator, key: str) -> Job:
    """The job of that key. Raises UnknownJob."""
    job = coordinator.jobs.get(key)
    if job is None:
        raise UnknownJob(key)
    return job
