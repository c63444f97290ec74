"""Removal of keys, with what cannot be without them: an upload's file, a model's metrics."""

from __future__ import annotations

from aquifer_algos.model import Model
from aquifer_cluster.ingest import Source
from aquifer_cluster.store import Store

from aquifer_server.measurements import Measurement
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
    """Remove a model and the metrics that were made with it."""
    store.remove(key)
    for name, measurement in store.items(Measurement):
        if measurement.model == key:
            store.remove(name)
