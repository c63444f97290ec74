"""The training loop on the coordinator: iterations on the nodes, scoring now and then, and when to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError, DeadlineExceeded
from aquifer_cluster.jobs import Job

from aquifer_algos.datainfo import DataInfo
from aquifer_algos.deeplearning.checkpoint import Checkpoint, on_disk
from aquifer_algos.deeplearning.evaluation import Evaluation
from aquifer_algos.deeplearning.history import NOTHING_DONE, HistoryRow, Progress, live_row, numbers_of
from aquifer_algos.deeplearning.launch import kernels_for
from aquifer_algos.deeplearning.matrix import Float32s
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.preparation import Prepared
from aquifer_algos.deeplearning.replicas import Replicas
from aquifer_algos.deeplearning.reports import log_iteration, log_kernel_share, progress_message
from aquifer_algos.deeplearning.schedule import Speed, guess, samples_per_iteration
from aquifer_algos.deeplearning.scoring import NetworkScorer, without_state
from aquifer_algos.deeplearning.selection import is_enough, is_time_to_score, is_to_keep
from aquifer_algos.deeplearning.shard import ShareReport
from aquifer_algos.deeplearning.summary import summary_table
from aquifer_algos.measurement import Metrics
from aquifer_algos.model import ModelStatus
from aquifer_algos.table import Table

REMEDY = (
    "Try a smaller rate (or larger epsilon), activation Tanh, initial_weight_distribution UniformAdaptive or "
    "a smaller initial_weight_scale, l1 or l2 penalties, dropout, or standardize=True."
)
SLICE_SECONDS = 0.5
"""Nodes report about so often, however long an iteration is."""
MOST_GROWTH = 4
"""How much longer a slice may be than any before, since a short one is timed badly."""


class NetworkUnstable(AquiferError):
    """The weights became infinite or not a number before anything sound was there to keep."""


@dataclass(frozen=True, eq=False)
class Kept:
    """A sound network as it was when it was scored, ready to become the model, on the disk until it does.

    history: the scorings up to then; state, trained: see `Checkpoint`.
    """

    scorer: NetworkScorer
    row: HistoryRow
    training: Metrics
    validation: Metrics | None
    summary: Table
    data: DataInfo
    history: tuple[HistoryRow, ...]
    state: Float32s
    trained: tuple[int, ...]

    def in_memory(self) -> Kept:
        """The same with a copy of the weights in memory."""
        return replace(self, scorer=NetworkScorer.of(self.scorer.network))


@dataclass(repr=False)
class Training:
    """One training as it goes: the state of the loop, changed by nothing else."""

    cloud: Cloud
    job: Job
    prepared: Prepared
    began: float = field(default_factory=time.time)
    history: list[HistoryRow] = field(default_factory=list)
    kept: Kept | None = None
    status: ModelStatus = ModelStatus.COMPLETE
    _samples: int = 0
    _iterations: int = 0
    _slice: int = 0  # rows of the longest so far
    _train_seconds: float = 0.0
    _kernel_seconds: float = 0.0
    _threads: tuple[int, ...] = ()  # how many trained last, on each node
    _speed: Speed | None = None
    _last_score: tuple[float, float] | None = None

    @property
    def _before(self) -> Checkpoint | None:
        return self.prepared.checkpoint

    @property
    def _resumed(self) -> Progress:
        """How far the training was when this job began."""
        return self._before.history[-1].progress if self._before else NOTHING_DONE

    @cached_property
    def replicas(self) -> Replicas:
        """The networks on the nodes."""
        return Replicas(self.cloud, self.job.key, self.prepared)

    @cached_property
    def _evaluation(self) -> Evaluation:
        return Evaluation(self.prepared, self.replicas)

    def run(self) -> None:
        """Train until a rule says stop; then `kept`, `history` and `status` tell the result.

        Raises JobCancelled (`kept` may hold a model), NetworkUnstable and MemoryExceeded.
        """
        self._start()
        try:
            while not self._finished():
                self._iterate()
                self.job.check()
                if self._due():
                    self._score()
        except DeadlineExceeded:
            self.status = ModelStatus.OUT_OF_TIME
        if self.status is not ModelStatus.UNSTABLE:
            self._conclude()
        log_kernel_share(self._kernel_seconds, sum(self._threads), time.time() - self.began)

    def _start(self) -> None:
        if not kernels_for(self.prepared.plan.rule).is_warm():
            self.job.update(0.0, "compiling kernels (first run on this machine)")
            self.replicas.compile()
        self.job.update(0.0, "laying out the training data")
        self.replicas.lay_out(self.job.warn)
        if self._before is not None:
            self._resume(self._before)
        elif self.prepared.plan.start.topology.reconstructs:
            self._score()  # also an untrained autoencoder gives something back, to compare with
        else:
            self.history.append(HistoryRow(self._progress(), None, None))

    def _resume(self, before: Checkpoint) -> None:
        """Take up the training where it stood. The model as it was, on today's data, is what to beat."""
        self.history.extend(before.history)
        self.job.history.extend(self._live(row) for row in before.history if row.training is not None)
        self._samples, self._iterations = self._resumed.samples, self._resumed.iterations
        network, row, training, validation = self._evaluated()
        self._keep(network, row, training, validation)

    # iterations

    @property
    def _rows(self) -> int:
        return self.replicas.dealt.rows

    @property
    def _goal(self) -> int:
        """The rows to have trained at the end; epochs before a checkpoint count as they were counted then."""
        epochs = self.prepared.effective.epochs - self._resumed.epochs
        return self._resumed.samples + math.ceil(round(epochs * self._rows, 6))

    def _finished(self) -> bool:
        return self.status is not ModelStatus.COMPLETE or self._samples >= self._goal

    def _iterate(self) -> None:
        settings, holders = self.prepared.effective, self.replicas.holders
        guessed = guess(self.prepared.plan.start.topology.parameters, holders)
        todo = samples_per_iteration(
            settings.train_samples_per_iteration,
            self._rows,
            self.replicas.dealt.every,
            self._samples,
            settings.epochs,
            holders,
            self._speed or guessed,
            settings.target_ratio_comm_to_comp,
            self._speed is not None,
            settings.mini_batch_size,
        )
        upto = min(self._samples + todo, self._goal)
        self._iterations += 1
        while self._samples < upto and self.status is ModelStatus.COMPLETE:
            rest = upto - self._samples
            # What was measured differs from run to run, so that reproducible slices follow the guess.
            pace = guessed if settings.reproducible else self._speed or guessed
            most = min(math.ceil(pace.rows * SLICE_SECONDS), MOST_GROWTH * self._slice or rest)
            part = math.ceil(rest / max(1, round(rest / most)))  # in equal slices, none of them short
            self._slice = max(self._slice, part)
            self._train(part, part == rest)
            self._report()

    def _train(self, samples: int, average_after: bool) -> None:
        """Train so many rows on all nodes, and average."""
        began = time.perf_counter()
        reports = self.replicas.train(samples, self._samples, average_after, self._evaluation.huber_delta)
        seconds = time.perf_counter() - began
        self._samples += sum(report.result.rows for report in reports)
        self._train_seconds += seconds
        self._kernel_seconds += sum(report.result.kernel_seconds for report in reports)
        self._threads = tuple(report.result.threads for report in reports)
        self._learn_speed(reports, seconds)
        log_iteration(self._progress(), reports, seconds, self.prepared.effective.quiet_mode)
        if not all(report.result.stable for report in reports):
            self._give_up()
        self.job.check()

    def _learn_speed(self, reports: Sequence[ShareReport], seconds: float) -> None:
        rows = sum(report.result.rows for report in reports)
        working = max(report.result.seconds for report in reports)
        if rows and working > 0:
            newer = Speed(rows / working, seconds - working)
            self._speed = self._speed.blended(newer) if self._speed else newer

    def _give_up(self) -> None:
        message = f"The network became unstable after {self._progress().epochs:.3g} epochs. {REMEDY}"
        if self.kept is None:
            raise NetworkUnstable(message)
        kept = self.kept.row.progress.epochs
        self.job.warn(
            f"{message} The model is the best that was scored while sound, after {kept:.3g} epochs."
        )
        self.status = ModelStatus.UNSTABLE

    # scoring

    def _due(self) -> bool:
        """Whether to score now: the first time, at the end, and whenever it is time."""
        settings = self.prepared.effective
        if settings.score_each_iteration or self._last_score is None or self._finished():
            return self.status is ModelStatus.COMPLETE
        at, took = self._last_score
        return is_time_to_score(time.monotonic() - at, took, settings)

    def _score(self) -> None:
        began = time.monotonic()
        network, row, training, validation = self._evaluated()
        if not math.isfinite(training.mse):
            self._give_up()
            return
        self.history.append(row)
        self.job.history.append(self._live(row))
        if is_to_keep(row, self.kept.row if self.kept else None, self.prepared.effective):
            self._keep(network, row, training, validation)
        self._last_score = (began, time.monotonic() - began)
        self._report()
        if is_enough(self.history, self.prepared.effective):
            self.status = ModelStatus.STOPPED_EARLY

    def _evaluated(self) -> tuple[Network, HistoryRow, Metrics, Metrics | None]:
        """The network as it is now, and how good it is."""
        network = self.replicas.network()
        scorer = NetworkScorer(without_state(network))
        self._evaluation.turn(scorer)
        training, validation = self._evaluation.training(scorer), self._evaluation.validation(scorer)
        row = HistoryRow(self._progress(), numbers_of(training), numbers_of(validation))
        return network, row, training, validation

    def _live(self, row: HistoryRow) -> dict[str, Any]:
        return live_row(row, self.prepared.data.response.category)

    def _keep(self, network: Network, row: HistoryRow, training: Metrics, validation: Metrics | None) -> None:
        data, settings = self._evaluation.data, self.prepared.effective
        rule, samples = self.prepared.plan.rule, row.progress.samples
        self.kept = Kept(
            NetworkScorer(replace(without_state(network), weights=np.asarray(on_disk(network.weights)))),
            row,
            training,
            validation,
            summary_table(network, rule, data.response, samples, settings.diagnostics, self._threads),
            data,
            tuple(self.history),
            on_disk(network.state),
            self.replicas.trained,
        )

    def _conclude(self) -> None:
        """Make sure the last state is scored; note in the history if an earlier model is the result."""
        if self.history[-1].progress.samples < self._samples or self.kept is None:
            self._score()
        last = self.history[-1]
        if self.kept is not None and self.kept.row is not last:
            self.history.append(replace(self.kept.row, progress=self._progress()))

    # reports

    def _progress(self) -> Progress:
        now, here = time.time(), self._samples - self._resumed.samples
        return Progress(
            time=now,
            seconds=now - self.began + self._resumed.seconds,
            speed=here / self._train_seconds if self._train_seconds else None,
            epochs=self._resumed.epochs + here / max(self._rows, 1),
            iterations=self._iterations,
            samples=self._samples,
        )

    def _report(self) -> None:
        progress, settings = self._progress(), self.prepared.effective
        before = self._resumed.samples
        done = (self._samples - before) / max(self._goal - before, 1)
        seconds = progress.seconds - self._resumed.seconds
        if settings.max_runtime_secs > 0:
            done = max(done, seconds / settings.max_runtime_secs)
            if seconds > settings.max_runtime_secs:
                self.status = ModelStatus.OUT_OF_TIME
        left = seconds * (1 - done) / done if 0 < done < 1 else None
        message = progress_message(progress, settings.epochs, left, self.history[-1])
        self.job.update(min(done, 0.999), message)
