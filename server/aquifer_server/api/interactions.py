"""Interactions: new categories out of the levels of several, as a job."""

from __future__ import annotations

import secrets
from typing import Annotated

from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.transform.interaction import Interaction, interact
from fastapi import APIRouter, Depends
from pydantic import Field

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound
from aquifer_server.schemas.jobs import JobV3, job_v3

router = APIRouter(tags=["interactions"])


class InteractionRequest(Parameters):
    """POST /3/Interaction."""

    source_frame: str
    factor_columns: list[str]
    pairwise: bool = False
    max_factors: int = Field(ge=1)
    min_occurrence: int = Field(ge=1)
    dest: str | None = None


@router.post("/3/Interaction", response_model=JobV3)
def begin_interaction(
    coordinator: Coordinated, request: Annotated[InteractionRequest, Depends(bound(InteractionRequest))]
) -> JobV3:
    """Begin to combine categorical columns; the frame of interactions is there when the job is done."""
    frame = coordinator.store.get(request.source_frame, Frame)
    interaction = Interaction(
        tuple(request.factor_columns), request.pairwise, request.max_factors, request.min_occurrence
    )
    interaction.check(frame)
    dest = request.dest or f"interaction_{secrets.token_hex(4)}"

    def work(job: Job) -> None:
        combined = interact(coordinator.cloud, frame, interaction, job)
        job.check()
        coordinator.store.put(dest, combined)

    return job_v3(coordinator.jobs.start("Interactions", dest, "frame", work))
