"""Import: which files a path names, and who asks for them. Nothing is read before the parse."""

from __future__ import annotations

from typing import Annotated

from aquifer_cluster.ingest import S3Credentials, Source, complete, find_sources, public_name
from fastapi import APIRouter, Depends
from pydantic import Field

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.parse import (
    ImportFilesMultiV3,
    ImportFilesV3,
    PersistS3CredentialsV3,
    TypeaheadV3,
)

router = APIRouter(tags=["import"])


class ImportFilesRequest(Parameters):
    """GET and POST /3/ImportFiles."""

    path: str
    pattern: str | None = None


class ImportFilesMultiRequest(Parameters):
    """POST /3/ImportFilesMulti."""

    paths: list[str]
    pattern: str | None = None


class TypeaheadRequest(Parameters):
    """GET /3/Typeahead/files."""

    src: str = ""
    limit: int = Field(1000, ge=0)


class PersistS3Request(Parameters):
    """POST /3/PersistS3."""

    secret_key_id: str = Field(min_length=1)
    secret_access_key: str = Field(min_length=1)
    session_token: str | None = None


class ForgetS3Request(Parameters):
    """DELETE /3/PersistS3; the clients fill both with a word of no meaning."""

    secret_key_id: str = ""
    secret_access_key: str = ""
    session_token: str | None = None


@router.get("/3/ImportFiles", response_model=ImportFilesV3)
@router.post("/3/ImportFiles", response_model=ImportFilesV3)
def import_files(
    coordinator: Coordinated, request: Annotated[ImportFilesRequest, Depends(bound(ImportFilesRequest))]
) -> ImportFilesV3:
    """The files that a path names, as keys to parse."""
    sources = import_sources(coordinator, [request.path], request.pattern)
    return ImportFilesV3(
        path=public_name(request.path),
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
    sources = import_sources(coordinator, request.paths, request.pattern)
    return ImportFilesMultiV3(
        paths=[public_name(path) for path in request.paths],
        pattern=request.pattern,
        files=[source.name for source in sources],
        destination_frames=[source.key for source in sources],
    )


@router.get("/3/Typeahead/files", response_model=TypeaheadV3)
def typeahead(
    coordinator: Coordinated, request: Annotated[TypeaheadRequest, Depends(bound(TypeaheadRequest))]
) -> TypeaheadV3:
    """What a local path can be completed to, within the folders that may be read."""
    matches = complete(request.src, coordinator.access.roots, request.limit)
    return TypeaheadV3(src=request.src, limit=request.limit, matches=list(matches))


@router.post("/3/PersistS3", response_model=PersistS3CredentialsV3)
def set_s3_credentials(
    coordinator: Coordinated, request: Annotated[PersistS3Request, Depends(bound(PersistS3Request))]
) -> PersistS3CredentialsV3:
    """Import from S3 with these credentials from now on."""
    coordinator.s3_credentials = S3Credentials(
        request.secret_key_id, request.secret_access_key, request.session_token or None
    )
    return PersistS3CredentialsV3()


@router.delete("/3/PersistS3", response_model=PersistS3CredentialsV3)
def forget_s3_credentials(
    coordinator: Coordinated, _: Annotated[ForgetS3Request, Depends(bound(ForgetS3Request))]
) -> PersistS3CredentialsV3:
    """Forget the credentials that were set; those of the environment count again."""
    coordinator.s3_credentials = None
    return PersistS3CredentialsV3()


def import_sources(coordinator: Coordinator, paths: list[str], pattern: str | None) -> list[Source]:
    """Put the sources that paths name into the store, and give them. Raises SourceNotFound."""
    sources = find_sources(paths, coordinator.access, pattern or None)
    for source in sources:
        coordinator.store.put(source.key, source)
    return sources
