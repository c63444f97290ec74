"""Removal from the store."""

from __future__ import annotations

from aquifer_server.schemas.base import Answer
from aquifer_server.schemas.keys import KeyV3


class RemoveV3(Answer):
    """A key was removed, or held nothing."""

    key: KeyV3
    cascade: bool


class RemoveAllV3(Answer):
    """All keys but some were removed."""

    retained_keys: list[KeyV3]
