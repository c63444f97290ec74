"""The metrics page for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from aquifer_server.api.dependencies import Looking

router = APIRouter(tags=["observability"])


@router.get("/metrics", response_class=Response)
async def metrics(request: Request, looker: Looking) -> Response:
    """All metrics as text."""
    text = await looker.look(generate_latest, request.app.state.telemetry.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
