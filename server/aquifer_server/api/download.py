"""Download: a frame as CSV, streamed."""

from __future__ import annotations

import re
from typing import Annotated

from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import csv_blocks
from aquifer_cluster.ingest.export import CsvFormat
from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound

router = APIRouter(tags=["frames"])


class DownloadRequest(Parameters):
    """GET /3/DownloadDataset."""

    frame_id: str
    hex_string: bool = False
    escape_quotes: bool = True


@router.get("/3/DownloadDataset", response_class=StreamingResponse)
@router.get("/3/DownloadDataset.bin", response_class=StreamingResponse)
def download(
    coordinator: Coordinated, request: Annotated[DownloadRequest, Depends(bound(DownloadRequest))]
) -> StreamingResponse:
    """A frame as CSV with a header, text in quotes, nothing where values are missing."""
    frame = coordinator.store.get(request.frame_id, Frame)
    format = CsvFormat(hex_string=request.hex_string, escape_quotes=request.escape_quotes)
    name = re.sub(r"\.hex$", "", re.sub(r"[^A-Za-z0-9_.-]", "_", request.frame_id))
    return StreamingResponse(
        csv_blocks(coordinator.cloud, frame, format),
        media_type="application/octet-stream;charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}.csv"},
    )
