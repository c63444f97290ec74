"""The shape of a network, and where each layer lies in its flat buffer.

Within the buffer every layer is its weight matrix followed by its biases. A matrix is stored by sender (one
stored row = the weights from one sending unit to all receivers) or by receiver, whichever lets the training
kernel skip more: by sender where many senders are zero (sparse input, Rectifier or dropped units), by
receiver for dense input and for very narrow receivers. Stored rows are padded with zeros to whole blocks of
sixteen and stay so.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from aquifer_algos.deeplearning.matrix import padded

Activation = Literal["Rectifier", "Tanh", "ExpRectifier", "Maxout"]
Output = Literal["softmax", "linear", "Rectifier", "Tanh", "ExpRectifier"]

CHANNELS = 2
"""Maxout's sums for each unit."""
_NARROW = 4
"""Below this many receivers, padding them to sixteen would cost more than skipping zero senders saves."""


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
    output: softmax (classification, one unit per class), linear (regression), or the activation of an
        autoencoder's output, whose target is its input.
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
    def reconstructs(self) -> bool:
        """Whether it is an autoencoder's."""
        return self.output not in ("softmax", "linear")

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
