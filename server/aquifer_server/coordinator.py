"""The coordinator: what all requests share. The only state of the server process."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aquifer_algos.model import Model
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.ingest import Access, Hosts, Roots, S3Credentials
from aquifer_cluster.jobs import Job, Jobs
from aquifer_cluster.store import Store

from aquifer_server.settings import Settings


@dataclass
class Coordinator:
    """The cloud, the store, the jobs, and the counters behind automatic keys.

    `stop` begins the orderly end of the server: a client asked for it, or a signal came. `stopping` is
    true from then on. `s3_credentials` are those that a user has set.
    """

    cloud: Cloud
    store: Store
    jobs: Jobs
    settings: Settings
    spool: Path
    log_file: Path | None = None
    stop: Callable[[], None] = lambda: None
    started: float = field(default_factory=time.time)
    stopping: bool = False
    s3_credentials: S3Credentials | None = None
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def model_key(self, algorithm: str, client: str) -> str:
        """An automatic model key as H2O makes it: `DeepLearning_model_python_<start, ms>_<n>`."""
        return f"{algorithm}_model_{client}_{int(self.started * 1000)}_{next(self._numbers)}"

    def models(self) -> Iterator[Model]:
        """The models of the store, then those that jobs are training, as they are so far."""
        stored = dict(self.store.items(Model))
        yield from stored.values()
        for job in self.jobs.all():
            if job.dest not in stored:
                yield from self._so_far(job)

    def model(self, key: str) -> Model:
        """A model by key, also one in training. Raises KeyNotFound and WrongKind."""
        training = (model for job in self.jobs.all() if job.dest == key for model in self._so_far(job))
        return self.store.find(key, Model) or next(training, None) or self.store.get(key, Model)

    @staticmethod
    def _so_far(job: Job) -> Iterator[Model]:
        """The model that a job is training, once it has been scored."""
        preview = job.preview  # taken once: it goes when the job ends
        made = preview() if preview else None
        if isinstance(made, Model):
            yield made

    @property
    def access(self) -> Access:
        """What users may import."""
        settings = self.settings
        return Access(
            Roots(settings.import_roots),
            Hosts(settings.import_hosts),
            settings.import_schemes,
            settings.s3_endpoint,
            self.s3_credentials,
        )
