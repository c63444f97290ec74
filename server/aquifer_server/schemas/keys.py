"""Keys as the protocol writes them: name, type and address."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import quote

from pydantic import Field

from aquifer_server.schemas.base import Schema


class KeyV3(Schema, schema_type="Key<Keyed>"):
    """A key of anything."""

    folder: ClassVar[str | None] = None

    name: str | None = None
    type: str | None = "Key<Keyed>"
    url: str | None = Field(default=None, alias="URL")

    @classmethod
    def of(cls, name: str) -> KeyV3:
        """The key called `name`, with the address of what it holds."""
        url = f"{cls.folder}/{quote(name, safe=':/')}" if cls.folder else None
        return cls(name=name, type=cls.announced().schema_type, url=url)


class FrameKeyV3(KeyV3, schema_type="Key<Frame>"):
    """The key of a frame."""

    folder = "/3/Frames"


class ModelKeyV3(KeyV3, schema_type="Key<Model>"):
    """The key of a model."""

    folder = "/3/Models"


class JobKeyV3(KeyV3, schema_type="Key<Job>"):
    """The key of a job."""

    folder = "/3/Jobs"


KEYS_BY_KIND: dict[str, type[KeyV3]] = {"frame": FrameKeyV3, "model": ModelKeyV3, "job": JobKeyV3}


def key_of(kind: str, name: str) -> KeyV3:
    """The key of something of a kind (`frame`, `model`, `job`; anything else is a plain key)."""
    return KEYS_BY_KIND.get(kind, KeyV3).of(name)
