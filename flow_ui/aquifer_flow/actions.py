"""What one can do from a page: forms that post, and a redirect to where the effect is seen.

Posts from other sites never arrive here: the server checks the Origin of every request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from aquifer_cluster.errors import AquiferError, KeyNotFound
from aquifer_cluster.ingest import public_name
from aquifer_cluster.store import Store
from aquifer_server.api.dependencies import Interpreting, Spooling
from aquifer_server.api.imports import import_sources
from aquifer_server.api.parse import ParseRequest, begin_parse
from aquifer_server.api.removal import remove_model
from aquifer_server.coordinator import Coordinator
from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from aquifer_flow import addresses
from aquifer_flow.page import Visit, error_page
from aquifer_flow.rendering import as_html
from aquifer_flow.views.imports import import_page


def actions(coordinator: Coordinator) -> APIRouter:
    """The routes of all actions."""
    router = APIRouter()

    @router.post(addresses.IMPORT, response_model=None)
    def import_files(
        spool: Spooling,
        interpreter: Interpreting,
        path: Annotated[str, Form()] = "",
        pattern: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            sources = import_sources(coordinator, [path.strip()], pattern.strip() or None)
            request = ParseRequest(source_frames=[source.key for source in sources])
            job = begin_parse(coordinator, spool, interpreter, request).job
        except AquiferError as error:
            changes = {"path": public_name(path), "pattern": pattern, "fault": str(error)}
            page = import_page(Visit(coordinator, "")).model_copy(update=changes)
            return as_html("import.html", page, addresses.IMPORT, 400)
        return RedirectResponse(addresses.job_page(job.key.name or ""), 303)

    @router.post(addresses.JOBS + "/{key:path}/cancel", response_model=None)
    def cancel_job(key: str) -> Response:
        job = coordinator.jobs.get(key)
        if job is None:
            page, status = error_page(KeyNotFound(key, "job"))
            return as_html("error.html", page, addresses.job_page(key), status)
        coordinator.jobs.cancel(job)
        return RedirectResponse(addresses.job_page(key), 303)

    for listing, remove in ((addresses.FRAMES, Store.remove), (addresses.MODELS, remove_model)):
        router.add_api_route(
            listing + "/{key:path}/delete", _removal(coordinator, listing, remove), methods=["POST"]
        )
    return router


def _removal(
    coordinator: Coordinator, listing: str, remove: Callable[[Store, str], object]
) -> Callable[[str], RedirectResponse]:
    def removed(key: str) -> RedirectResponse:
        remove(coordinator.store, key)
        return RedirectResponse(listing, 303)

    return removed
