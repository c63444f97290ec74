"""Server-sent events about jobs, for pages that show them live.

Events: `progress` (a JobV3), `score` (an entry of the job's scoring history), `done` (a JobV3 that has
ended; the stream of that one job then ends). The id of an event counts the job's scores that were sent, so
that a page that reconnects (Last-Event-ID) receives those that it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from aquifer_cluster.jobs import Job, JobStatus
from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic_core import to_json

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.api.jobs import find_job
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.jobs import job_v3

router = APIRouter(tags=["events"])

SECONDS_BETWEEN_LOOKS = 0.25
RETRY_MILLISECONDS = 1000


@router.get("/flow/events/jobs", response_class=EventSourceResponse)
async def watch_jobs(coordinator: Coordinated) -> AsyncIterator[ServerSentEvent]:
    """An event whenever a job begins, moves or ends."""
    shown: dict[str, tuple[object, ...]] = {}
    while not coordinator.stopping:
        for job in coordinator.jobs.all():
            if shown.get(job.key) != (now := _portrait(job)):
                shown[job.key] = now
                yield _about(job)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def _known_job(key: str, coordinator: Coordinated) -> Job:
    """The job to watch; an unknown one is refused before the stream begins."""
    return find_job(coordinator, key)


@router.get("/flow/events/jobs/{key}", response_class=EventSourceResponse)
async def watch_job(
    job: Annotated[Job, Depends(_known_job)], coordinator: Coordinated, last_event_id: str = Header("0")
) -> AsyncIterator[ServerSentEvent]:
    """Progress, scores and end of one job."""
    scores = int(last_event_id) if last_event_id.isdigit() else 0
    async for event in _follow(coordinator, job, scores):
        yield event


async def _follow(coordinator: Coordinator, job: Job, scores: int) -> AsyncIterator[ServerSentEvent]:
    shown: tuple[object, ...] = ()
    while True:
        now = _portrait(job)
        for score in job.history[scores:]:
            scores += 1
            yield ServerSentEvent(event="score", raw_data=_json(score), id=str(scores))
        if now != shown:
            shown = now
            yield _about(job, str(scores))
        if now[0] is not JobStatus.RUNNING or coordinator.stopping:
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _json(score: dict[str, Any]) -> str:
    """A score as JSON, NaN as text like everywhere in the protocol."""
    return to_json(score, inf_nan_mode="strings").decode()


def _about(job: Job, id: str | None = None) -> ServerSentEvent:
    running = job.status is JobStatus.RUNNING
    return ServerSentEvent(
        event="progress" if running else "done",
        raw_data=job_v3(job).model_dump_json(),
        id=id,
        retry=RETRY_MILLISECONDS,
    )


def _portrait(job: Job) -> tuple[object, ...]:
    return job.status, job.progress, job.message, len(job.warnings)
