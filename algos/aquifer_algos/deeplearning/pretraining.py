"""Starting a supervised network from what an autoencoder has learnt of its inputs (Hinton et al. 2006)."""

from __future__ import annotations

from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.model import Model


def network_of(model: Model) -> Network:
    """The network of a deep-learning model."""
    assert isinstance(model.scorer, NetworkScorer)
    return model.scorer.network


def with_hidden_layers_of(model: Model, network: Network) -> Network:
    """The network with the weights and biases of all hidden layers of a model of the same hidden topology.

    They are copied as they are, whatever the inputs were scaled by; the output layer stays.
    """
    learnt = network_of(model)
    for layer in range(len(network.topology.hidden)):
        network = network.with_layer(layer, learnt.matrix(layer), learnt.bias(layer))
    return network
