"""What goes with a model when it is removed."""

from __future__ import annotations

from aquifer_algos.model import Model
from aquifer_cluster.store import Store

from aquifer_server.measurements import Measurement


def belongings(store: Store, key: str) -> tuple[str, ...]:
    """The keys of the model's metrics and of the frames of its layers; none if the key is no model's."""
    model = store.find(key, Model)
    if model is None:
        return ()
    layers = model.output.layers
    frames = () if layers is None else (*layers.weights, *layers.biases)
    metrics = [name for name, measurement in store.items(Measurement) if measurement.model == key]
    return (*frames, *metrics)
