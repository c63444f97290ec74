"""The networks on the nodes: laid out beside the rows they train on, and averaged now and then.

With several nodes their networks are averaged after each iteration, weighted by the rows each trained; with
one, nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import structlog
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import MemoryExceeded

from aquifer_algos.datainfo import Response
from aquifer_algos.deeplearning import huber, shard
from aquifer_algos.deeplearning.averaging import average, mean
from aquifer_algos.deeplearning.dealing import NOTHING_DEALT, Deal, Wish
from aquifer_algos.deeplearning.layout import lay_out
from aquifer_algos.deeplearning.matrix import padded
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.preparation import Prepared
from aquifer_algos.deeplearning.schedule import shares
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.deeplearning.shard import ShardReport, ShareReport
from aquifer_algos.description import most_entries
from aquifer_algos.measurement import COMBINE, Counts

_log = structlog.get_logger("aquifer.deeplearning")

_FLOAT_BYTES = 4
_ENTRY_BYTES = 8  # of a sparse matrix: a number and its place
_ROW_BYTES = 16  # target, weight, and where a sparse row begins


@dataclass(repr=False)
class Replicas:
    """The nodes that train, as one.

    dealt: which rows each node trains on; sampled: how many rows training metrics are computed on; trained:
    the rows that each node has trained, more than once each if need be. Known after `lay_out`.
    """

    cloud: Cloud
    job: str
    prepared: Prepared
    dealt: Deal = NOTHING_DEALT
    sampled: int = 0
    trained: tuple[int, ...] = ()
    _base: Network | None = None  # several nodes: what they all went on from
    _since: tuple[int, ...] = ()  # the rows that each has trained since
    _next: Network | None = None  # the same as `_base` once they are averaged, until they go on
    _consensus: Network | None = None  # the same as `_base` once they are averaged

    @property
    def holders(self) -> int:
        """The nodes that have rows."""
        return sum(bool(rows) for rows in self.dealt.dealt)

    def compile(self) -> None:
        """Compile the kernels, once for all nodes of this machine."""
        self.cloud.run(self.job, shard.compile_on_first, self.prepared.plan.rule)

    def lay_out(self, warn: Callable[[str], None]) -> None:
        """Let every node lay out its rows and start its network. Raises MemoryExceeded."""
        plan, frame, start = self.prepared.plan, self.prepared.training.frame, self.prepared.start
        wish = self._reserve(warn)
        self.dealt = lay_out(self.cloud, self.job, frame, plan.reader, plan.mean_weight, wish)
        if self.dealt.left_out:
            warn(
                f"single_node_mode trains on the {self.dealt.rows} rows that one node holds, and leaves out "
                f"{self.dealt.left_out}: set replicate_training_data=True to train on all."
            )
        reports: list[ShardReport] = self.cloud.run(self.job, shard.begin, plan, self.dealt, start)
        self.sampled = sum(report.sampled for report in reports)
        _log.info(
            "training data laid out",
            rows=[report.rows for report in reports],
            bytes=[report.nbytes for report in reports],
            inputs=self.prepared.data.inputs,
            weights=plan.start.topology.parameters,
        )
        self.trained = self._trained_before()
        if self.holders > 1:
            self._base, self._since = start or plan.start.network(plan.rule), (0,) * self.holders

    def train(
        self, samples: int, samples_seen: int, average_after: bool, huber_delta: float
    ) -> Sequence[ShareReport]:
        """Train so many rows on all nodes, and average if asked to and there are several."""
        answers: list[ShareReport | None] = self.cloud.run(
            self.job,
            shard.train_share,
            shares(samples, self._dealt_rows),
            self.trained,
            samples_seen,
            self._next,
            average_after and self.holders > 1,
            huber_delta,
        )
        reports = [answer for answer in answers if answer is not None]
        done = [0 if answer is None else answer.result.rows for answer in answers]
        self.trained = tuple(before + rows for before, rows in zip(self.trained, done, strict=True))
        networks = [report.network for report in reports if report.network is not None]
        self._next = None
        if self._base is not None:
            trained = [report.result.rows for report in reports]
            self._since = tuple(before + rows for before, rows in zip(self._since, trained, strict=True))
            if networks:
                self._base = self._next = self._consensus = self._together(networks)
                self._since = (0,) * self.holders
        return reports

    def network(self) -> Network:
        """The network as it is; of several that were not averaged since they last trained, the average."""
        if self._next is not None:
            return self._next
        held: list[Network | None] = self.cloud.run(self.job, shard.held_network)
        networks = [network for network in held if network is not None]
        return self._together(networks)

    def count_errors(self, scorer: NetworkScorer) -> huber.Histogram:
        """How large the errors on the sample of training rows are, in the units that are learnt."""
        parts = self.cloud.run(self.job, shard.count_errors, scorer)
        errors: huber.Histogram = reduce(np.add, [part for part in parts if part is not None])
        return errors

    def count_sample(self, scorer: NetworkScorer, response: Response) -> Counts:
        """The counts of the sample of training rows."""
        parts = self.cloud.run(self.job, shard.count_sample, scorer, response)
        known = [part for part in parts if part is not None]
        counts: Counts = reduce(COMBINE[response.category], known)
        return counts

    @property
    def _dealt_rows(self) -> list[int]:
        return [len(rows) for rows in self.dealt.dealt]

    def _trained_before(self) -> tuple[int, ...]:
        """What each node had trained at the checkpoint; dealt out anew if there were other nodes."""
        before = self.prepared.checkpoint
        if before is None:
            return (0,) * self.cloud.size
        if len(before.trained) == self.cloud.size:
            return before.trained
        return shares(sum(before.trained), self._dealt_rows)

    def _together(self, networks: Sequence[Network]) -> Network:
        """One network of those on the nodes."""
        elastic = self.prepared.plan.elastic
        if self._base is None:
            return networks[0]
        if elastic is None or not sum(self._since):
            return average(self._base, networks, self._since)
        return elastic.consensus(self._consensus, mean(networks, self._since))

    def _reserve(self, warn: Callable[[str], None]) -> Wish:
        """Keep memory for what the nodes will hold; how rows are dealt: no replicas if they do not fit."""
        wish, matrix, network = self.prepared.wish, self._matrix_bytes(), self._network_bytes()
        if wish.replicate and not wish.single_node and self.cloud.size > 1:
            try:
                self.cloud.require("Replicating the training data", self.cloud.size * matrix + network)
            except MemoryExceeded as exceeded:
                warn(f"replicate_training_data: each row is on one node only. {exceeded}")
                wish = replace(wish, replicate=False)
        copies = self.cloud.size if wish.replicate else 1
        self.cloud.hold(self.job, "The training matrix", copies * matrix)
        self.cloud.hold(self.job, "The network", network)
        return wish

    def _matrix_bytes(self) -> int:
        """The most that the training matrices take on all nodes, while they are made."""
        frame, data = self.prepared.training.frame, self.prepared.data
        if not data.sparse:
            return frame.rows * (_FLOAT_BYTES * padded(data.inputs) + _ROW_BYTES)
        return most_entries(data, frame) * _ENTRY_BYTES + frame.rows * _ROW_BYTES

    def _network_bytes(self) -> int:
        """What the networks take: those on the nodes, what they go on from, and the one that is kept."""
        plan = self.prepared.plan
        copies = self.cloud.threads if plan.in_order and plan.threads is None else 0
        held = (1 + plan.rule.state_slots) * (self.cloud.size * (1 + copies) + (self.cloud.size > 1)) + 1
        drawn = 0 if plan.elastic is None else 2 * self.cloud.size  # what they began with, and the consensus
        return _FLOAT_BYTES * plan.start.topology.size * (held + drawn)
