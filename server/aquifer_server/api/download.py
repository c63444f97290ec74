"""Download: a frame as CSV, Arrow or Parquet, streamed."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from aquifer_cluster.export import ArrowEncoder, CsvEncoder, CsvFormat, Encoder, ParquetEncoder, stream
from aquifer_cluster.frame import Frame
from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound

router = APIRouter(tags=["frames"])

MEDIA_TYPES = {
    "csv": "application/octet-stream;charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}


class DownloadRequest(Parameters):
    """GET /3/DownloadDataset; `hex_string` and `escape_quotes` are about CSV."""

    frame_id: str
    hex_string: bool = False
    escape_quotes: bool = True
    format: Literal["csv", "arrow", "parquet"] = "csv"

    def encoder(self, frame: Frame) -> Encoder:
        """The format that is asked for."""
        if self.format == "arrow":
            return ArrowEncoder.of(frame)
        if self.format == "parquet":
            return ParquetEncoder.of(frame)
        return CsvEncoder.of(frame, CsvFormat(hex_string=self.hex_string, escape_quotes=self.escape_quotes))


@router.get("/3/DownloadDataset", response_class=StreamingResponse)
@router.get("/3/DownloadDataset.bin", response_class=StreamingResponse)
def download(
    coordinator: Coordinated, request: Annotated[DownloadRequest, Depends(bound(DownloadRequest))]
) -> StreamingResponse:
    """A frame as CSV with a header and text in quotes, as an Arrow stream, or as a Parquet file."""
    frame = coordinator.store.get(request.frame_id, Frame)
    name = re.sub(r"\.hex$", "", re.sub(r"[^A-Za-z0-9_.-]", "_", request.frame_id))
    return StreamingResponse(
        stream(coordinator.cloud, frame, request.encoder(frame)),
        media_type=MEDIA_TYPES[request.format],
        headers={"Content-Disposition": f"attachment; filename={name}.{request.format}"},
    )
