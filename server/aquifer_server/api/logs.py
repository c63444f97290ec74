"""The log: its end as JSON, all of it as text, a message into it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import structlog
from aquifer_cluster.errors import InvalidArgument, KeyNotFound
from fastapi import APIRouter, Depends
from starlette.responses import FileResponse

from aquifer_server.api.dependencies import Coordinated, Looking
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.logs import LogAndEchoV3, LogsV3

router = APIRouter(tags=["log"])

SHOWN_BYTES = 256 << 10
LEVELS = ("trace", "debug", "info", "warn", "error", "fatal", "httpd", "default", "stdout", "stderr")

_log = structlog.get_logger("aquifer.client")


class LogAndEchoRequest(Parameters):
    """POST /3/LogAndEcho."""

    message: str = ""


@router.post("/3/LogAndEcho", response_model=LogAndEchoV3)
async def log_and_echo(
    request: Annotated[LogAndEchoRequest, Depends(bound(LogAndEchoRequest))],
) -> LogAndEchoV3:
    """Write a message to the log."""
    _log.info("message of a client", message=request.message)
    return LogAndEchoV3(message=request.message)


@router.get("/3/Logs", response_model=LogsV3)
async def get_end_of_log(coordinator: Coordinated, looker: Looking) -> LogsV3:
    """The end of the log, as that of a node's file."""
    return await get_log(0, "default", coordinator, looker)


@router.get("/3/Logs/nodes/{node}/files/{name}", response_model=LogsV3)
async def get_log(node: int, name: str, coordinator: Coordinated, looker: Looking) -> LogsV3:
    """The end of the log. It is one file: of all nodes, and of all levels that are logged."""
    if name not in LEVELS:
        raise InvalidArgument("name", f"'{name}' is none of the log's names: {', '.join(LEVELS)}")
    if not -1 <= node < coordinator.cloud.size:
        raise InvalidArgument("nodeidx", f"{node} is none of the {coordinator.cloud.size} nodes (from 0)")
    text = await looker.look(_end_of, _log_file(coordinator))
    return LogsV3(nodeidx=node, name=name, log=text)


@router.get("/3/Logs/download", response_class=FileResponse)
async def download_log(coordinator: Coordinated) -> FileResponse:
    """The whole log."""
    return FileResponse(_log_file(coordinator), media_type="text/plain", filename="aquifer.log")


def _log_file(coordinator: Coordinator) -> Path:
    if coordinator.log_file is None or not coordinator.log_file.exists():
        raise KeyNotFound("log", "log file")
    return coordinator.log_file


def _end_of(file: Path) -> str:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - SHOWN_BYTES))
        return stream.read().decode(errors="replace")
