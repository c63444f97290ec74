"""The training loop on the coordinator: iterations on the nodes, scoring now and then, and when to stop.

Each node trains on the rows it holds. With several nodes their networks are averaged after each iteration,
weighted by the rows each trained; with one, nothing is copied. (H2O may replicate the data to every node;
here shards are of equal size, so each node's share is a fair sample and replicas would only cost memory.)
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
import structlog
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError, DeadlineExceeded, InvalidArgument
from aquifer_cluster.jobs import Job

from aquifer_algos.datainfo import DataInfo, ModelCategory, Response
from aquifer_algos.deeplearning import huber, shard
from aquifer_algos.deeplearning.averaging import average
from aquifer_algos.deeplearning.history import HistoryRow, Progress, live_row, stopping_values
from aquifer_algos.deeplearning.iteration import KERNELS
from aquifer_algos.deeplearning.matrix import padded
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.preparation import Prepared
from aquifer_algos.deeplearning.schedule import Speed, guess, samples_per_iteration, shares
from aquifer_algos.deeplearning.scoring import NetworkScorer, without_state
from aquifer_algos.deeplearning.shard import ShardReport, ShareReport
from aquifer_algos.deeplearning.summary import summary_table
from aquifer_algos.distributions import Distribution
from aquifer_algos.measurement import COMBINE, Metrics, measure
from aquifer_algos.model import ModelStatus
from aquifer_algos.prediction import count_frame
from aquifer_algos.stopping import STOPPING_METRICS, StoppingMetric, goal_reached, should_stop
from aquifer_algos.table import Table

_log = structlog.get_logger("aquifer.deeplearning")

REMEDY = (
    "Try a smaller rate (or larger epsilon), activation Tanh, initial_weight_distribution UniformAdaptive or "
    "a smaller initial_weight_scale, l1 or l2 penalties, dropout, or standardize=True."
)
SLICE_SECONDS = 0.5
"""Nodes report about so often, however long an iteration is."""
_FLOAT_BYTES = 4
_ENTRY_BYTES = 8  # of a sparse matrix: a number and its place
_ROW_BYTES = 16  # target, weight, and where a sparse row begins
MOST_GROWTH = 4
"""How much longer a slice may be than any before, since a short one is timed badly."""


class NetworkUnstable(AquiferError):
    """The weights became infinite or not a number before anything sound was there to keep."""


@dataclass(frozen=True, eq=False)
class Kept:
    """A sound network as it was when it was scored, ready to become the model."""

    scorer: NetworkScorer
    row: HistoryRow
    summary: Table
    data: DataInfo


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
    sampled: int = 0
    _rows: tuple[int, ...] = ()
    _samples: int = 0
    _iterations: int = 0
    _slice: int = 0  # rows of the longest so far
    _train_seconds: float = 0.0
    _speed: Speed | None = None
    _base: Network | None = None  # several nodes: what they all went on from
    _since: tuple[int, ...] = ()  # the rows that each has trained since
    _network: Network | None = None  # the same, until they go on
    _huber_delta: float = huber.START  # in the units that are learnt
    _last_score: tuple[float, float] | None = None

    def run(self) -> None:
        """Train until a rule says stop; then `kept`, `history` and `status` tell the result.

        Raises JobCancelled (`kept` may hold a model), NetworkUnstable, MemoryExceeded, and InvalidArgument
        if no row is left.
        """
        self._compile()
        self._lay_out()
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

    # before the first iteration

    def _compile(self) -> None:
        if not KERNELS.is_warm():
            self.job.update(0.0, "compiling kernels (first run on this machine)")
            self.cloud.run(self.job.key, shard.compile_on_first)

    def _lay_out(self) -> None:
        self.job.update(0.0, "laying out the training data")
        adapted, inputs = self.prepared.training, self.prepared.data.inputs
        self.cloud.hold(self.job.key, "The training matrix", self._matrix_bytes())
        self.cloud.hold(self.job.key, "The network", self._network_bytes())
        reports: list[ShardReport] = self.cloud.run(
            self.job.key, shard.lay_out, self.prepared.plan, frame=adapted.frame
        )
        self._rows = tuple(report.rows for report in reports)
        self.sampled = sum(report.sampled for report in reports)
        if not sum(self._rows):
            raise InvalidArgument(
                "training_frame",
                "no rows left to train on: in each row the response or, with missing_values_handling=Skip, a "
                "predictor is missing, or the weight is 0. Use MeanImputation, or give other rows.",
            )
        _log.info(
            "training data laid out",
            rows=self._rows,
            bytes=[report.nbytes for report in reports],
            inputs=inputs,
            weights=self.prepared.plan.start.topology.parameters,
        )
        self.history.append(HistoryRow(self._progress(), None, None))
        if self._holders > 1:
            self._go_on_from(self.prepared.plan.start.network(self.prepared.plan.rule))

    def _matrix_bytes(self) -> int:
        """The most that the training matrices take on all nodes, while they are made."""
        frame, data = self.prepared.training.frame, self.prepared.data
        if not data.sparse:
            return frame.rows * (_FLOAT_BYTES * padded(data.inputs) + _ROW_BYTES)
        columns = [frame.column(predictor.name) for predictor in data.predictors]
        entries = sum(frame.rows - (c.rollups.zeros if c.domain is None else 0) for c in columns)
        return 2 * entries * _ENTRY_BYTES + frame.rows * _ROW_BYTES  # parts, and what they are joined to

    def _network_bytes(self) -> int:
        """What the networks take: one on each node, what they go on from, and the one that is kept."""
        plan = self.prepared.plan
        held = (1 + plan.rule.state_slots) * (self.cloud.size + (self.cloud.size > 1)) + 1
        return _FLOAT_BYTES * plan.start.topology.size * held

    # iterations

    @property
    def _holders(self) -> int:
        """The nodes that have rows."""
        return sum(rows > 0 for rows in self._rows)

    @property
    def _goal(self) -> int:
        """The rows to train in all."""
        return math.ceil(self.prepared.effective.epochs * sum(self._rows))

    def _finished(self) -> bool:
        return self.status is not ModelStatus.COMPLETE or self._samples >= self._goal

    def _iterate(self) -> None:
        settings, rows = self.prepared.effective, sum(self._rows)
        guessed = guess(self.prepared.plan.start.topology.parameters, self._holders)
        speed = self._speed or guessed
        todo = samples_per_iteration(
            settings.train_samples_per_iteration,
            rows,
            self._samples,
            settings.epochs,
            self._holders,
            speed,
            settings.target_ratio_comm_to_comp,
            self._speed is not None,
        )
        upto = min(self._samples + todo, self._goal)
        self._iterations += 1
        while self._samples < upto and self.status is ModelStatus.COMPLETE:
            rest = upto - self._samples
            # What was measured differs from run to run, so that reproducible slices follow the guess.
            pace = guessed if settings.reproducible else self._speed or guessed
            part = min(rest, math.ceil(pace.rows * SLICE_SECONDS), MOST_GROWTH * self._slice or rest)
            self._slice = max(self._slice, part)
            self._train(part, part == rest)
            self._report()

    def _train(self, samples: int, average_after: bool) -> None:
        """Train so many rows on all nodes, and average."""
        began = time.perf_counter()
        several = self._holders > 1
        answers: list[ShareReport | None] = self.cloud.run(
            self.job.key,
            shard.train_share,
            shares(samples, self._rows),
            self._samples,
            self._network,
            several and average_after,
            self._huber_delta,
        )
        reports = [answer for answer in answers if answer is not None]
        networks = [report.network for report in reports if report.network is not None]
        trained = [report.result.rows for report in reports]
        self._network = None
        if self._base is not None:
            self._since = tuple(before + rows for before, rows in zip(self._since, trained, strict=True))
            if networks:
                self._go_on_from(average(self._base, networks, self._since))
        seconds = time.perf_counter() - began
        self._samples += sum(trained)
        self._train_seconds += seconds
        self._learn_speed(sum(trained), seconds, max(report.result.seconds for report in reports))
        self._log_iteration(reports, seconds)
        if not all(report.result.stable for report in reports):
            self._give_up()
        self.job.check()

    def _go_on_from(self, network: Network) -> None:
        """Let all nodes begin the next iteration with `network`."""
        self._base = self._network = network
        self._since = (0,) * self._holders

    def _learn_speed(self, rows: int, seconds: float, working: float) -> None:
        if rows and working > 0:
            newer = Speed(rows / working, seconds - working)
            self._speed = self._speed.blended(newer) if self._speed else newer

    def _log_iteration(self, reports: list[ShareReport], seconds: float) -> None:
        log = _log.debug if self.prepared.effective.quiet_mode else _log.info
        log(
            "iteration",
            iteration=self._iterations,
            pids=[report.pid for report in reports],
            rows=[report.result.rows for report in reports],
            threads=[report.result.threads for report in reports],
            seconds=round(seconds, 4),
            rows_per_second=round(sum(report.result.rows for report in reports) / max(seconds, 1e-9)),
            epochs=round(self._progress().epochs, 4),
        )

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
        """Whether to score now: H2O's rule of interval and duty cycle, and always at the end."""
        settings = self.prepared.effective
        if settings.score_each_iteration or self._last_score is None or self._finished():
            return self.status is ModelStatus.COMPLETE
        at, seconds = self._last_score
        since = time.monotonic() - at
        return since > settings.score_interval and seconds / since < settings.score_duty_cycle

    def _score(self) -> None:
        began = time.monotonic()
        network = self._network or self._held_network()
        scorer = NetworkScorer(without_state(network))
        self._turn(scorer)
        training = self._training_metrics(scorer)
        if not math.isfinite(training.mse):
            self._give_up()
            return
        row = HistoryRow(self._progress(), training, self._validation_metrics(scorer))
        self.history.append(row)
        self.job.history.append(live_row(row, self.prepared.data.response.category))
        if self._better(row):
            self._keep(network, row)
        self._last_score = (began, time.monotonic() - began)
        self._report()
        if self._goal_reached(row) or self._stopped_improving():
            self.status = ModelStatus.STOPPED_EARLY

    def _held_network(self) -> Network:
        """What the nodes hold: one network, or several that were not averaged since they last trained."""
        held: list[Network | None] = self.cloud.run(self.job.key, shard.held_network)
        networks = [network for network in held if network is not None]
        return networks[0] if self._base is None else average(self._base, networks, self._since)

    def _turn(self, scorer: NetworkScorer) -> None:
        """Let Huber's loss become linear at the quantile of the errors as they are now."""
        if self.prepared.effective.loss != "Huber" or self._response.domain is not None:
            return
        parts = self.cloud.run(self.job.key, shard.count_errors, scorer)
        errors = reduce(np.add, [part for part in parts if part is not None])
        self._huber_delta = huber.quantile(errors, self.prepared.effective.huber_alpha)

    @property
    def _response(self) -> Response:
        """The response; Huber's distribution turns where its loss does."""
        response = self.prepared.data.response
        if response.distribution.name != "huber":
            return response
        return replace(response, distribution=Distribution("huber", self._huber_delta / response.scale))

    @property
    def _data(self) -> DataInfo:
        return replace(self.prepared.data, response=self._response)

    def _training_metrics(self, scorer: NetworkScorer) -> Metrics:
        response = self._response
        parts = self.cloud.run(self.job.key, shard.count_sample, scorer, response)
        known = [part for part in parts if part is not None]
        return measure(response, reduce(COMBINE[response.category], known))

    def _validation_metrics(self, scorer: NetworkScorer) -> Metrics | None:
        validation = self.prepared.validation
        if validation is None:
            return None
        counts = count_frame(
            self.cloud,
            validation.frame,
            replace(validation.reader, data=self._data),
            scorer,
            self.job.key,
            self.prepared.validation_share,
            self.prepared.effective.seed + 1,
        )
        return measure(self._response, counts)

    @property
    def _watched(self) -> StoppingMetric:
        return STOPPING_METRICS[self.prepared.effective.stopping_metric]

    def _better(self, row: HistoryRow) -> bool:
        """Whether the model of this scoring is the one to keep so far."""
        if self.kept is None or not self.prepared.effective.overwrite_with_best_model:
            return True
        best, new = stopping_values([self.kept.row, row], self._watched)
        if math.isnan(new):
            return False
        return math.isnan(best) or (new > best if self._watched.higher_is_better else new < best)

    def _keep(self, network: Network, row: HistoryRow) -> None:
        settings = self.prepared
        summary = summary_table(
            network,
            settings.plan.rule,
            self._response,
            row.progress.samples,
            settings.effective.diagnostics,
        )
        self.kept = Kept(NetworkScorer.of(network), row, summary, self._data)

    def _goal_reached(self, row: HistoryRow) -> bool:
        settings, metrics = self.prepared.effective, row.training
        if metrics is None:
            return False
        if self.prepared.data.response.category is ModelCategory.REGRESSION:
            return goal_reached(metrics.mse, settings.regression_stop)
        return goal_reached(getattr(metrics, "err", math.nan), settings.classification_stop)

    def _stopped_improving(self) -> bool:
        settings = self.prepared.effective
        values = stopping_values(self.history, self._watched)
        return should_stop(values, settings.stopping_rounds, settings.stopping_tolerance, self._watched)

    def _conclude(self) -> None:
        """Make sure the last state is scored; note in the history if an earlier model is the result."""
        if self.history[-1].progress.samples < self._samples or self.kept is None:
            self._score()
        last = self.history[-1]
        if self.kept is not None and self.kept.row is not last:
            self.history.append(replace(self.kept.row, progress=self._progress()))

    # reports

    def _progress(self) -> Progress:
        now = time.time()
        return Progress(
            time=now,
            seconds=now - self.began,
            speed=self._samples / self._train_seconds if self._train_seconds else None,
            epochs=self._samples / max(sum(self._rows), 1),
            iterations=self._iterations,
            samples=self._samples,
        )

    def _report(self) -> None:
        progress, settings = self._progress(), self.prepared.effective
        done = self._samples / max(self._goal, 1)
        if settings.max_runtime_secs > 0:
            done = max(done, progress.seconds / settings.max_runtime_secs)
            if progress.seconds > settings.max_runtime_secs:
                self.status = ModelStatus.OUT_OF_TIME
        parts = [f"epochs {progress.epochs:.3g}/{settings.epochs:g}", f"{progress.speed or 0:,.0f} rows/s"]
        parts += _error_shown(self.history[-1])
        if 0 < done < 1:
            parts.append(f"about {progress.seconds * (1 - done) / done:.0f} s left")
        self.job.update(min(done, 0.999), ", ".join(parts))


def _error_shown(row: HistoryRow) -> list[str]:
    """The error of the last scoring, for the progress message."""
    metrics = row.decisive
    if metrics is None:
        return []
    kind = "training" if row.validation is None else "validation"
    if hasattr(metrics, "err"):
        return [f"{kind} error {metrics.err:.3f}"]
    return [f"{kind} RMSE {metrics.rmse:.4g}"]
