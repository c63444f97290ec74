"""A fully connected network as data: its shape, its flat buffers, its start, its forward pass for scoring.

`Topology` is the frozen description. `Network` holds what is learnt: all weights and biases in one float32
buffer, and what the step rule remembers of each of them in another, so that averaging, saving and copying
a network are each one operation on an array:

    network = Network.start(topology, seed=1, state_slots=rule.state_slots)
    probabilities = network.predict(rows)            # float32 (rows, inputs), or a CsrRows
    mean = Network(topology, sum of share * n.weights, sum of share * n.state)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from aquifer_algos.deeplearning.buffers import aligned_zeros
from aquifer_algos.deeplearning.inference import CsrRows, activations, predictions, sums_by_senders
from aquifer_algos.deeplearning.matrix import Float32s
from aquifer_algos.deeplearning.topology import Layer, Topology

Distribution = Literal["UniformAdaptive", "Uniform", "Normal"]

_RAISED = ("Rectifier", "Maxout")
_STRIPE = 1 << 16
"""Statistics look at so many numbers at once."""


@dataclass(frozen=True)
class LayerStatistics:
    """Mean and standard deviation over one layer: of its weights, its biases, and its ADADELTA step rates.

    The deviation is about the mean; H2O's tables call it RMS. The rates are None under another step rule.
    """

    weight_mean: float
    weight_rms: float
    bias_mean: float
    bias_rms: float
    rate_mean: float | None
    rate_rms: float | None


@dataclass(frozen=True)
class Network:
    """A topology with its weights, and with what the step rule remembers.

    weights: float32 (topology.size,).
    state: float32 (slots, topology.size): ADADELTA's decaying sums of squared gradients and of squared steps,
        or momentum's velocity, or nothing; if the rule has a sparsity_beta, also the rolling mean of each
        unit's activation, in the last slot in the biases' places.
    """

    topology: Topology
    weights: Float32s
    state: Float32s

    @classmethod
    def start(
        cls,
        topology: Topology,
        seed: int,
        state_slots: int,
        distribution: Distribution = "UniformAdaptive",
        scale: float = 1.0,
    ) -> "Network":
        """A new network with random weights.

        UniformAdaptive is U(-r, r), r = sqrt(6 / (inputs + outputs)) of the layer (Glorot and Bengio 2010),
        four times that for the output of a classifier; Uniform is U(-scale, scale); Normal is N(0, scale²).
        Biases start at 0.5 in the first and 1 in the other Rectifier and Maxout layers, so that no unit
        starts dead, and at 0 elsewhere.
        """
        weights = aligned_zeros(topology.size)
        for index, layer in enumerate(topology.layers):
            random = np.random.default_rng([seed & (2**64 - 1), index])
            adaptive = distribution == "UniformAdaptive"
            limit = _adaptive_limit(topology, index) if adaptive else scale
            for part in _stripes(_matrix(weights, layer).swapaxes(1, 2)):
                if distribution == "Normal":
                    part[...] = random.normal(0.0, scale, part.shape)
                else:
                    part[...] = random.uniform(-limit, limit, part.shape)
            if index < len(topology.hidden) and topology.activations[index] in _RAISED:
                _bias(weights, layer)[...] = 0.5 if index == 0 else 1.0
        state = aligned_zeros(state_slots * topology.size).reshape(state_slots, topology.size)
        return cls(topology, weights, state)

    def copy(self) -> "Network":
        """A writable, aligned copy, whatever these buffers are."""
        dtype = self.weights.dtype.type
        weights, state = aligned_zeros(self.weights.size, dtype), aligned_zeros(self.state.size, dtype)
        weights[...] = self.weights
        state.reshape(self.state.shape)[...] = self.state
        return Network(self.topology, weights, state.reshape(self.state.shape))

    def matrix(self, layer: int) -> Float32s:
        """A layer's weights as a new array (outputs, inputs), without padding.

        Of Maxout the rows of all first channels come before those of all second ones.
        """
        place = self.topology.layers[layer]
        whole = _matrix(self.weights, place)
        return whole.reshape(place.channels * place.outputs, place.inputs).copy(order="C")

    def bias(self, layer: int) -> Float32s:
        """A layer's biases as a new array (outputs,), or one for each channel of Maxout like the rows."""
        return _bias(self.weights, self.topology.layers[layer]).flatten()

    def with_layer(self, layer: int, matrix: Float32s, bias: Float32s) -> "Network":
        """A copy with this layer's weights and biases replaced, which are laid out as in `matrix`."""
        changed = self.copy()
        place = self.topology.layers[layer]
        expected = (place.channels * place.outputs, place.inputs)
        if matrix.shape != expected or bias.shape != expected[:1]:
            raise ValueError(f"layer {layer} needs weights {expected} and as many biases as rows")
        _matrix(changed.weights, place)[...] = matrix.reshape(place.channels, place.outputs, place.inputs)
        _bias(changed.weights, place)[...] = bias.reshape(place.channels, place.outputs)
        return changed

    def predict(self, rows: Float32s | CsrRows) -> Float32s:
        """Class probabilities (rows, classes), or the output (rows, outputs).

        Hidden activations are multiplied by the share of units that training kept; inputs are not rescaled.
        """
        return predictions(self.topology, self.weights, rows)

    def activations(self, rows: Float32s | CsrRows, layer: int) -> Float32s:
        """What the units of a hidden layer, counted from 0, send to the next when scoring: (rows, units)."""
        return activations(self.topology, self.weights, rows, layer)

    def statistics(self, epsilon: float | None = None) -> tuple[LayerStatistics, ...]:
        """One entry per layer, for the model summary.

        epsilon: under ADADELTA, `LearningRule.epsilon_of_sums`; None under another rule.
        """
        return tuple(self._layer_statistics(layer, epsilon) for layer in self.topology.layers)

    def _layer_statistics(self, layer: Layer, epsilon: float | None) -> LayerStatistics:
        weights = _matrix(self.weights, layer)
        bias = _bias(self.weights, layer)
        rate: tuple[float | None, float | None] = (None, None)
        if epsilon is not None:
            gradients, steps = (_matrix(slot, layer) for slot in self.state[:2])
            pairs = zip(_stripes(steps), _stripes(gradients), strict=True)
            rate = _mean_and_deviation(
                np.sqrt((step + np.float32(epsilon)) / (gradient + np.float32(epsilon)))
                for step, gradient in pairs
            )
        of_weights, of_bias = _mean_and_deviation(_stripes(weights)), _mean_and_deviation([bias])
        return LayerStatistics(*of_weights, *of_bias, *rate)


def _adaptive_limit(topology: Topology, index: int) -> float:
    layer = topology.layers[index]
    limit = float(np.sqrt(6.0 / (layer.inputs + layer.outputs)))
    return 4.0 * limit if index == len(topology.hidden) and topology.output == "softmax" else limit


def _matrix(buffer: Float32s, layer: Layer) -> Float32s:
    """The weights as a view (channels, outputs, inputs), without padding."""
    return sums_by_senders(buffer, layer).reshape(layer.channels, -1, layer.inputs)[:, : layer.outputs]


def _bias(buffer: Float32s, layer: Layer) -> Float32s:
    """The biases as a view (channels, outputs), without padding."""
    biases = buffer[layer.bias_offset : layer.bias_offset + layer.receivers]
    return biases.reshape(layer.channels, -1)[:, : layer.outputs]


def _stripes(channels: Float32s) -> Iterator[Float32s]:
    """The matrices of all channels, some rows at a time: what is made of them takes little memory at once."""
    for matrix in channels:
        step = max(1, _STRIPE // matrix.shape[1])
        for start in range(0, len(matrix), step):
            yield matrix[start : start + step]


def _mean_and_deviation(parts: Iterable[Float32s]) -> tuple[float, float]:
    """The mean and the standard deviation of all numbers of the parts, joined as by Chan et al. 1979."""
    count, mean, squares = 0, 0.0, 0.0
    for part in parts:
        away = float(part.mean(dtype=np.float64)) - mean
        squares += float(part.var(dtype=np.float64)) * part.size
        squares += away * away * count * part.size / (count + part.size)
        mean += away * part.size / (count + part.size)
        count += part.size
    return mean, float(np.sqrt(squares / count))
