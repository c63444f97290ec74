"""How a value travels in a query or a form: H2O's text forms, not JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["encode", "encode_all"]


def encode(value: Any) -> str:
    """The text of one value: ``True``, ``1e-05``, ``["a","b"]``, ``[[8,8],[4]]``, ``[None,["x"]]``."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_item(str(key))}:{_item(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(_item, value)) + "]"
    return str(value)


def _item(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else encode(value)


def encode_all(values: Mapping[str, Any]) -> dict[str, str]:
    """Every value that is not None, as text: None is never sent."""
    return {name: encode(value) for name, value in values.items() if value is not None}
