"""Averaging the networks of several nodes into one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aquifer_algos.deeplearning.network import Network


def average(networks: Sequence[Network], rows: Sequence[int]) -> Network:
    """The mean of everything learnt (weights, biases and what the step rule remembers), weighted by `rows`.

    A network that trained no row does not count, unless none did. The sum is in the order given, so that it
    repeats exactly.
    """
    total = sum(rows)
    parts = rows if total else [1] * len(networks)
    shares = [np.float32(part / sum(parts)) for part in parts]
    weights, state = np.zeros_like(networks[0].weights), np.zeros_like(networks[0].state)
    for network, share in zip(networks, shares, strict=True):
        if share > 0:
            weights += share * network.weights
            state += share * network.state
    return Network(networks[0].topology, weights, state)
