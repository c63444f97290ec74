"""Training on one node's shard: functions that the cloud runs in the job's workspace on each node.

A node lays its rows out once, then trains its share of each iteration on them. The shard stays in the
workspace until the job is released; nothing of it travels but the network, and that only between nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from aquifer_cluster.node import Block, Workspace
from numpy.typing import NDArray

from aquifer_algos.adaptation import Floats, Mask, Reader
from aquifer_algos.datainfo import Response
from aquifer_algos.deeplearning import huber
from aquifer_algos.deeplearning.iteration import IterationResult, train
from aquifer_algos.deeplearning.launch import KERNELS
from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix, TrainingMatrix, padded
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.scoring import NetworkScorer, score_matrix
from aquifer_algos.deeplearning.topology import Topology
from aquifer_algos.expansion import SparseRows, fill_dense, sparse_rows, stripes, trainable
from aquifer_algos.measurement import Counts, count

SHARD = "shard"


@dataclass(frozen=True)
class Start:
    """What a network starts from; every node makes the same one from it."""

    topology: Topology
    seed: int
    distribution: Any
    scale: float

    def network(self, rule: LearningRule) -> Network:
        """A new network with room for what `rule` remembers."""
        return Network.start(self.topology, self.seed, rule.state_slots, self.distribution, self.scale)


@dataclass(frozen=True)
class Plan:
    """The constants of a training on the nodes.

    mean_weight: observation weights are divided by it, so that they leave the learning rate alone.
    sample_share: the share of the rows that training metrics are computed on.
    """

    reader: Reader
    start: Start
    rule: LearningRule
    mean_weight: float
    sample_share: float
    threads: int | None


@dataclass(frozen=True)
class ShardReport:
    """A laid-out shard: where it is, its rows, and the bytes of its matrix."""

    node: int
    pid: int
    rows: int
    nbytes: int
    sampled: int


@dataclass(frozen=True)
class ShareReport:
    """What a node did in an iteration; `network` only if it was asked for."""

    node: int
    pid: int
    result: IterationResult
    network: Network | None


@dataclass
class Shard:
    """What a node keeps of a training: the only thing here that changes."""

    plan: Plan
    matrix: TrainingMatrix
    sample: NDArray[np.int64]
    network: Network


def compile_on_first(workspace: Workspace, blocks: Sequence[Block]) -> None:
    """Compile the kernels on the first node, so that the others of this machine find them in the cache."""
    if workspace.node == 0:
        KERNELS.load()


def lay_out(
    workspace: Workspace, blocks: Sequence[Block], plan: Plan, start: Network | None = None
) -> ShardReport:
    """Lay out the node's rows as its training matrix, and start the network, from `start` if it is given."""
    KERNELS.load()
    matrix = build_matrix(plan.reader, blocks, plan.mean_weight, workspace.threads)
    sample = _draw(matrix.rows, plan.sample_share, plan.start.seed, workspace.node)
    if matrix.rows:
        network = plan.start.network(plan.rule) if start is None else start.copy()
        workspace.held[SHARD] = Shard(plan, matrix, sample, network)
    return ShardReport(workspace.node, workspace.pid, matrix.rows, matrix.nbytes, len(sample))


def train_share(
    workspace: Workspace,
    blocks: Sequence[Block],
    shares: Sequence[int],
    trained: Sequence[int],
    samples_seen: int,
    average: Network | None,
    give_back: bool,
    huber_delta: float = 1.0,
) -> ShareReport | None:
    """Train `shares[node]` rows, from the average of all nodes if there is one; None without rows.

    trained: the rows that each node has trained before.
    """
    shard: Shard | None = workspace.held.get(SHARD)
    if shard is None:
        return None
    if average is not None:
        shard.network.weights[...] = average.weights
        shard.network.state[...] = average.state
    result = train(
        shard.network,
        shard.matrix,
        replace(shard.plan.rule, huber_delta=huber_delta),
        samples=shares[workspace.node],
        seed=shard.plan.start.seed + workspace.node,
        samples_seen=samples_seen,
        position=trained[workspace.node],
        threads=shard.plan.threads or workspace.threads,
        stop_flag=workspace.stop,
    )
    return ShareReport(workspace.node, workspace.pid, result, shard.network if give_back else None)


def held_network(workspace: Workspace, blocks: Sequence[Block]) -> Network | None:
    """The node's network as it is; None without rows."""
    shard: Shard | None = workspace.held.get(SHARD)
    return None if shard is None else shard.network


def count_errors(
    workspace: Workspace, blocks: Sequence[Block], scorer: NetworkScorer
) -> huber.Histogram | None:
    """How large the errors on the node's sample of training rows are, in the units that are learnt."""
    shard: Shard | None = workspace.held.get(SHARD)
    if shard is None:
        return None
    return huber.count_errors(scorer, shard.matrix, shard.sample)


def count_sample(
    workspace: Workspace, blocks: Sequence[Block], scorer: NetworkScorer, response: Response
) -> Counts | None:
    """The counts of the node's sample of training rows."""
    shard: Shard | None = workspace.held.get(SHARD)
    if shard is None:
        return None
    actual, scores = score_matrix(scorer, shard.matrix, response, shard.sample)
    weights = shard.matrix.weights
    return count(response, actual, scores, None if weights is None else weights[shard.sample])


def build_matrix(reader: Reader, blocks: Sequence[Block], mean_weight: float, threads: int) -> TrainingMatrix:
    """All rows of the blocks that can be trained on, in order."""
    with ThreadPoolExecutor(threads, "aquifer-layout") as pool:
        keeps = list(pool.map(lambda block: trainable(reader, block), blocks))
        targets = list(pool.map(lambda block, keep: _target(reader, block, keep), blocks, keeps))
        weights = _joined_column(reader.weight, blocks, keeps)
        weights = None if weights is None else weights / np.float32(mean_weight)
        offsets = _joined_column(reader.offset, blocks, keeps)
        codes = reader.data.response.domain is not None
        target = np.concatenate([np.empty(0, np.int32 if codes else np.float32), *targets])
        if reader.data.sparse:
            parts = list(pool.map(lambda block, keep: _sparse(reader, block, keep), blocks, keeps))
            joined = _joined(parts)
            return SparseMatrix(
                joined.indptr, joined.indices, joined.values, target, reader.data.inputs, weights, offsets
            )
        values = np.zeros((len(target), padded(reader.data.inputs)), np.float32)
        ends = np.cumsum([len(part) for part in targets], dtype=np.int64)
        places = [values[end - len(part) : end] for part, end in zip(targets, ends, strict=True)]
        list(pool.map(lambda *job: _fill(reader, *job), blocks, keeps, places))
        return DenseMatrix(values, target, reader.data.inputs, weights, offsets)


def _fill(reader: Reader, block: Block, keep: Mask | None, out: NDArray[np.float32]) -> None:
    done = 0
    for start, stop in stripes(block.rows, reader.data.inputs):
        kept = None if keep is None else keep[start:stop]
        rows = stop - start if kept is None else int(np.count_nonzero(kept))
        fill_dense(reader, block, start, stop, out[done : done + rows], kept)
        done += rows


def _sparse(reader: Reader, block: Block, keep: Mask | None) -> SparseRows:
    return sparse_rows(reader, block, 0, block.rows, keep)


def _joined(parts: Sequence[SparseRows]) -> SparseRows:
    entries = np.cumsum([0, *(len(part.values) for part in parts)], dtype=np.int64)
    starts = [
        np.zeros(1, np.int64),
        *(part.indptr[1:] + at for part, at in zip(parts, entries, strict=False)),
    ]
    return SparseRows(
        np.concatenate(starts),
        np.concatenate([np.empty(0, np.int32), *(part.indices for part in parts)]),
        np.concatenate([np.empty(0, np.float32), *(part.values for part in parts)]),
    )


def _target(reader: Reader, block: Block, keep: Mask | None) -> NDArray[Any]:
    response = reader.data.response
    values = reader.target(block, 0, block.rows)
    values = values if keep is None else values[keep]
    if response.domain is not None:
        return values.astype(np.int32, copy=False)
    return response.learnt(values).astype(np.float32)


def _joined_column(
    read: Callable[[Block, int, int], Floats | None], blocks: Sequence[Block], keeps: Sequence[Mask | None]
) -> NDArray[np.float32] | None:
    """The kept rows of all blocks, of a column that may not be there."""
    parts = [np.empty(0, np.float32)]
    for block, keep in zip(blocks, keeps, strict=True):
        values = read(block, 0, block.rows)
        if values is None:
            return None
        parts.append((values if keep is None else values[keep]).astype(np.float32))
    return np.concatenate(parts)


def _draw(rows: int, share: float, seed: int, node: int) -> NDArray[np.int64]:
    """A sorted random sample of a share of the rows, at least one if there is any."""
    if share >= 1.0:
        return np.arange(rows)
    wanted = min(rows, max(1, round(rows * share)))
    random = np.random.default_rng([seed & (2**64 - 1), node])
    return np.sort(random.choice(rows, wanted, replace=False)) if rows else np.arange(0)
