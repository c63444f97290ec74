"""Weights and biases of layers as frames: those that a training starts from, and those of a model.

A frame of weights has a row for each receiving unit and a column for each sending one, a frame of biases one
column. Of Maxout layers the rows of all first channels come before those of all second ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.creation import NewColumn, make_frame
from numpy.typing import NDArray

from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.network import Network

GIVEN = ("initial_weights", "initial_biases")
"""The parameters that list frames to start from."""


def starts_from_layers(inputs: Inputs) -> bool:
    """Whether any frame of weights or biases is given."""
    return any(frame is not None for name in GIVEN for frame in inputs.frames.get(name, ()))


def with_given_layers(cloud: Cloud, network: Network, inputs: Inputs) -> Network:
    """The network with the given weights and biases in place of its own."""
    count = len(network.topology.layers)
    weights, biases = (inputs.frames.get(name) or (None,) * count for name in GIVEN)
    for layer in range(count):
        matrix, bias = network.matrix(layer), network.bias(layer)[:, None]
        given = [
            own if frame is None else _read(cloud, name, layer, frame, own.shape)
            for name, frame, own in zip(GIVEN, (weights[layer], biases[layer]), (matrix, bias), strict=True)
        ]
        network = network.with_layer(layer, given[0], given[1][:, 0])
    return network


def layer_frames(
    cloud: Cloud, network: Network, coefficients: Sequence[str]
) -> tuple[list[Frame], list[Frame]]:
    """The weights and the biases of each layer; the columns of the first are named for the inputs."""
    weights, biases = [], []
    for layer in range(len(network.topology.layers)):
        matrix = network.matrix(layer)
        names = coefficients if layer == 0 else [f"C{column + 1}" for column in range(matrix.shape[1])]
        weights.append(_frame(cloud, names, matrix))
        biases.append(_frame(cloud, ["C1"], network.bias(layer)[:, None]))
    return weights, biases


def shape_fault(name: str, layer: int, frame: Frame, shape: tuple[int, int]) -> str | None:
    """What is wrong with the frame for a layer that needs `shape` rows and columns."""
    if (frame.rows, len(frame.names)) == shape:
        return None
    return (
        f"{name} of layer {layer + 1} has {frame.rows} rows and {len(frame.names)} columns, but that layer "
        f"needs {shape[0]} rows and {shape[1]} columns."
    )


def _read(
    cloud: Cloud, name: str, layer: int, frame: Frame, shape: tuple[int, ...]
) -> NDArray[np.floating[Any]]:
    assert shape_fault(name, layer, frame, (shape[0], shape[1])) is None, "validation has seen to it"
    return np.column_stack([np.asarray(values, np.float32) for values in cloud.read(frame)])


def _frame(cloud: Cloud, names: Sequence[str], matrix: NDArray[np.floating[Any]]) -> Frame:
    return make_frame(
        cloud,
        [
            NewColumn(name, ColumnType.NUMERIC, column.astype(np.float64))
            for name, column in zip(names, matrix.T, strict=True)
        ],
    )
