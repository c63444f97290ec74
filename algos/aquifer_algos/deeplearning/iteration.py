"""One iteration of training on a node: all its threads walk rows and step the node's network.

    result = train(network, matrix, rule, samples=10_000, seed=1, samples_seen=50_000, threads=2,
                   stop_flag=flag)

changes `network.weights` and `network.state` in place (take `network.copy()` first if they came through
Ray, which makes arrays read-only). Set `flag[0] = 1` from another thread and it returns after the row at
hand. On one thread the outcome depends on nothing but the arguments.

How threads share. Without locks, in one of two ways, by the size of the network:

- On a large network they all step the same memory row by row (Hogwild; Recht et al. 2011). Two threads
  rarely meet in the same place.
- On a small network they would pull the same few cache lines from each other all the time. So each thread
  gathers its steps in a copy of its own and adds them to the shared weights after every `_WINDOW` rows
  (fewer with many threads), again without locks.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

import numpy as np
from aquifer_cluster.compilation import Kernels
from numpy.typing import NDArray

from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix, TrainingMatrix, padded
from aquifer_algos.deeplearning.network import Network, Topology, aligned_zeros, is_aligned

Loss = Literal["CrossEntropy", "Quadratic", "Absolute", "Huber", "Quantile", "poisson", "gamma", "tweedie"]

KERNELS = Kernels("aquifer_algos.deeplearning.kernels", "vector.py", "matrix.py", "precision.py")

_WINDOW = 256
_SHARED_FROM = 1 << 20
"""Networks of this many weights and more are stepped in place by all threads."""
_ROW_NANOSECONDS, _PARAMETER_NANOSECONDS = 300.0, 0.13
"""What a row takes on one thread, roughly: so much, and so much for every weight."""
_THREAD_NANOSECONDS = 1e6
"""Work below which a further thread would cost more than it brings."""


@dataclass(frozen=True)
class LearningRule:
    """The loss and how weights step down it; names, meanings and defaults are those of the protocol.

    loss: of the protocol's losses one, or the deviance of a distribution whose output is the logarithm of the
        mean. For classes CrossEntropy, Quadratic, Absolute or Huber; for numbers all but CrossEntropy.
    huber_delta: the error from which on Huber's loss is linear, in the units that the response is learnt in.
    max_w2: the largest sum of a unit's squared incoming weights; None for no limit.
    With adaptive_rate: ADADELTA (rho, epsilon). Without: rate · rate_decay^(layer - 1) /
    (1 + rate_annealing · samples), times (1 - momentum), with momentum that ramps from momentum_start to
    momentum_stable over momentum_ramp samples and then stays.
    """

    loss: Loss = "CrossEntropy"
    adaptive_rate: bool = True
    rho: float = 0.99
    epsilon: float = 1e-8
    rate: float = 0.005
    rate_annealing: float = 1e-6
    rate_decay: float = 1.0
    momentum_start: float = 0.0
    momentum_ramp: float = 1e6
    momentum_stable: float = 0.0
    nesterov_accelerated_gradient: bool = True
    l1: float = 0.0
    l2: float = 0.0
    max_w2: float | None = None
    quantile_alpha: float = 0.5
    tweedie_power: float = 1.5
    huber_delta: float = 1.0

    @property
    def has_momentum(self) -> bool:
        """Whether the rule keeps a velocity for each weight."""
        return not self.adaptive_rate and (self.momentum_start != 0.0 or self.momentum_stable != 0.0)

    @property
    def epsilon_of_sums(self) -> float:
        """ADADELTA's epsilon in the scale of a network's state, which holds sums and not means."""
        return self.epsilon / (1.0 - self.rho)

    @property
    def state_slots(self) -> int:
        """How many numbers the rule remembers for each weight."""
        return 2 if self.adaptive_rate else int(self.has_momentum)


@dataclass(frozen=True)
class IterationResult:
    """What one iteration did on a node.

    rows: rows trained; fewer than asked if stopped.
    threads: how many were used.
    seconds: wall time of the iteration.
    kernel_seconds: time inside kernels, summed over the threads.
    stable: False if a weight has become infinite or not a number.
    """

    rows: int
    threads: int
    seconds: float
    kernel_seconds: float
    stable: bool


def train(
    network: Network,
    matrix: TrainingMatrix,
    rule: LearningRule,
    *,
    samples: int,
    seed: int,
    samples_seen: int,
    threads: int,
    stop_flag: NDArray[np.uint8],
    position: int | None = None,
) -> IterationResult:
    """Train `network` in place on `samples` rows of `matrix`.

    samples_seen: rows trained by all nodes before this iteration, for the learning-rate schedule.
    position: rows this node has trained before, its place in the sequence of shuffled passes; if None,
        samples_seen, which is the same on a single node.
    threads: at most so many; see `threads_for`.
    stop_flag: uint8 (1,); any value but 0 ends the iteration.
    """
    _check(network, matrix, rule, stop_flag)
    began = perf_counter()
    threads = threads_for(network.topology, samples, threads)
    work = _Work(network, matrix, rule, seed, samples_seen, threads, stop_flag)
    place = samples_seen if position is None else position
    bounds = [place + samples * thread // threads for thread in range(threads + 1)]
    if threads == 1:
        parts = [work.walk(0, bounds[0], bounds[1])]
    else:
        with ThreadPoolExecutor(threads, "aquifer-train") as pool:
            parts = list(pool.map(work.walk, range(threads), bounds, bounds[1:]))
        _merge_state(network, parts)
    with np.errstate(all="ignore"):
        stable = bool(np.isfinite(network.weights.sum()))
    rows, kernel_seconds = sum(part.rows for part in parts), sum(part.seconds for part in parts)
    return IterationResult(rows, threads, perf_counter() - began, kernel_seconds, stable)


def threads_for(topology: Topology, samples: int, available: int) -> int:
    """How many of the available threads are worth starting for so many samples: at least one."""
    row = _ROW_NANOSECONDS + _PARAMETER_NANOSECONDS * topology.parameters
    return max(1, min(available, int(samples * row / _THREAD_NANOSECONDS)))


@dataclass(frozen=True)
class _Part:
    """What one thread did; `state` is its own copy, if it had one."""

    rows: int
    seconds: float
    state: NDArray[np.float32] | None


@dataclass(frozen=True)
class _Work:
    """An iteration's constants, shared by its threads."""

    network: Network
    matrix: TrainingMatrix
    rule: LearningRule
    seed: int
    samples_seen: int
    threads: int
    stop_flag: NDArray[np.uint8]

    def walk(self, thread: int, start: int, end: int) -> _Part:
        """Train on the rows from `start` to `end` of the node's random order."""
        kernels = KERNELS.load()
        topology = self.network.topology
        own, base, window = self.network, np.zeros(0, kernels.REAL), 0
        if self.threads > 1 and topology.size < _SHARED_FROM:
            own, window = self.network.copy(), max(1, 2 * _WINDOW // self.threads)
            base = aligned_zeros(topology.size)
            base[...] = own.weights
        region = _region(topology, self.matrix)
        scratch = aligned_zeros(region * kernels.REGIONS, kernels.REAL)
        table = _layer_table(topology, region)
        counts = _prepare(table, scratch, region)
        data, lengths = self.matrix, len(topology.layers)
        began = perf_counter()
        rows = kernels.train_rows(
            own.weights,
            own.state,
            self.network.weights,
            base,
            window,
            table,
            _rule_kind(self.rule),
            _loss_kind(self.rule),
            _rule_numbers(self.rule),
            _real(data.values if isinstance(data, DenseMatrix) else _NO_ROWS),
            data.indptr if isinstance(data, SparseMatrix) else _NO_LONGS,
            (data.indices if isinstance(data, SparseMatrix) else _NO_INTS).astype(_index(), copy=False),
            _real(data.values if isinstance(data, SparseMatrix) else _NO_FLOATS),
            data.target if data.target.dtype == np.int32 else _NO_INTS,
            _real(data.target if data.target.dtype == np.float32 else _NO_FLOATS),
            _real(_NO_FLOATS if data.offsets is None else data.offsets),
            _real(_NO_FLOATS if data.weights is None else data.weights),
            self.seed & (2**64 - 1),
            _threshold(topology.input_dropout_ratio),
            start,
            end - start,
            self.samples_seen,
            self.threads,
            scratch,
            counts,
            np.zeros(lengths, kernels.REAL),
            thread % 2,
            self.stop_flag,
        )
        return _Part(rows, perf_counter() - began, own.state if window else None)


_NO_ROWS = np.zeros((0, 0), np.float32)
_NO_FLOATS = np.zeros(0, np.float32)
_NO_INTS = np.zeros(0, np.int32)
_NO_LONGS = np.zeros(0, np.int64)


def _real(values: NDArray[Any]) -> NDArray[Any]:
    """The same array, if the kernels compute with float32."""
    return values.astype(KERNELS.load().REAL, copy=False)


def _index() -> np.dtype[Any]:
    """The type of the indices of units, which take as much as a number."""
    return np.dtype(f"i{KERNELS.load().SIZE}")


def _region(topology: Topology, matrix: TrainingMatrix) -> int:
    """The float32 of one region of scratch memory: all units, or a sparse row's entries for the input."""
    inputs = topology.inputs if isinstance(matrix, DenseMatrix) else max(matrix.longest_row, 1)
    return padded(inputs) + sum(padded(layer.receivers) for layer in topology.layers)


def _layer_table(topology: Topology, region: int) -> NDArray[np.int64]:
    kernels = KERNELS.load()
    hidden = {
        "Rectifier": kernels.RECTIFIER,
        "Tanh": kernels.TANH,
        "ExpRectifier": kernels.EXP_RECTIFIER,
        "Maxout": kernels.MAXOUT,
    }
    output = {"softmax": kernels.SOFTMAX, "linear": kernels.LINEAR}[topology.output]
    activations = [*(hidden[name] for name in topology.activations), output]
    table = np.zeros((len(topology.layers), kernels.LAYER_COLUMNS), np.int64)
    end = region - sum(padded(layer.receivers) for layer in topology.layers)
    senders, size = 0, kernels.SIZE
    for row, layer, activation, ratio in zip(
        table, topology.layers, activations, topology.dropout_ratios[1:], strict=True
    ):
        row[kernels.WEIGHTS], row[kernels.BIAS] = size * layer.offset, size * layer.bias_offset
        row[kernels.INPUTS], row[kernels.OUTPUTS] = layer.inputs, layer.receivers
        row[kernels.PITCH], row[kernels.BY_SENDER] = size * layer.pitch, layer.by_sender
        row[kernels.ACTIVATION], row[kernels.DROP_BELOW] = activation, _threshold(ratio)
        row[kernels.SENDERS], row[kernels.RECEIVERS] = size * senders, size * end
        senders, end = end, end + padded(layer.receivers)
    return table


def _prepare(table: NDArray[np.int64], scratch: NDArray[Any], region: int) -> NDArray[np.int64]:
    """Mark all units as kept and list them, which layers without dropout never change."""
    kernels = KERNELS.load()
    regions = scratch.reshape(kernels.REGIONS, region)
    regions[kernels.KEPT] = 1.0
    counts = np.zeros((len(table), 2), np.int64)
    for index, row in enumerate(table):
        units, start = int(row[kernels.OUTPUTS]), int(row[kernels.RECEIVERS]) // kernels.SIZE
        regions[kernels.KEPT_LIST].view(_index())[start : start + units] = np.arange(units)
        counts[index, 1] = units
    return counts


def _threshold(ratio: float) -> int:
    """A dropout ratio as the bound below which a 32-bit draw drops the unit."""
    return round(ratio * 2**32)


def _rule_kind(rule: LearningRule) -> int:
    kernels = KERNELS.load()
    if rule.adaptive_rate:
        kind = kernels.ADADELTA
    elif not rule.has_momentum:
        kind = kernels.SGD
    else:
        kind = kernels.NESTEROV if rule.nesterov_accelerated_gradient else kernels.MOMENTUM
    return int(kind)


def _loss_kind(rule: LearningRule) -> int:
    kernels = KERNELS.load()
    kinds = {
        "CrossEntropy": kernels.CROSS_ENTROPY,
        "Quadratic": kernels.QUADRATIC,
        "Absolute": kernels.ABSOLUTE,
        "Huber": kernels.HUBER,
        "Quantile": kernels.QUANTILE,
        "poisson": kernels.POISSON,
        "gamma": kernels.GAMMA,
        "tweedie": kernels.TWEEDIE,
    }
    return int(kinds[rule.loss])


def _rule_numbers(rule: LearningRule) -> NDArray[Any]:
    kernels = KERNELS.load()
    numbers = np.zeros(kernels.RULE_NUMBERS, kernels.REAL)
    of_losses = {"Huber": rule.huber_delta, "Quantile": rule.quantile_alpha, "tweedie": rule.tweedie_power}
    for place, value in {
        kernels.RHO: rule.rho,
        kernels.EPSILON: rule.epsilon_of_sums,
        kernels.L1: rule.l1,
        kernels.L2: rule.l2,
        kernels.RATE: rule.rate,
        kernels.ANNEALING: rule.rate_annealing,
        kernels.DECAY: rule.rate_decay,
        kernels.MOMENTUM_START: rule.momentum_start,
        kernels.MOMENTUM_RAMP: rule.momentum_ramp,
        kernels.MOMENTUM_STABLE: rule.momentum_stable,
        kernels.LOSS_NUMBER: of_losses.get(rule.loss, 0.0),
        kernels.MAX_W2: rule.max_w2 or 0.0,
    }.items():
        numbers[place] = value
    return numbers


def _merge_state(network: Network, parts: list[_Part]) -> None:
    """Average what the threads' step rules remember, weighted by rows done."""
    states = [(part.rows, part.state) for part in parts if part.state is not None]
    rows = sum(count for count, _ in states)
    if rows == 0:
        return
    network.state[...] = sum(np.float32(count / rows) * state for count, state in states)


def _check(network: Network, matrix: TrainingMatrix, rule: LearningRule, stop_flag: NDArray[Any]) -> None:
    topology = network.topology
    if not (is_aligned(network.weights) and is_aligned(network.state)):
        raise ValueError("the network's buffers must be writable and aligned: train a network.copy()")
    if network.weights.shape != (topology.size,) or network.state.shape != (rule.state_slots, topology.size):
        raise ValueError("the network's buffers do not fit its topology and the step rule")
    if topology.sparse != isinstance(matrix, SparseMatrix) or topology.inputs != matrix.inputs:
        raise ValueError("the matrix does not fit the network's input layer")
    codes = matrix.target.dtype == np.int32
    if codes != (topology.output == "softmax"):
        raise ValueError("softmax needs int32 class codes as target, linear needs float32 values")
    if codes and not (
        0 <= int(matrix.target.min(initial=0)) <= int(matrix.target.max(initial=0)) < topology.outputs
    ):
        raise ValueError(f"class codes must lie in 0..{topology.outputs - 1}")
    if matrix.rows == 0:
        raise ValueError("the matrix has no rows")
    if stop_flag.shape != (1,) or stop_flag.dtype != np.uint8:
        raise ValueError("the stop flag must be one uint8")
