"""Prometheus metrics, collected from the state when they are asked for; only requests are counted."""

from __future__ import annotations

import bisect
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from operator import attrgetter

from aquifer_algos.model import Model
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job, JobStatus
from aquifer_cluster.node import NodeStatus
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from aquifer_server.coordinator import Coordinator

JOB_SECONDS = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 21600)


NODE_GAUGES: tuple[tuple[str, str, Callable[[NodeStatus], float]], ...] = (
    ("aquifer_frame_bytes", "Memory held by the chunks of frames", attrgetter("chunk_bytes")),
    ("aquifer_node_resident_bytes", "Memory of a node's process", attrgetter("resident_bytes")),
    ("aquifer_node_threads", "Threads for work", attrgetter("threads")),
)


class Telemetry:
    """The registry of one application."""

    def __init__(self, coordinator: Coordinator) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(StateCollector(coordinator))
        self.request_seconds = Histogram(
            "aquifer_http_request_duration_seconds",
            "Time to answer a request",
            ("route", "method", "status"),
            registry=self.registry,
        )


class StateCollector(Collector):
    """What can be read off the coordinator and its nodes."""

    def __init__(self, coordinator: Coordinator) -> None:
        self._coordinator = coordinator

    def describe(self) -> list[Metric]:
        """Nothing: the metrics are not known before they are collected."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics, now."""
        yield _gauge("aquifer_build_info", "Version of the server", {version("aquifer"): 1}, "version")
        yield from self._nodes()
        yield from self._store()
        yield from self._jobs()

    def _nodes(self) -> Iterator[Metric]:
        statuses = {str(index): status for index, status in enumerate(self._coordinator.cloud.statuses())}
        up = {index: float(status is not None) for index, status in statuses.items()}
        yield _gauge("aquifer_node_up", "Whether a node answers", up, "node")
        for name, help, read in NODE_GAUGES:
            known = {index: read(status) for index, status in statuses.items() if status is not None}
            yield _gauge(name, help, known, "node")

    def _store(self) -> Iterator[Metric]:
        coordinator, store = self._coordinator, self._coordinator.store
        for name, help, value in (
            ("aquifer_memory_limit_bytes", "Memory for frames and models", coordinator.cloud.memory),
            ("aquifer_start_time_seconds", "Start of the server, since the epoch", coordinator.started),
            ("aquifer_frames", "Frames in the store", len(store.items(Frame))),
            ("aquifer_models", "Models in the store", len(store.items(Model))),
            ("aquifer_keys", "Keys in the store", len(store.keys())),
            ("aquifer_sessions", "Sessions", len(store.sessions())),
        ):
            yield _gauge(name, help, {"": value})

    def _jobs(self) -> Iterator[Metric]:
        jobs = self._coordinator.jobs.all()
        tally = Tally(job.status for job in jobs)
        states = {str(status).lower(): float(tally[status]) for status in JobStatus}
        yield _gauge("aquifer_jobs", "Jobs by state", states, "state")
        samples = sum(job.history[-1].get("samples", 0) for job in jobs if job.history)
        yield CounterMetricFamily("aquifer_training_samples", "Rows that networks were trained on", samples)
        durations = HistogramMetricFamily("aquifer_job_duration_seconds", "Time that ended jobs took")
        ended = [job for job in jobs if job.status is not JobStatus.RUNNING]
        durations.add_metric([], _buckets(ended), sum(job.seconds for job in ended))
        yield durations


def _gauge(name: str, help: str, values: Mapping[str, float], label: str | None = None) -> Metric:
    """One value for each value of `label`, or a single one without a label."""
    family = GaugeMetricFamily(name, help, labels=[label] if label else [])
    for label_value, value in values.items():
        family.add_metric([label_value] if label else [], value)
    return family


def _buckets(jobs: list[Job]) -> list[tuple[str, float]]:
    seconds = sorted(job.seconds for job in jobs)
    counted = [(str(float(limit)), float(bisect.bisect_right(seconds, limit))) for limit in JOB_SECONDS]
    return [*counted, ("+Inf", float(len(seconds)))]
