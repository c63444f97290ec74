"""Training on one node's shard: functions that the cloud runs in the job's workspace on each node.

A node takes the matrix that was laid out for it, then trains its share of each iteration on it. The shard
stays in the workspace until the job is released; nothing of it travels but the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from aquifer_cluster.node import Block, Workspace
from numpy.typing import NDArray

from aquifer_algos.adaptation import Reader
from aquifer_algos.datainfo import Response
from aquifer_algos.deeplearning import huber
from aquifer_algos.deeplearning.dealing import Deal
from aquifer_algos.deeplearning.elastic import Elastic
from aquifer_algos.deeplearning.iteration import IterationResult, train
from aquifer_algos.deeplearning.launch import kernels_for
from aquifer_algos.deeplearning.layout import take_matrix
from aquifer_algos.deeplearning.matrix import Float32s, TrainingMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.scoring import NetworkScorer, count_reconstructed, score_matrix
from aquifer_algos.deeplearning.threads import ThreadChoice, step_in_place
from aquifer_algos.deeplearning.topology import Topology
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
    threads: at most so many on each node; None for all. in_order: whether they are to repeat bit for bit.
    elastic: how networks are drawn together if every node keeps its own; None if all go on from the average.
    """

    reader: Reader
    start: Start
    rule: LearningRule
    mean_weight: float
    sample_share: float
    threads: int | None
    in_order: bool
    elastic: Elastic | None


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
    """What a node keeps of a training: the only thing here that changes.

    replicated: whether the other nodes have the same rows.
    threads: how many of them are worth it.
    consensus: the weights that the network is drawn to, in elastic averaging once there are any.
    """

    plan: Plan
    replicated: bool
    matrix: TrainingMatrix
    sample: NDArray[np.int64]
    network: Network
    threads: ThreadChoice
    consensus: Float32s | None = None


def compile_on_first(workspace: Workspace, blocks: Sequence[Block], rule: LearningRule) -> None:
    """Compile the kernels on the first node, so that the others of this machine find them in the cache."""
    if workspace.node == 0:
        kernels_for(rule).load()


def begin(
    workspace: Workspace, blocks: Sequence[Block], plan: Plan, dealt: Deal, start: Network | None = None
) -> ShardReport:
    """Take the matrix that was laid out, and start the network, from `start` if it is given."""
    kernels_for(plan.rule).load()
    matrix = take_matrix(workspace)
    if matrix is None:
        return ShardReport(workspace.node, workspace.pid, 0, 0, 0)
    sample = _draw(dealt.scored(workspace.node), plan.sample_share, plan.start.seed, workspace.node)
    network = plan.start.network(plan.rule) if start is None else start.copy()
    workspace.held[SHARD] = Shard(
        plan, dealt.replicated, matrix, sample, network, ThreadChoice(plan.threads or workspace.threads)
    )
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
    """Train `shares[node]` rows; None without rows.

    trained: the rows that each node has trained before. average: of all nodes, to go on from or, in elastic
    averaging, to be drawn to; None if there is no new one.
    """
    shard: Shard | None = workspace.held.get(SHARD)
    if shard is None:
        return None
    elastic, network, rule = (
        shard.plan.elastic,
        shard.network,
        replace(shard.plan.rule, huber_delta=huber_delta),
    )
    if average is not None and elastic is not None:
        shard.consensus = average.weights.copy()
    elif average is not None:
        network.weights[...] = average.weights
        network.state[...] = average.state
    began = None if shard.consensus is None else network.weights.copy()
    seed, position = shard.plan.start.seed + workspace.node, trained[workspace.node]
    if shard.replicated:  # all nodes go through one order of all rows, each through its part
        seed, position = shard.plan.start.seed, samples_seen + sum(shares[: workspace.node])
    result = _train(shard, rule, shares[workspace.node], seed, samples_seen, position, workspace.stop)
    if elastic is not None and began is not None and shard.consensus is not None:
        elastic.pull(network, began, shard.consensus, rule, samples_seen, result.rows)
    return ShareReport(workspace.node, workspace.pid, result, network if give_back else None)


def _train(
    shard: Shard,
    rule: LearningRule,
    samples: int,
    seed: int,
    samples_seen: int,
    position: int,
    stop: NDArray[np.uint8],
) -> IterationResult:
    """Train so many rows on all threads.

    On fewer if they step one network in place, if that is faster and the outcome need not repeat itself.
    """
    in_order, results = shard.plan.in_order, list[IterationResult]()
    tries = step_in_place(shard.network.topology) and not in_order
    parts = shard.threads.parts(samples) if tries else [(shard.threads.available, samples)]
    for threads, rows in parts:
        result = train(
            shard.network,
            shard.matrix,
            rule,
            samples=rows,
            seed=seed,
            samples_seen=samples_seen,
            position=position,
            threads=threads,
            stop_flag=stop,
            in_order=in_order,
        )
        shard.threads.note(result.threads, result.rows, result.seconds)
        samples_seen, position = samples_seen + result.rows, position + result.rows
        results.append(result)
    return reduce(IterationResult.then, results)


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
    if shard.matrix.target is None:
        return count_reconstructed(scorer, shard.matrix, response, shard.sample)
    actual, scores = score_matrix(scorer, shard.matrix, response, shard.sample)
    weights = shard.matrix.weights
    return count(response, actual, scores, None if weights is None else weights[shard.sample])


def _draw(rows: range, share: float, seed: int, node: int) -> NDArray[np.int64]:
    """A sorted random sample of a share of the rows, at least one if there is any."""
    if share >= 1.0 or not rows:
        return np.asarray(rows, np.int64)
    wanted = min(len(rows), max(1, round(len(rows) * share)))
    random = np.random.default_rng([seed & (2**64 - 1), node])
    return np.sort(random.choice(rows, wanted, replace=False))
