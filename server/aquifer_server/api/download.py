"""Download: a frame as CSV, Arrow or Parquet, streamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from aquifer_cluster.export import STREAM_FORMATS, CsvFormat, csv_stream
from aquifer_cluster.frame import Frame
from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound

router = APIRouter(tags=["frames"])


class DownloadRequest(Parameters):
    """GET /3/DownloadDataset; `hex_string` and `escape_quotes` are about CSV."""

    frame_id: str
    hex_string: bool = False
    escape_quotes: bool = True
    format: Literal["csv", "arrow", "parquet"] = "csv"


@router.get("/3/DownloadDataset", response_class=StreamingResponse)
@router.get("/3/DownloadDataset.bin", response_class=StreamingResponse)
def download(
    coordinator: Coordinated, request: Annotated[DownloadRequest, Depends(bound(DownloadRequest))]
) -> StreamingResponse:
    """A frame as CSV with a header and text in quotes, as an Arrow stream, or as a Parquet file."""
    cloud, frame = coordinator.cloud, coordinator.store.get(request.frame_id, Frame)
    format = STREAM_FORMATS[request.format]
    content: Iterator[bytes]
    if request.format == "csv":
        look = CsvFormat(hex_string=request.hex_string, escape_quotes=request.escape_quotes)
        content = csv_stream(cloud, frame, look)
    else:
        content = format.stream(cloud, frame)
    name = re.sub(r"\.hex$", "", re.sub(r"[^A-Za-z0-9_.-]", "_", request.frame_id))
    return StreamingResponse(
        content,
        media_type=format.media_type,
        headers={"Content-Disposition": f"attachment; filename={name}.{format.name}"},
    )
