"""One iteration of training on a node: all its threads walk rows and step the node's network.

    result = train(network, matrix, rule, samples=10_000, seed=1, samples_seen=50_000, threads=2,
                   stop_flag=flag)

changes `network.weights` and `network.state` in place (take `network.copy()` first if they came through
Ray, which makes arrays read-only). Set `flag[0] = 1` from another thread and it returns after the row at
hand. On one thread, or with `in_order`, the outcome depends on nothing but the arguments.

How threads share. Each takes some rows at a time until none are left, so that all end together. They step
the network without locks, in one of two ways, by its size:

- On a large network they all step the same memory row by row (Hogwild; Recht et al. 2011). Two threads
  rarely meet in the same place.
- On a small network they would pull the same few cache lines from each other all the time. So each thread
  gathers its steps in a copy of its own and adds them to the shared weights after every `_ROUND` rows
  of all threads, again without locks.

With `in_order` the same arguments give the same bits on several threads, too: each trains a copy of its own
on its share of a round of rows, all wait for the last, and their steps are added up in the threads' order.
"""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise, repeat
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.deeplearning.buffers import is_aligned
from aquifer_algos.deeplearning.launch import run_kernel
from aquifer_algos.deeplearning.matrix import SparseMatrix, TrainingMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.threads import step_in_place, threads_for
from aquifer_algos.deeplearning.topology import Topology

_ROUND = 512
"""Rows that all threads together train before they see each other's steps, unless they share weights."""
_TAKEN = 16
"""Rows that a thread which steps shared weights takes at a time."""


@dataclass(frozen=True)
class IterationResult:
    """What one iteration did on a node.

    rows: rows trained; fewer than asked if stopped.
    threads: how many were used; of two parts, for most rows.
    seconds: wall time of the iteration.
    kernel_seconds: time inside kernels, summed over the threads.
    stable: False if a weight has become infinite or not a number.
    """

    rows: int
    threads: int
    seconds: float
    kernel_seconds: float
    stable: bool

    def then(self, later: "IterationResult") -> "IterationResult":
        """What both did."""
        return IterationResult(
            self.rows + later.rows,
            self.threads if self.rows > later.rows else later.threads,
            self.seconds + later.seconds,
            self.kernel_seconds + later.kernel_seconds,
            self.stable and later.stable,
        )


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
    in_order: bool = False,
) -> IterationResult:
    """Train `network` in place on `samples` rows of `matrix`.

    samples_seen: rows trained by all nodes before this iteration, for the learning-rate schedule.
    position: rows this node has trained before, its place in the sequence of shuffled passes; if None,
        samples_seen, which is the same on a single node.
    threads: at most so many; see `threads_for`, and `threads.ThreadChoice` for what is most worth it.
    stop_flag: uint8 (1,); any value but 0 ends the iteration.
    in_order: whether the same arguments are to give the same bits on several threads, too.
    """
    _check(network, matrix, rule, stop_flag)
    began = perf_counter()
    threads = threads_for(network.topology, min(samples, _ROUND) if in_order else samples, threads)
    work = _Work(network, matrix, rule, seed, samples_seen, threads, stop_flag)
    place = samples_seen if position is None else position
    rows = range(place, place + samples)
    if threads == 1:
        parts = [work.walk(0, rows, _first())]
    else:
        with ThreadPoolExecutor(threads, "aquifer-train") as pool:
            parts = work.in_rounds(pool, rows) if in_order else work.together(pool, rows)
        _merge_state(network, parts)
    with np.errstate(all="ignore"):
        stable = bool(np.isfinite(network.weights.sum()))
    done, kernel_seconds = sum(part.rows for part in parts), sum(part.seconds for part in parts)
    return IterationResult(done, threads, perf_counter() - began, kernel_seconds, stable)


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

    def together(self, executor: Executor, rows: range) -> list[_Part]:
        """Train on these rows of the node's random order, on all threads."""
        return list(executor.map(self.walk, range(self.threads), repeat(rows), repeat(_first())))

    def walk(self, thread: int, rows: range, next_row: NDArray[np.int64]) -> _Part:
        """Train on those of these rows that this thread comes to take."""
        own, shared = self.network, None
        if self.threads > 1 and not step_in_place(own.topology):
            own, shared = own.copy(), own
        done, seconds = self._run(own, shared, thread, rows, next_row, self.samples_seen)
        return _Part(done, seconds, own.state if shared else None)

    def in_rounds(self, pool: Executor, rows: range) -> list[_Part]:
        """Train on these rows in rounds, in which threads do not see each other."""
        copies = [self.network.copy() for _ in range(self.threads)]
        done, seconds = [0] * self.threads, [0.0] * self.threads

        def train_share(thread: int, share: range) -> None:
            copy = copies[thread]
            copy.weights[...] = self.network.weights
            seen = self.samples_seen + share.start - rows.start
            trained, took = self._run(copy, None, thread, share, _first(), seen)
            done[thread] += trained
            seconds[thread] += took

        turn = self.threads * self.rule.mini_batch_size
        size = max(turn, _ROUND // turn * turn)
        for start in range(0, len(rows), size):
            shares = self._shares(rows[start : start + size])
            list(pool.map(train_share, range(self.threads), shares))
            _add_steps(self.network.weights, [copy.weights for copy in copies])
            if self.stop_flag[0]:
                break
        return [_Part(*part) for part in zip(done, seconds, (copy.state for copy in copies), strict=True)]

    def _shares(self, rows: range) -> list[range]:
        """The rows of each thread: whole batches, and for the last what is left."""
        size = self.rule.mini_batch_size
        batches = len(rows) // size
        bounds = [batches * thread // self.threads * size for thread in range(self.threads)]
        return [rows[start:end] for start, end in pairwise([*bounds, len(rows)])]

    def _run(
        self,
        own: Network,
        shared: Network | None,
        thread: int,
        rows: range,
        next_row: NDArray[np.int64],
        samples_seen: int,
    ) -> tuple[int, float]:
        batch, wanted = self.rule.mini_batch_size, _TAKEN if shared is None else _ROUND // self.threads
        return run_kernel(
            own,
            self.matrix,
            self.rule,
            shared=shared,
            window=max(1, round(wanted / batch)) * batch,
            rows=rows,
            seed=self.seed,
            next_row=next_row,
            samples_seen=samples_seen,
            reverse=thread % 2 == 1,
            stop_flag=self.stop_flag,
        )


def _first() -> NDArray[np.int64]:
    """What threads count the rows they take with."""
    return np.zeros(1, np.int64)


def _add_steps(weights: NDArray[Any], stepped: list[NDArray[Any]]) -> None:
    """Let `weights` make the steps of all copies of it, one after the other."""
    steps = [copy - weights for copy in stepped[1:]]
    weights[...] = stepped[0]
    for step in steps:
        weights += step


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
    _check_target(topology, matrix.target)
    if matrix.rows == 0:
        raise ValueError("the matrix has no rows")
    if stop_flag.shape != (1,) or stop_flag.dtype != np.uint8:
        raise ValueError("the stop flag must be one uint8")


def _check_target(topology: Topology, target: NDArray[Any] | None) -> None:
    wanted = {"softmax": np.int32, "linear": np.float32}.get(topology.output)
    if (None if target is None else target.dtype) != wanted:
        raise ValueError(
            "softmax needs int32 class codes as target, linear float32 values, an autoencoder none"
        )
    if (
        topology.output == "softmax"
        and target is not None
        and not (0 <= int(target.min(initial=0)) <= int(target.max(initial=0)) < topology.outputs)
    ):
        raise ValueError(f"class codes must lie in 0..{topology.outputs - 1}")
    if topology.reconstructs and topology.outputs != topology.inputs:
        raise ValueError("an autoencoder has as many outputs as inputs")
