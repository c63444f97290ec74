"""View-models as HTML, by the templates, or as JSON."""

from __future__ import annotations

import time
from importlib.metadata import PackageNotFoundError, version

from aquifer_cluster.errors import readable_bytes
from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from aquifer_flow import addresses, cells, charts, formats
from aquifer_flow.page import ViewModel


def product_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("aquifer")
    except PackageNotFoundError:
        return "unreleased"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aquifer_flow"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(address=addresses, chart=charts, version=product_version())
    environment.filters.update(
        count=formats.count,
        plural=formats.plural,
        number=formats.number,
        percent=formats.percent,
        duration=formats.duration,
        moment=formats.moment,
        time=cells.iso_time,
        machine_time=formats.machine_time,
        bytes=readable_bytes,
    )
    return environment


_templates = _environment()


def as_html(template: str, page: ViewModel, path: str, status: int = 200) -> HTMLResponse:
    """The page as people see it; `path` is its address, of which the JSON twin's is made."""
    content = _templates.get_template(template).render(page=page, path=path, now=time.time())
    return HTMLResponse(content, status, {"Cache-Control": "no-cache"})


def as_json(page: ViewModel, status: int = 200) -> Response:
    """The page's data; NaN and infinities become null."""
    return Response(page.model_dump_json(), status, media_type="application/json")
