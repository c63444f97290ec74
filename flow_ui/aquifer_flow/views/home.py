"""The home page: the cloud, what runs, what is new, and how to begin."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import JobStatus
from aquifer_cluster.node import NodeStatus

from aquifer_flow.page import ViewModel, Visit
from aquifer_flow.rendering import product_version
from aquifer_flow.views.frames import FrameLine, frame_line, temporaries
from aquifer_flow.views.jobs import JobLine, job_line
from aquifer_flow.views.models import ModelLine, model_line, newest_models

NEWEST = 5


class NodeLine(ViewModel):
    """A node of the cloud; sizes in bytes; `answers` is false for one that did not say how it is in time."""

    index: int
    answers: bool
    pid: int | None = None
    threads: int | None = None
    chunk_bytes: int = 0
    resident_bytes: int = 0
    cpu_percent: float = 0.0


class HomePage(ViewModel):
    """What one sees first; `memory` is what frames and models may take, `used` what frames take now.

    `frames` are the newest that stay; `wire_version` is the H2O version whose protocol the server speaks.
    """

    name: str
    version: str
    wire_version: str
    server: str
    host: str
    port: int
    uptime: float
    nodes: tuple[NodeLine, ...]
    memory: int
    used: int
    running: tuple[JobLine, ...]
    frames: tuple[FrameLine, ...]
    frame_count: int
    models: tuple[ModelLine, ...]
    model_count: int


def home_page(visit: Visit) -> HomePage:
    """The cloud, the running jobs, the newest frames and models."""
    coordinator = visit.coordinator
    address = urlsplit(visit.server)
    frames = coordinator.store.items(Frame)
    passing = temporaries(coordinator.store)
    staying = [(key, frame) for key, frame in frames if key not in passing]
    models = newest_models(coordinator.store)
    jobs = reversed(coordinator.jobs.all())
    return HomePage(
        name=coordinator.cloud.name,
        version=product_version(),
        wire_version=coordinator.settings.wire_version,
        server=visit.server,
        host=address.hostname or coordinator.settings.ip,
        port=address.port or coordinator.settings.port,
        uptime=time.time() - coordinator.started,
        nodes=tuple(_node(index, status) for index, status in enumerate(coordinator.cloud.statuses())),
        memory=coordinator.cloud.memory,
        used=coordinator.cloud.used_bytes,
        running=tuple(job_line(job, coordinator.store) for job in jobs if job.status is JobStatus.RUNNING),
        frames=tuple(frame_line(key, frame) for key, frame in reversed(staying[-NEWEST:])),
        frame_count=len(frames),
        models=tuple(model_line(model) for model in models[:NEWEST]),
        model_count=len(models),
    )


def _node(index: int, status: NodeStatus | None) -> NodeLine:
    if status is None:
        return NodeLine(index=index, answers=False)
    return NodeLine(
        index=index,
        answers=True,
        pid=status.pid,
        threads=status.threads,
        chunk_bytes=status.chunk_bytes,
        resident_bytes=status.resident_bytes,
        cpu_percent=status.cpu_percent,
    )
