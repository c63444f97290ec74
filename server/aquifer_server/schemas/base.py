"""What every answer of the protocol has in common: `__meta`, and JSON without bare NaN."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


class Meta(BaseModel):
    """By this the protocol's clients know what kind of object they have received."""

    model_config = ConfigDict(frozen=True)

    schema_version: int = 3
    schema_name: str = ""
    schema_type: str = "Iced"


class Schema(BaseModel):
    """Base of all answers. A subclass is announced under its own name.

    `schema_type` names what the answer describes, `schema_version` is 3 for nearly all. NaN and the
    infinities are written as strings, as the protocol has them: JSON knows no such numbers.
    """

    model_config = ConfigDict(
        frozen=True,
        protected_namespaces=(),
        ser_json_inf_nan="strings",
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
        arbitrary_types_allowed=True,
    )

    meta: Meta = Field(default=Meta(), alias="__meta")

    def __init_subclass__(cls, **_: Any) -> None:
        """Let class arguments pass to `__pydantic_init_subclass__`."""
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(
        cls, *, schema_type: str = "Iced", schema_version: int = 3, schema_name: str | None = None, **_: Any
    ) -> None:
        """Fix the class's own `__meta`."""
        meta = Meta(
            schema_version=schema_version, schema_name=schema_name or cls.__name__, schema_type=schema_type
        )
        cls.model_fields["meta"].default = meta
        cls.model_rebuild(force=True)

    @classmethod
    def announced(cls) -> Meta:
        """The `__meta` that objects of this class carry."""
        meta: Meta = cls.model_fields["meta"].default
        return meta

    def json_bytes(self, without: Collection[str] = ()) -> bytes:
        """The object as the protocol's JSON, but for the fields `without`."""
        return self.model_dump_json(exclude=set(without) or None).encode()

    def with_fields(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return self.model_copy(update=changes)


class Answer(Schema):
    """Base of the answers that are requested by themselves: they repeat which fields were left out."""

    exclude_fields: str = Field(default="", alias="_exclude_fields")
