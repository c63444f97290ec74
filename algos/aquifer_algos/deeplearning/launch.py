"""Calling the kernels: a network, a matrix and a rule as the arrays and numbers that compiled code takes."""

from time import perf_counter
from typing import Any

import numpy as np
from aquifer_cluster.compilation import Kernels
from numpy.typing import NDArray

from aquifer_algos.deeplearning.buffers import aligned_zeros
from aquifer_algos.deeplearning.kernels import codes
from aquifer_algos.deeplearning.matrix import LANES, DenseMatrix, SparseMatrix, TrainingMatrix, padded
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.topology import Topology

_SOURCES = ("*.py", "../matrix.py", "../precision.py")
ROWS = Kernels("aquifer_algos.deeplearning.kernels.rows", *_SOURCES)
BATCHES = Kernels("aquifer_algos.deeplearning.kernels.batches", *_SOURCES)

_NO_ROWS = np.zeros((0, 0), np.float32)
_NO_FLOATS = np.zeros(0, np.float32)
_NO_INTS = np.zeros(0, np.int32)
_NO_LONGS = np.zeros(0, np.int64)


def kernels_for(rule: LearningRule) -> Kernels:
    """What a training by this rule calls, to be compiled beforehand."""
    return ROWS if rule.by_row else BATCHES


def run_kernel(
    network: Network,
    matrix: TrainingMatrix,
    rule: LearningRule,
    *,
    shared: Network | None,
    window: int,
    rows: range,
    seed: int,
    next_row: NDArray[np.int64],
    samples_seen: int,
    reverse: bool,
    stop_flag: NDArray[np.uint8],
) -> tuple[int, float]:
    """Train on the rows at these positions of the random order; return how many were done, and the seconds.

    shared: what `network`, a copy of it that is this thread's own, exchanges its steps with after every
        `window` rows; None if all threads step `network` itself.
    next_row: int64 (1,), the first of the rows that no thread has taken. Threads that train together share
        it; each takes `window` rows at a time, a whole number of batches, until none are left.
    reverse: whether to walk matrices backwards, lest two threads pull the same memory from each other.
    """
    kernels, topology, real = kernels_for(rule).load(), network.topology, network.weights.dtype.type
    base = aligned_zeros(0 if shared is None else topology.size, real)
    if shared is not None:
        base[...] = network.weights
    batch = 1 if rule.by_row else max(1, min(rule.mini_batch_size, len(rows)))
    region = _region(topology, matrix)
    scratch = aligned_zeros(batch * _stride(region), real)
    table = _layer_table(topology, region, scratch.itemsize)
    arguments = (
        network.weights,
        network.state,
        network.weights if shared is None else shared.weights,
        base,
        window,
        table,
        _rule_kind(rule),
        _loss_kind(rule),
        _rule_numbers(rule).astype(real),
        (matrix.values if isinstance(matrix, DenseMatrix) else _NO_ROWS).astype(real, copy=False),
        *_sparse_entries(matrix, real),
        *_targets(matrix, real),
        (_NO_FLOATS if matrix.offsets is None else matrix.offsets).astype(real, copy=False),
        (_NO_FLOATS if matrix.weights is None else matrix.weights).astype(real, copy=False),
        seed & (2**64 - 1),
        _threshold(topology.input_dropout_ratio),
        rows.start,
        len(rows),
        samples_seen,
        next_row,
        scratch,
        region * scratch.itemsize,
        _prepare(table, scratch.reshape(batch, -1), region),
        np.zeros(len(topology.layers), real),
        stop_flag,
    )
    began = perf_counter()
    if rule.by_row:
        done = kernels.train_rows(*arguments, int(reverse))
    else:
        room = _batch_room(topology, matrix, batch, real)
        done = kernels.train_batches(*arguments, batch, *room)
    return done, perf_counter() - began


def _stride(region: int) -> int:
    """The numbers of scratch memory for one row: its regions, and a block to keep rows out of step.

    Rows whose distance is a multiple of a page would all want the same few places of the cache.
    """
    return codes.REGIONS * region + LANES


def _batch_room(
    topology: Topology, matrix: TrainingMatrix, batch: int, real: type[np.floating[Any]]
) -> tuple[NDArray[Any], ...]:
    """Room for a batch's numbers of listed inputs, for their places, and for gradients."""
    strip = max(codes.OUTER_ROWS * layer.pitch for layer in topology.layers)
    if isinstance(matrix, DenseMatrix):
        return _NO_LONGS, np.zeros(0, _index(real)), aligned_zeros(strip, real)
    # So many inputs can have a gradient, and one row is for those without.
    listed = min(topology.inputs, batch * matrix.longest_row) + 1
    strip = max(strip, listed * topology.layers[0].pitch)
    entries, slots = np.zeros(batch, np.int64), np.zeros(topology.inputs + listed, _index(real))
    return entries, slots, aligned_zeros(strip, real)


def _sparse_entries(
    matrix: TrainingMatrix, real: type[np.floating[Any]]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Where rows begin, their units and their values; all empty of a dense matrix."""
    if isinstance(matrix, SparseMatrix):
        return (
            matrix.indptr,
            matrix.indices.astype(_index(real), copy=False),
            matrix.values.astype(real, copy=False),
        )
    return _NO_LONGS, _NO_INTS.astype(_index(real), copy=False), _NO_FLOATS.astype(real)


def _targets(matrix: TrainingMatrix, real: type[np.floating[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Class codes and numbers; one of them is empty, or both if the inputs are the target."""
    numbers = _NO_FLOATS
    if matrix.target is not None and matrix.target.dtype == np.int32:
        return matrix.target, numbers.astype(real)
    return _NO_INTS, (numbers if matrix.target is None else matrix.target).astype(real, copy=False)


def _index(real: type[np.floating[Any]]) -> np.dtype[Any]:
    """The type of the indices of units, which take as much as a number."""
    return np.dtype(f"i{np.dtype(real).itemsize}")


def _region(topology: Topology, matrix: TrainingMatrix) -> int:
    """The float32 of one region of scratch memory: all units, or a sparse row's entries for the input."""
    inputs = topology.inputs if isinstance(matrix, DenseMatrix) else max(matrix.longest_row, 1)
    return padded(inputs) + sum(padded(layer.receivers) for layer in topology.layers)


def _layer_table(topology: Topology, region: int, size: int) -> NDArray[np.int64]:
    kinds = {
        "Rectifier": codes.RECTIFIER,
        "Tanh": codes.TANH,
        "ExpRectifier": codes.EXP_RECTIFIER,
        "Maxout": codes.MAXOUT,
        "softmax": codes.SOFTMAX,
        "linear": codes.LINEAR,
    }
    activations = [kinds[name] for name in (*topology.activations, topology.output)]
    table = np.zeros((len(topology.layers), codes.LAYER_COLUMNS), np.int64)
    end = region - sum(padded(layer.receivers) for layer in topology.layers)
    senders = 0
    for row, layer, activation, ratio in zip(
        table, topology.layers, activations, topology.dropout_ratios[1:], strict=True
    ):
        row[codes.WEIGHTS], row[codes.BIAS] = size * layer.offset, size * layer.bias_offset
        row[codes.INPUTS], row[codes.OUTPUTS] = layer.inputs, layer.receivers
        row[codes.PITCH], row[codes.BY_SENDER] = size * layer.pitch, layer.by_sender
        row[codes.ACTIVATION], row[codes.DROP_BELOW] = activation, _threshold(ratio)
        row[codes.SENDERS], row[codes.RECEIVERS] = size * senders, size * end
        senders, end = end, end + padded(layer.receivers)
    return table


def _prepare(table: NDArray[np.int64], scratch: NDArray[Any], region: int) -> NDArray[np.int64]:
    """Mark all units of all rows as kept and list them, which layers without dropout never change."""
    size, index_type = scratch.itemsize, _index(scratch.dtype.type)
    regions = scratch[:, : codes.REGIONS * region].reshape(len(scratch), codes.REGIONS, region)
    regions[:, codes.KEPT] = 1.0
    counts = np.zeros((len(table), 2), np.int64)
    for index, row in enumerate(table):
        units, start = int(row[codes.OUTPUTS]), int(row[codes.RECEIVERS]) // size
        regions[:, codes.KEPT_LIST].view(index_type)[:, start : start + units] = np.arange(units)
        counts[index, 1] = units
    return counts


def _threshold(ratio: float) -> int:
    """A dropout ratio as the bound below which a 32-bit draw drops the unit."""
    return round(ratio * 2**32)


def _rule_kind(rule: LearningRule) -> int:
    if rule.adaptive_rate:
        kind = codes.ADADELTA
    elif not rule.has_momentum:
        kind = codes.SGD
    else:
        kind = codes.NESTEROV if rule.nesterov_accelerated_gradient else codes.MOMENTUM
    return int(kind)


def _loss_kind(rule: LearningRule) -> int:
    kinds = {
        "CrossEntropy": codes.CROSS_ENTROPY,
        "Quadratic": codes.QUADRATIC,
        "Absolute": codes.ABSOLUTE,
        "Huber": codes.HUBER,
        "Quantile": codes.QUANTILE,
        "poisson": codes.POISSON,
        "gamma": codes.GAMMA,
        "tweedie": codes.TWEEDIE,
    }
    return int(kinds[rule.loss])


def _rule_numbers(rule: LearningRule) -> NDArray[Any]:
    numbers = np.zeros(codes.RULE_NUMBERS)
    of_losses = {"Huber": rule.huber_delta, "Quantile": rule.quantile_alpha, "tweedie": rule.tweedie_power}
    for place, value in {
        codes.RHO: rule.rho,
        codes.EPSILON: rule.epsilon_of_sums,
        codes.L1: rule.l1,
        codes.L2: rule.l2,
        codes.RATE: rule.rate,
        codes.ANNEALING: rule.rate_annealing,
        codes.DECAY: rule.rate_decay,
        codes.MOMENTUM_START: rule.momentum_start,
        codes.MOMENTUM_RAMP: rule.momentum_ramp,
        codes.MOMENTUM_STABLE: rule.momentum_stable,
        codes.LOSS_NUMBER: of_losses.get(rule.loss, 0.0),
        codes.MAX_W2: rule.max_w2 or 0.0,
        codes.AVERAGE_ACTIVATION: rule.average_activation,
        codes.SPARSITY_BETA: rule.sparsity_beta,
        codes.STEP_ALL: not rule.fast_mode,
    }.items():
        numbers[place] = value
    return numbers
