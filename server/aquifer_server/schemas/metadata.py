"""What the server announces about its own schemas and routes, read off the models and routes themselves."""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from aquifer_server.schemas.base import Answer, Schema

_TYPE_NAMES: dict[Any, str] = {str: "string", int: "long", float: "double", bool: "boolean", Any: "Object"}


class FieldMetadataV3(Schema, schema_type="FieldMetadata"):
    """One field of a schema."""

    name: str
    type: str
    is_schema: bool
    schema_name: str | None
    value: Any
    help: str
    label: str
    required: bool = False
    level: str = "critical"
    direction: str = "OUTPUT"
    is_inherited: bool = False
    inherited_from: str | None = None
    is_gridable: bool = False
    values: tuple[str, ...] = ()
    json_field: bool = Field(default=True, alias="json")
    is_member_of_frames: tuple[str, ...] = ()
    is_mutually_exclusive_with: tuple[str, ...] = ()


class SchemaMetadataV3(Schema, schema_type="SchemaMetadata"):
    """One schema."""

    version: int
    name: str
    label: str
    superclass: str
    type: str
    fields: list[FieldMetadataV3]
    markdown: str


class RouteV3(Schema, schema_type="Route"):
    """One route."""

    http_method: str
    url_pattern: str
    summary: str
    api_name: str
    handler_class: str = ""
    handler_method: str
    input_schema: str = ""
    output_schema: str
    path_params: list[str]
    markdown: str = ""


class MetadataV3(Answer):
    """Schemas or routes."""

    routes: list[RouteV3] | None = None
    schemas: list[SchemaMetadataV3] | None = None
    markdown: str | None = None


def all_schemas() -> dict[str, type[Schema]]:
    """The schemas that the server sends, by the name under which they are announced."""
    found: dict[str, type[Schema]] = {}
    waiting = list(Schema.__subclasses__())
    while waiting:
        schema = waiting.pop()
        waiting.extend(schema.__subclasses__())
        name = schema.announced().schema_name
        if not name.startswith("_"):
            found.setdefault(name, schema)
    return dict(sorted(found.items()))


def describe_schema(schema: type[Schema]) -> SchemaMetadataV3:
    """What is announced of a schema: exactly the fields that are sent."""
    meta = schema.announced()
    parent = next(base for base in schema.__mro__[1:] if issubclass(base, BaseModel))
    return SchemaMetadataV3(
        version=meta.schema_version,
        name=meta.schema_name,
        label=meta.schema_name,
        superclass=parent.__name__,
        type=meta.schema_type,
        fields=[_field(name, field) for name, field in schema.model_fields.items()],
        markdown=(schema.__doc__ or "").strip(),
    )


def _field(name: str, field: FieldInfo) -> FieldMetadataV3:
    sent = field.alias or name
    type_name, schema = _type_name(field.annotation)
    default = field.default if field.default is not PydanticUndefined else None
    return FieldMetadataV3(
        name=sent,
        type=type_name,
        is_schema=schema is not None,
        schema_name=schema,
        value=default,
        help=field.description or sent.strip("_").replace("_", " "),
        label=sent,
        direction="INPUT" if sent == "_exclude_fields" else "OUTPUT",
    )


def _type_name(annotation: Any) -> tuple[str, str | None]:
    """The protocol's name of a type, and the schema's name if it is one."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _type_name(arguments[0])
    if origin in (Union, types.UnionType):
        return _type_name(next(member for member in arguments if member is not type(None)))
    if origin in (list, tuple):
        name, schema = _type_name(arguments[0])
        return f"{name}[]", schema
    if origin is dict:
        return "Map<string,Object>", None
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        meta = annotation.announced()
        return meta.schema_type, meta.schema_name
    return _TYPE_NAMES.get(annotation, "Iced"), None
