"""Frames made or changed at random, and frames cut into parts; as jobs."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import fields
from typing import Annotated

from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.transform.generation import Recipe, create_frame, insert_missing
from aquifer_cluster.transform.rows import RowRanges, take_rows
from fastapi import APIRouter, Depends
from pydantic import Field

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.generation import SplitFrameV3
from aquifer_server.schemas.jobs import JobV3, job_v3
from aquifer_server.schemas.keys import FrameKeyV3

router = APIRouter(tags=["generation"])

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class CreateFrameRequest(Parameters):
    """POST /3/CreateFrame: a recipe, what it may hold, and where the frame is to be."""

    dest: str | None = None
    rows: Count = 10_000
    cols: Count = 10
    seed: int = -1
    seed_for_column_types: int = -1
    randomize: bool = Recipe.randomize
    value: float = Recipe.value
    real_range: float = Field(Recipe.real_range, ge=0)
    categorical_fraction: Fraction = Recipe.categorical_fraction
    factors: Count = Recipe.factors
    integer_fraction: Fraction = Recipe.integer_fraction
    integer_range: int = Field(Recipe.integer_range, ge=0)
    binary_fraction: Fraction = Recipe.binary_fraction
    binary_ones_fraction: Fraction = Recipe.binary_ones_fraction
    time_fraction: Fraction = Recipe.time_fraction
    string_fraction: Fraction = Recipe.string_fraction
    missing_fraction: Fraction = Recipe.missing_fraction
    has_response: bool = Recipe.has_response
    response_factors: Count = Recipe.response_factors
    positive_response: bool = Recipe.positive_response

    def recipe(self) -> Recipe:
        """What is to be made; a seed of -1 is drawn."""
        wishes = {field.name: getattr(self, field.name) for field in fields(Recipe)}
        wishes["seed"] = _seed(self.seed)
        drawn = self.seed_for_column_types == -1
        wishes["seed_for_column_types"] = wishes["seed"] if drawn else self.seed_for_column_types
        return Recipe(**wishes)


class MissingInserterRequest(Parameters):
    """POST /3/MissingInserter."""

    dataset: str
    fraction: Fraction
    seed: int = -1


class SplitFrameRequest(Parameters):
    """POST /3/SplitFrame."""

    dataset: str
    ratios: list[float]
    destination_frames: list[str] | None = None


@router.post("/3/CreateFrame", response_model=JobV3)
def begin_creation(
    coordinator: Coordinated, request: Annotated[CreateFrameRequest, Depends(bound(CreateFrameRequest))]
) -> JobV3:
    """Begin to make a random frame."""
    recipe = request.recipe()
    recipe.check()
    dest = request.dest or f"frame_{secrets.token_hex(4)}"

    def work(job: Job) -> None:
        frame = create_frame(coordinator.cloud, recipe, job.key)
        job.check()
        coordinator.store.put(dest, frame)

    return job_v3(coordinator.jobs.start("Create Frame", dest, "frame", work))


@router.post("/3/MissingInserter", response_model=JobV3)
def begin_insertion(
    coordinator: Coordinated,
    request: Annotated[MissingInserterRequest, Depends(bound(MissingInserterRequest))],
) -> JobV3:
    """Begin to put missing values into a frame; its key then names the changed one."""
    frame = coordinator.store.get(request.dataset, Frame)

    def work(job: Job) -> None:
        changed = insert_missing(coordinator.cloud, frame, request.fraction, _seed(request.seed), job.key)
        job.check()
        coordinator.store.put(request.dataset, changed)

    return job_v3(coordinator.jobs.start("Insert Missing Values", request.dataset, "frame", work))


@router.post("/3/SplitFrame", response_model=SplitFrameV3)
def begin_split(
    coordinator: Coordinated, request: Annotated[SplitFrameRequest, Depends(bound(SplitFrameRequest))]
) -> SplitFrameV3:
    """Begin to cut a frame, in the order of its rows, into a part for each ratio and one for the rest."""
    frame = coordinator.store.get(request.dataset, Frame)
    parts = _parts(frame.rows, request.ratios)
    keys = request.destination_frames or [f"{request.dataset}_part{i}" for i in range(len(parts))]
    if len(keys) != len(parts):
        raise InvalidArgument(
            "destination_frames",
            f"{len(request.ratios)} ratios make {len(parts)} parts; {len(keys)} are named",
        )

    def work(job: Job) -> None:
        _cut(coordinator, frame, parts, keys, job)

    job = coordinator.jobs.start("Split Frame", keys[0], "frame", work)
    return SplitFrameV3(
        key=job_v3(job).key,
        dataset=FrameKeyV3.of(request.dataset),
        ratios=request.ratios,
        destination_frames=[FrameKeyV3.of(key) for key in keys],
    )


def _cut(coordinator: Coordinator, frame: Frame, parts: list[range], keys: list[str], job: Job) -> None:
    made = []
    for part in parts:
        job.check()
        made.append(take_rows(coordinator.cloud, frame, RowRanges.of([part])))
    for key, piece in zip(keys, made, strict=True):
        coordinator.store.put(key, piece)


def _parts(rows: int, ratios: list[float]) -> list[range]:
    if not ratios or min(ratios) <= 0 or sum(ratios) > 1 + 1e-9:
        raise InvalidArgument("ratios", f"they are positive and add up to 1 at most, found {ratios}")
    ends = [min(rows, round(rows * sum(ratios[: i + 1]))) for i in range(len(ratios))]
    bounds = [0, *ends] if sum(ratios) > 1 - 1e-9 else [0, *ends, rows]
    return [range(start, stop) for start, stop in itertools.pairwise(bounds)]


def _seed(given: int) -> int:
    return secrets.randbits(63) if given == -1 else given
