"""Removal of keys, with what cannot be without them: an upload's file, a model's metrics and layers."""

from __future__ import annotations

from aquifer_algos.model import Model
from aquifer_cluster.ingest import Source
from aquifer_cluster.store import Store

from aquifer_server.belongings import belongings
from aquifer_server.spool import Spool


def remove_key(store: Store, spool: Spool, key: str) -> None:
    """Remove what a key holds, whatever it is; an unknown key is fine."""
    source = store.find(key, Source)
    if source is not None:
        spool.discard(source)
    if store.find(key, Model) is not None:
        remove_model(store, key)
    store.remove(key)


def remove_model(store: Store, key: str) -> None:
    """Remove a model and what goes with it."""
    for belonging in belongings(store, key):
        store.remove(belonging)
    store.remove(key)
