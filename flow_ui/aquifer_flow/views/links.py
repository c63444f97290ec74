"""Where a key leads to, if it holds something that has a page."""

from __future__ import annotations

from aquifer_algos.model import Model
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

from aquifer_flow import addresses


def link_to(key: str, store: Store) -> str | None:
    """The page of a frame or model; None if the store holds neither under `key` (yet, or any longer)."""
    if store.find(key, Frame) is not None:
        return addresses.frame_page(key)
    return addresses.model_page(key) if store.find(key, Model) is not None else None
