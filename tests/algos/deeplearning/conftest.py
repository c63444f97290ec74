"""The kernels once more, computing with float64: where rounding cannot hide a mistake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from unittest.mock import patch

import numpy as np
import pytest
from aquifer_algos.deeplearning import launch, precision
from aquifer_algos.deeplearning.buffers import aligned_zeros
from aquifer_algos.deeplearning.network import Network
from aquifer_cluster.compilation import Kernels


@pytest.fixture(scope="session")
def double_kernels() -> dict[str, Kernels]:
    """The kernels compiled from the same sources with float64 for float32, by their name in `launch`."""
    double = {}
    for name, kernels in {"ROWS": launch.ROWS, "BATCHES": launch.BATCHES}.items():
        kernels.load()
        double[name] = Kernels(kernels.module, *kernels.sources)
    package = launch.ROWS.module.rpartition(".")[0]
    single = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(package)}
    with patch.object(precision, "REAL", np.float64):
        for kernels in double.values():
            kernels.load()
    sys.modules.update(single)
    return double


@pytest.fixture
def in_float64(double_kernels: dict[str, Kernels]) -> Iterator[Callable[[Network], Network]]:
    """Training goes through the kernels that compute with float64; makes a network of such numbers."""
    with patch.multiple(launch, **double_kernels):
        yield _doubled


def _doubled(network: Network) -> Network:
    """The same network in float64."""
    weights, state = (aligned_zeros(array.size, np.float64) for array in (network.weights, network.state))
    weights[...], state[...] = network.weights, network.state.ravel()
    return Network(network.topology, weights, state.reshape(network.state.shape))
