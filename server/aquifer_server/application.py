"""The application: routes, error answers, security and log, around one coordinator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from aquifer_server.access_log import AccessLog
from aquifer_server.api import (
    cloud,
    dkv,
    download,
    events,
    export,
    frames,
    generation,
    imports,
    interactions,
    jobs,
    logs,
    metadata,
    model_builders,
    model_metrics,
    models,
    parse,
    predictions,
    rapids,
    sessions,
    telemetry,
    uploads,
)
from aquifer_server.api.dependencies import state_of
from aquifer_server.coordinator import Coordinator
from aquifer_server.errors import install_error_handlers
from aquifer_server.security import Security
from aquifer_server.telemetry import Telemetry

SECONDS_BETWEEN_SWEEPS = 60.0

ROUTERS: tuple[APIRouter, ...] = (
    cloud.router,
    metadata.router,
    sessions.router,
    generation.router,
    imports.router,
    uploads.router,
    parse.router,
    frames.router,
    download.router,
    export.router,
    rapids.router,
    interactions.router,
    jobs.router,
    model_builders.router,
    models.router,
    predictions.router,
    model_metrics.router,
    dkv.router,
    logs.router,
    events.router,
    telemetry.router,
)


def create_app(coordinator: Coordinator) -> FastAPI:
    """The application that serves `coordinator`."""
    app = FastAPI(
        title="Aquifer",
        version=version("aquifer"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    measured = Telemetry(coordinator)
    for name, value in state_of(coordinator).items():
        setattr(app.state, name, value)
    app.state.telemetry = measured
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    app.add_middleware(Security, settings=coordinator.settings)
    app.add_middleware(AccessLog, telemetry=measured)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    sweeper = asyncio.create_task(_end_silent_sessions(app))
    yield
    sweeper.cancel()


async def _end_silent_sessions(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)
        await app.state.looker.look(app.state.sessions.end_silent)
