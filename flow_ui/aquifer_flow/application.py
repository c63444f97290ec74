"""Puts the pages, their JSON twins and the actions into a FastAPI application."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import anyio
from aquifer_cluster.errors import AquiferError, KeyNotFound, WrongKind
from aquifer_server.api.dependencies import LOOKING_THREADS, Looker
from aquifer_server.coordinator import Coordinator
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from aquifer_flow import addresses
from aquifer_flow.actions import actions
from aquifer_flow.page import Page, Visit, error_page
from aquifer_flow.rendering import as_html, as_json
from aquifer_flow.views.frames import frame_page, frames_page
from aquifer_flow.views.home import home_page
from aquifer_flow.views.imports import import_page
from aquifer_flow.views.jobs import job_page, jobs_page, live_curves
from aquifer_flow.views.logs import logs_page
from aquifer_flow.views.models import model_page, models_page

PAGES = (
    Page(addresses.HOME, "home.html", home_page),
    Page(addresses.IMPORT, "import.html", import_page),
    Page(addresses.JOBS, "jobs.html", jobs_page),
    Page(addresses.JOBS, "job.html", job_page, keyed=True),
    Page(addresses.FRAMES, "frames.html", frames_page),
    Page(addresses.FRAMES, "frame.html", frame_page, keyed=True),
    Page(addresses.MODELS, "models.html", models_page),
    Page(addresses.MODELS, "model.html", model_page, keyed=True),
    Page(addresses.LOGS, "logs.html", logs_page),
)
"""Every page there is. Each has a JSON twin with the same data: the same path followed by `.json`."""

_SUFFIX = addresses.twin("")
_STATIC = Path(__file__).parent / "static"


def mount(app: FastAPI, coordinator: Coordinator) -> None:
    """Add Flow to the server's application: `/`, and all below `/flow/` but the server's event streams."""
    router = APIRouter(include_in_schema=False)
    looker = Looker(anyio.CapacityLimiter(LOOKING_THREADS))
    for page in PAGES:
        (_add_keyed if page.keyed else _add_single)(router, page, coordinator, looker)
    _add_curves(router, coordinator, looker)
    for beginning in ("/flow", "/flow/", "/flow/index.html"):
        router.add_api_route(beginning, _to_home)
    router.include_router(actions(coordinator))
    app.include_router(router)
    app.mount(addresses.STATIC, StaticFiles(directory=_STATIC), "flow-static")


def _add_single(router: APIRouter, page: Page, coordinator: Coordinator, looker: Looker) -> None:
    async def html(request: Request) -> Response:
        return await looker.look(_html, page, _visit(request, coordinator), page.path)

    async def json(request: Request) -> Response:
        return await looker.look(_json, page, _visit(request, coordinator))

    router.add_api_route(page.path, html)
    router.add_api_route(addresses.twin(page.path), json)


def _add_keyed(router: APIRouter, page: Page, coordinator: Coordinator, looker: Looker) -> None:
    async def html_or_json(request: Request, key: str) -> Response:
        return await looker.look(_html_or_json, page, _visit(request, coordinator, key))

    router.add_api_route(page.path + "/{key:path}", html_or_json)


def _add_curves(router: APIRouter, coordinator: Coordinator, looker: Looker) -> None:
    async def curves(request: Request, key: str) -> Response:
        return await looker.look(_curves, _visit(request, coordinator, key))

    router.add_api_route(addresses.CURVES + "/{key:path}", curves)


async def _to_home() -> Response:
    return RedirectResponse(addresses.HOME)


def _html_or_json(page: Page, visit: Visit) -> Response:
    """The page of a key, or the JSON twin if only the path without its `.json` ends with a key."""
    if visit.key.endswith(_SUFFIX):
        try:
            page.view(visit)
        except (KeyNotFound, WrongKind):
            return _json(page, replace(visit, key=visit.key.removesuffix(_SUFFIX)))
    return _html(page, visit, f"{page.path}/{addresses.quoted(visit.key)}")


def _html(page: Page, visit: Visit, path: str) -> Response:
    try:
        return as_html(page.template, page.view(visit), path)
    except AquiferError as error:
        shown, status = error_page(error)
        return as_html("error.html", shown, path, status)


def _json(page: Page, visit: Visit) -> Response:
    try:
        return as_json(page.view(visit))
    except AquiferError as error:
        shown, status = error_page(error)
        return as_json(shown, status)


def _curves(visit: Visit) -> Response:
    try:
        return HTMLResponse(live_curves(visit))
    except KeyNotFound:
        return HTMLResponse("", 404)


def _visit(request: Request, coordinator: Coordinator, key: str = "") -> Visit:
    server = str(request.base_url).rstrip("/")
    return Visit(coordinator, server, key, _whole(request, "row"), _whole(request, "column"))


def _whole(request: Request, name: str) -> int:
    """A whole number of the query, 0 if it is absent or makes no sense."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
