"""Upload: a file in the body, raw (Python) or multipart (R, browsers), goes to the spool on disk."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from aquifer_server.api.dependencies import Coordinated, Spooling
from aquifer_server.binding import Parameters, bind
from aquifer_server.schemas.parse import PostFileV3

router = APIRouter(tags=["import"])


class PostFileRequest(Parameters):
    """The query of POST /3/PostFile."""

    destination_frame: str | None = None
    filename: str | None = None


@router.post("/3/PostFile", response_model=PostFileV3)
async def post_file(request: Request, coordinator: Coordinated, spool: Spooling) -> PostFileV3:
    """Take a file in; it is parsed by a request of its own."""
    query = bind(PostFileRequest, dict(request.query_params))
    source = await spool.receive(request, query.destination_frame)
    coordinator.store.put(source.key, source)
    return PostFileV3(destination_frame=source.key, total_bytes=source.size)
