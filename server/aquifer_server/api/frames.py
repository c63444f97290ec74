"""Frames: list, window, summary, columns, domains, layout, removal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from aquifer_cluster.frame import Frame
from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.api.responses import json_response
from aquifer_server.binding import Parameters, bound
from aquifer_server.frame_view import FrameView, Window
from aquifer_server.schemas.frames import (
    ColV3,
    FrameChunksV3,
    FrameChunkV3,
    FramesListV3,
    FramesV3,
    FrameSynopsisV3,
)
from aquifer_server.schemas.keys import FrameKeyV3

router = APIRouter(tags=["frames"])

PIECE_BYTES = 1 << 18


class FrameRequest(Parameters):
    """GET /3/Frames/{key} and its parts; −1 is all columns, or the customary number of rows."""

    row_offset: int = 0
    row_count: int = -1
    column_offset: int = 0
    column_count: int = -1
    full_column_count: int = -1
    find_compatible_models: bool = False

    @property
    def window(self) -> Window:
        """The part of the frame that is asked for."""
        return Window(
            self.row_offset, self.row_count, self.column_offset, self.column_count, self.full_column_count
        )


Asked = Annotated[FrameRequest, Depends(bound(FrameRequest))]


@router.get("/3/Frames", response_model=FramesListV3)
async def list_frames(coordinator: Coordinated) -> FramesListV3:
    """All frames."""
    return FramesListV3(
        frames=[
            FrameSynopsisV3(
                frame_id=FrameKeyV3.of(key),
                byte_size=frame.nbytes,
                rows=frame.rows,
                columns=len(frame.columns),
            )
            for key, frame in coordinator.store.items(Frame)
        ]
    )


@router.get("/3/Frames/{key:path}/columns/{column:path}/domain", response_model=FramesV3)
def get_domain(key: str, column: str, coordinator: Coordinated) -> Response:
    """The levels of one column."""
    domain = coordinator.store.get(key, Frame).column(column).domain
    return json_response(FramesV3(domain=[list(domain) if domain is not None else None]))


@router.get("/3/Frames/{key:path}/columns/{column:path}/summary", response_model=FramesV3)
def get_column_summary(key: str, column: str, coordinator: Coordinated, request: Asked) -> Response:
    """One column with percentiles and histogram."""
    frame = coordinator.store.get(key, Frame).select([column])
    return _respond(request, FrameView(coordinator.cloud, None, frame, request.window, summarised=True))


@router.get("/3/Frames/{key:path}/columns/{column:path}", response_model=FramesV3)
def get_column(key: str, column: str, coordinator: Coordinated, request: Asked) -> Response:
    """One column."""
    frame = coordinator.store.get(key, Frame).select([column])
    return _respond(request, FrameView(coordinator.cloud, None, frame, request.window))


@router.get("/3/Frames/{key:path}/summary", response_model=FramesV3)
def get_summary(key: str, coordinator: Coordinated, request: Asked) -> Response:
    """A frame with percentiles and a histogram of every numeric column."""
    frame = coordinator.store.get(key, Frame)
    return _respond(request, FrameView(coordinator.cloud, key, frame, request.window, summarised=True))


@router.get("/3/Frames/{key:path}/light", response_model=FramesV3)
def get_light(key: str, coordinator: Coordinated, request: Asked) -> Response:
    """A frame without the tables about its layout."""
    frame = coordinator.store.get(key, Frame)
    return _respond(request, FrameView(coordinator.cloud, key, frame, request.window, light=True))


@router.get("/3/Frames/{key:path}", response_model=FramesV3)
@router.get("/3/Frames/{key:path}/columns", response_model=FramesV3)  # the lower is asked first
def get_frame(key: str, coordinator: Coordinated, request: Asked) -> Response:
    """A window of a frame."""
    frame = coordinator.store.get(key, Frame)
    return _respond(request, FrameView(coordinator.cloud, key, frame, request.window))


@router.delete("/3/Frames/{key:path}", response_model=FramesV3)
def remove_frame(key: str, coordinator: Coordinated) -> Response:
    """Remove a frame."""
    coordinator.store.get(key, Frame)
    coordinator.store.remove(key)
    return json_response(FramesV3())


@router.delete("/3/Frames", response_model=FramesV3)
def remove_frames(coordinator: Coordinated) -> Response:
    """Remove all frames."""
    coordinator.store.clear((Frame,))
    return json_response(FramesV3())


@router.get("/3/FrameChunks/{key:path}", response_model=FrameChunksV3)
async def get_layout(key: str, coordinator: Coordinated) -> FrameChunksV3:
    """The blocks of a frame and the nodes that own them."""
    layout = coordinator.store.get(key, Frame).layout
    blocks = zip(layout.block_rows, layout.owners, strict=True)
    return FrameChunksV3(
        frame_id=FrameKeyV3.of(key),
        chunks=[
            FrameChunkV3(chunk_id=block, row_count=rows, node_idx=owner)
            for block, (rows, owner) in enumerate(blocks)
        ],
    )


def _respond(request: FrameRequest, view: FrameView) -> Response:
    answer = FramesV3(
        row_offset=request.row_offset,
        row_count=request.row_count,
        column_offset=request.column_offset,
        column_count=request.column_count,
        full_column_count=request.full_column_count,
        exclude_fields=request.exclude_fields,
        frames=[],
    )
    excluded = [path.strip() for path in request.exclude_fields.split(",")]
    header = view.header().json_bytes(_below("frames/", excluded) - {"columns"})
    pieces = _written(answer.json_bytes(), header, view.columns(), _below("frames/columns/", excluded))
    return StreamingResponse(pieces, media_type="application/json")


def _written(answer: bytes, header: bytes, columns: Iterator[ColV3], excluded: set[str]) -> Iterator[bytes]:
    """The answer's JSON, written some columns at a time, so that a large window stalls nobody."""
    head, frames, tail = answer.partition(b'"frames":[')
    before, mark, after = header.partition(b'"columns":[')
    pieces, size = [head + frames + before + mark], 0
    for index, column in enumerate(columns):
        written = column.json_bytes(excluded)
        pieces += [b"," if index else b"", written]
        size += len(written)
        if size >= PIECE_BYTES:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join([*pieces, after, tail])


def _below(prefix: str, paths: list[str]) -> set[str]:
    """What the `_exclude_fields` in `paths` leave out of the objects at `prefix`."""
    return {path[len(prefix) :] for path in paths if path.startswith(prefix)}
