"""A fully connected network as data: its shape, its flat buffers, its start, its forward pass for scoring.

`Topology` is the frozen description. `Network` holds what is learnt: all weights and biases in one float32
buffer, and what the step rule remembers of each of them in another, so that averaging, saving and copying
a network are each one operation on an array:

    network = Network.start(topology, seed=1, state_slots=rule.state_slots)
    probabilities = network.predict(rows)            # float32 (rows, inputs), or a CsrRows
    mean = Network(topology, sum of share * n.weights, sum of share * n.state)

Within the buffer every layer is its weight matrix followed by its biases. A matrix is stored by sender (one
stored row = the weights from one sending unit to all receivers) or by receiver, whichever lets the training
kernel skip more: by sender where many senders are zero (sparse input, Rectifier or dropped units), by
receiver for dense input and for very narrow receivers. Stored rows are padded with zeros to whole blocks of
sixteen and stay so.
"""

import mmap
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.deeplearning.matrix import Float32s, Int32s, padded

Activation = Literal["Rectifier", "Tanh", "ExpRectifier", "Maxout"]
Output = Literal["softmax", "linear"]
Distribution = Literal["UniformAdaptive", "Uniform", "Normal"]

CHANNELS = 2
"""Maxout's sums for each unit."""
_NARROW = 4
"""Below this many receivers, padding them to sixteen would cost more than skipping zero senders saves."""
_RAISED = ("Rectifier", "Maxout")
_HUGE_PAGE = 2 << 20
_DENSE_COLUMNS = 4096
_SCORING_ROWS = 512


@dataclass(frozen=True)
class CsrRows:
    """Rows to score in compressed form: indptr int64 (rows + 1,), indices int32, values float32."""

    indptr: NDArray[np.int64]
    indices: Int32s
    values: Float32s


@dataclass(frozen=True)
class Layer:
    """Where one layer's matrix and biases lie in the flat buffer (offsets in float32).

    channels: the sums that each unit takes the largest of: 2 for Maxout, otherwise 1. All first ones come
        before all second ones, from the start of a block on.
    """

    inputs: int
    outputs: int
    by_sender: bool
    offset: int
    channels: int = 1

    @property
    def receivers(self) -> int:
        """The sums: one for each unit, or for each channel of each unit, padding between them included."""
        return self.outputs if self.channels == 1 else self.channels * padded(self.outputs)

    @property
    def rows(self) -> int:
        """Stored rows."""
        return self.inputs if self.by_sender else self.receivers

    @property
    def pitch(self) -> int:
        """Float32 per stored row, padding included."""
        return padded(self.receivers if self.by_sender else self.inputs)

    @property
    def bias_offset(self) -> int:
        """Where the biases start."""
        return self.offset + self.rows * self.pitch

    @property
    def end(self) -> int:
        """Where the next layer starts."""
        return self.bias_offset + padded(self.receivers)


@dataclass(frozen=True)
class Topology:
    """The shape of a network.

    inputs, hidden, outputs: the numbers of units; no hidden layer at all is legal.
    activations: one for each hidden layer.
    output: softmax (classification, one unit per class) or linear (regression).
    sparse: whether it trains on a SparseMatrix; decides how the first matrix is stored.
    input_dropout_ratio, hidden_dropout_ratios: the share of units dropped in training, in [0, 1); the latter
        one for each hidden layer, or empty for none.
    """

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activations: tuple[Activation, ...]
    output: Output
    sparse: bool = False
    input_dropout_ratio: float = 0.0
    hidden_dropout_ratios: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if min(self.units) < 1:
            raise ValueError(f"every layer needs at least one unit; the layers are {self.units}")
        if len(self.activations) != len(self.hidden):
            raise ValueError(
                f"{len(self.hidden)} hidden layers need as many activations, not {self.activations}"
            )
        if self.hidden_dropout_ratios and len(self.hidden_dropout_ratios) != len(self.hidden):
            raise ValueError(
                f"hidden_dropout_ratios must have {len(self.hidden)} entries, one per hidden layer"
            )
        if not all(0.0 <= ratio < 1.0 for ratio in (self.input_dropout_ratio, *self.hidden_dropout_ratios)):
            raise ValueError("dropout ratios must be at least 0 and less than 1")

    @property
    def units(self) -> tuple[int, ...]:
        """The width of every layer, input and output included."""
        return (self.inputs, *self.hidden, self.outputs)

    @cached_property
    def dropout_ratios(self) -> tuple[float, ...]:
        """The dropout ratio of every layer, input and output included."""
        hidden = self.hidden_dropout_ratios or (0.0,) * len(self.hidden)
        return (self.input_dropout_ratio, *hidden, 0.0)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layout of the flat buffer, first hidden layer first."""
        layers: list[Layer] = []
        for index, (inputs, outputs) in enumerate(pairwise(self.units)):
            maxout = index < len(self.hidden) and self.activations[index] == "Maxout"
            # Half of Maxout's sums lose, and get no gradient: whole rows to skip.
            by_sender = self.sparse if index == 0 else outputs >= _NARROW and not maxout
            offset = layers[-1].end if layers else 0
            layers.append(Layer(inputs, outputs, by_sender, offset, CHANNELS if maxout else 1))
        return tuple(layers)

    @property
    def size(self) -> int:
        """The length of the flat buffer in float32, padding included."""
        return self.layers[-1].end

    @property
    def parameters(self) -> int:
        """The number of weights and biases, padding not included."""
        return sum((layer.inputs + 1) * layer.outputs * layer.channels for layer in self.layers)


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
        or momentum's velocity, or nothing.
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
            shape = (layer.channels, layer.inputs, layer.outputs)
            if distribution == "Normal":
                matrix = random.normal(0.0, scale, shape)
            else:
                adaptive = distribution == "UniformAdaptive"
                limit = _adaptive_limit(topology, index) if adaptive else scale
                matrix = random.uniform(-limit, limit, shape)
            _matrix(weights, layer)[...] = matrix.swapaxes(1, 2)
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
        """Class probabilities (rows, classes), or the linear output (rows, outputs).

        Hidden activations are multiplied by the share of units that training kept; inputs are not rescaled.
        """
        count = len(rows.indptr) - 1 if isinstance(rows, CsrRows) else len(rows)
        result = np.empty((count, self.topology.outputs), np.float32)
        for start in range(0, count, _SCORING_ROWS):
            block = slice(start, min(start + _SCORING_ROWS, count))
            result[block] = self._predict_block(rows, block)
        return result

    def _predict_block(self, rows: Float32s | CsrRows, block: slice) -> Float32s:
        topology = self.topology
        last = len(topology.hidden)
        values: Float32s | None = None
        for index, layer in enumerate(topology.layers):
            matrix = _sums_by_senders(self.weights, layer).T
            if values is None:
                product = (
                    _sparse_product(rows, block, matrix)
                    if isinstance(rows, CsrRows)
                    else rows[block, : layer.inputs] @ matrix
                )
            else:
                product = values @ matrix
            product += self.weights[layer.bias_offset : layer.bias_offset + layer.receivers]
            if index == last:
                return _softmax(product) if topology.output == "softmax" else product
            values = _activate(topology.activations[index], product)[:, : layer.outputs]
            values *= np.float32(1.0 - topology.dropout_ratios[index + 1])
        raise AssertionError("a network has an output layer")

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
            gradients, steps = (_matrix(slot, layer) for slot in self.state)
            rate = _mean_and_deviation(
                np.sqrt((steps + np.float32(epsilon)) / (gradients + np.float32(epsilon)))
            )
        return LayerStatistics(*_mean_and_deviation(weights), *_mean_and_deviation(bias), *rate)


def aligned_zeros(size: int, dtype: type[np.floating[Any]] = np.float32) -> NDArray[Any]:
    """So many zeros at an address that suits whole blocks, on huge pages where the system has them.

    Large networks are walked row by row in random order; with pages of 4 KB a third of the time would go to
    looking up addresses.
    """
    nbytes = size * np.dtype(dtype).itemsize
    if nbytes == 0:
        return np.zeros(0, dtype)
    large = nbytes >= 2 * _HUGE_PAGE
    # Private, because Linux gives shared memory no huge pages.
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
    memory = mmap.mmap(-1, nbytes + (_HUGE_PAGE if large else 0), **private)
    start = 0
    if large and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
        start = -np.frombuffer(memory, np.uint8).ctypes.data % _HUGE_PAGE
    return np.frombuffer(memory, dtype, size, start)


def is_aligned(buffer: Float32s) -> bool:
    """Whether the kernels can take this buffer as it is: contiguous, writable, on a block's boundary."""
    usable = buffer.flags.c_contiguous and buffer.flags.writeable and buffer.ctypes.data % 64 == 0
    return usable or buffer.size == 0


def _adaptive_limit(topology: Topology, index: int) -> float:
    layer = topology.layers[index]
    limit = float(np.sqrt(6.0 / (layer.inputs + layer.outputs)))
    return 4.0 * limit if index == len(topology.hidden) and topology.output == "softmax" else limit


def _sums_by_senders(buffer: Float32s, layer: Layer) -> Float32s:
    """The matrix as a view (receivers, inputs); of Maxout, with the padding between its channels."""
    stored = buffer[layer.offset : layer.bias_offset].reshape(layer.rows, layer.pitch)
    return stored[:, : layer.receivers].T if layer.by_sender else stored[:, : layer.inputs]


def _matrix(buffer: Float32s, layer: Layer) -> Float32s:
    """The weights as a view (channels, outputs, inputs), without padding."""
    return _sums_by_senders(buffer, layer).reshape(layer.channels, -1, layer.inputs)[:, : layer.outputs]


def _bias(buffer: Float32s, layer: Layer) -> Float32s:
    """The biases as a view (channels, outputs), without padding."""
    biases = buffer[layer.bias_offset : layer.bias_offset + layer.receivers]
    return biases.reshape(layer.channels, -1)[:, : layer.outputs]


def _mean_and_deviation(values: Float32s) -> tuple[float, float]:
    return float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))


def _activate(activation: Activation, values: Float32s) -> Float32s:
    """The activations (rows, units) of sums (rows, receivers); of Maxout with padding."""
    if activation == "Tanh":
        return np.tanh(values, out=values)
    if activation == "ExpRectifier":
        return np.where(values >= 0, values, np.expm1(np.minimum(values, 0)))
    if activation == "Maxout":
        half = values.shape[1] // CHANNELS
        return np.maximum(values[:, :half], values[:, half:])
    return np.maximum(values, 0, out=values)


def _softmax(values: Float32s) -> Float32s:
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=1, keepdims=True)
    return values


def _sparse_product(rows: CsrRows, block: slice, matrix: Float32s) -> Float32s:
    """A block of rows times (inputs, outputs), spread out over the columns that occur in it."""
    bounds = rows.indptr[block.start : block.stop + 1]
    indices = rows.indices[bounds[0] : bounds[-1]]
    row = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    columns: NDArray[np.integer[Any]] = indices
    if len(matrix) > _DENSE_COLUMNS:
        occurring, columns = np.unique(indices, return_inverse=True)
        matrix = matrix[occurring]
    spread = np.zeros((len(bounds) - 1, len(matrix)), np.float32)
    spread[row, columns] = rows.values[bounds[0] : bounds[-1]]
    return spread @ matrix
