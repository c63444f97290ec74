"""Metadata: the protocol's description of itself, derived from the models and the routes."""

from __future__ import annotations

from typing import Any

from aquifer_cluster.errors import KeyNotFound
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aquifer_server.api.responses import json_response
from aquifer_server.schemas.metadata import MetadataV3, RouteV3, all_schemas, describe_schema

router = APIRouter(tags=["metadata"])


@router.get("/3/Metadata/schemas", response_model=MetadataV3)
def list_schemas() -> Response:
    """All schemas."""
    return json_response(MetadataV3(schemas=[describe_schema(schema) for schema in all_schemas().values()]))


@router.get("/3/Metadata/schemas/{name}", response_model=MetadataV3)
async def get_schema(name: str) -> MetadataV3:
    """One schema: clients keep exactly the fields that are announced here."""
    schemas = all_schemas()
    if name not in schemas:
        raise KeyNotFound(name, "schema")
    return MetadataV3(schemas=[describe_schema(schemas[name])])


@router.get("/3/Metadata/endpoints", response_model=MetadataV3)
def list_endpoints(request: Request) -> Response:
    """All routes of the protocol, as the application's own OpenAPI document has them."""
    paths: dict[str, dict[str, Any]] = request.app.openapi()["paths"]
    routes = [
        _describe(path, method, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
    return json_response(MetadataV3(routes=routes))


@router.get("/openapi.json", include_in_schema=False)
def get_openapi(request: Request) -> JSONResponse:
    """The OpenAPI document; it takes long to make, so not in the event loop."""
    return JSONResponse(request.app.openapi())


def _describe(path: str, method: str, operation: dict[str, Any]) -> RouteV3:
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    schema = answer.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return RouteV3(
        http_method=method.upper(),
        url_pattern=path,
        summary=operation.get("description", ""),
        api_name=operation["operationId"],
        handler_method=operation["operationId"],
        output_schema=schema,
        path_params=[
            parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"
        ],
    )
