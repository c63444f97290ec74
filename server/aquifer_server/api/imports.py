"""Import: which files a path names. Nothing is read before the parse."""

from __future__ import annotations

from typing import Annotated

from aquifer_cluster.ingest import Source, find_sources
from fastapi import APIRouter, Depends

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.parse import ImportFilesMultiV3, ImportFilesV3

router = APIRouter(tags=["import"])


class ImportFilesRequest(Parameters):
    """GET and POST /3/ImportFiles."""

    path: str
    pattern: str | None = None


class ImportFilesMultiRequest(Parameters):
    """POST /3/ImportFilesMulti."""

    paths: list[str]
    pattern: str | None = None


@router.get("/3/ImportFiles", response_model=ImportFilesV3)
@router.post("/3/ImportFiles", response_model=ImportFilesV3)
def import_files(
    coordinator: Coordinated, request: Annotated[ImportFilesRequest, Depends(bound(ImportFilesRequest))]
) -> ImportFilesV3:
    """The files that a path names, as keys to parse."""
    sources = _import(coordinator, [request.path], request.pattern)
    return ImportFilesV3(
        path=request.path,
        pattern=request.pattern,
        files=[source.name for source in sources],
        destination_frames=[source.key for source in sources],
    )


@router.post("/3/ImportFilesMulti", response_model=ImportFilesMultiV3)
def import_files_multi(
    coordinator: Coordinated,
    request: Annotated[ImportFilesMultiRequest, Depends(bound(ImportFilesMultiRequest))],
) -> ImportFilesMultiV3:
    """The files that several paths name, as keys to parse."""
    sources = _import(coordinator, request.paths, request.pattern)
    return ImportFilesMultiV3(
        paths=request.paths,
        pattern=request.pattern,
        files=[source.name for source in sources],
        destination_frames=[source.key for source in sources],
    )


def _import(coordinator: Coordinator, paths: list[str], pattern: str | None) -> list[Source]:
    sources = find_sources(paths, coordinator.access, pattern or None)
    for source in sources:
        coordinator.store.put(source.key, source)
    return sources
