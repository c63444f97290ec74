"""Frames to show, jobs to watch, and a reader of pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.jobs import Job
from aquifer_server.coordinator import Coordinator
from fastapi import FastAPI

Given = list[Any] | np.ndarray[Any, Any] | tuple[list[int], tuple[str, ...]]


class Visitor:
    """Asks the application without a socket, and stays where it is redirected from."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._portal = portal
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost:54321", follow_redirects=False
        )

    def get(self, path: str) -> httpx.Response:
        return self._portal.call(self._client.get, path)

    def post(
        self, path: str, headers: dict[str, str] | None = None, data: dict[str, str] | None = None
    ) -> httpx.Response:
        return self._portal.call(partial(self._client.post, path, headers=headers, data=data))


@pytest.fixture
def visitor(asgi_app: FastAPI) -> Iterator[Visitor]:
    with start_blocking_portal() as portal:
        yield Visitor(asgi_app, portal)


@pytest.fixture
def put_frame(coordinator: Coordinator) -> Callable[..., Frame]:
    """Make a frame and put it into the store.

    A column is numbers, texts, an array of datetime64, or (codes, domain) for categories, −1 being missing.
    """

    def put(key: str, columns: dict[str, Given], blocks: int = 2) -> Frame:
        decoded = [_decoded(column) for column in columns.values()]
        frame = _distributed(coordinator, tuple(columns), decoded, blocks)
        coordinator.store.put(key, frame)
        return frame

    return put


@pytest.fixture
def held_job(coordinator: Coordinator) -> Iterator[Callable[..., Job]]:
    """Start jobs that run until the test is over, unless they are cancelled."""
    over = threading.Event()
    jobs = []

    def work(job: Job) -> None:
        while not over.wait(0.01):
            job.check()

    def start(description: str = "DeepLearning", dest: str = "model_1") -> Job:
        jobs.append(coordinator.jobs.start(description, dest, "Key<Model>", work))
        return jobs[-1]

    yield start
    over.set()
    for job in jobs:
        job.wait(5)


@dataclass
class Document(HTMLParser):
    """A page taken apart: its text, its links, the cells of its tables, all tags with their attributes."""

    source: str
    text: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_cell = False
        self.feed(self.source)
        self.text = " ".join(self.text.split())
        self.rows = [[" ".join(cell.split()) for cell in row] for row in self.rows]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        self.text += data + " "
        if self._in_cell:
            self.rows[-1][-1] += data + " "

    def row(self, first: str) -> list[str]:
        """The table row whose first cell begins with `first`."""
        return next(row for row in self.rows if row and row[0].startswith(first))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all tags of that name."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return [attributes["href"] or "" for attributes in self.all("a")]


@pytest.fixture
def read(visitor: Visitor) -> Callable[..., Document]:
    """Fetch a page, which must be there, and take it apart."""

    def fetch(path: str, status: int = 200) -> Document:
        answer = visitor.get(path)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("text/html")
        return Document(answer.text)

    return fetch


def _decoded(column: Given) -> tuple[ColumnType, Values, tuple[str, ...] | None]:
    if isinstance(column, tuple):
        return ColumnType.ENUM, np.asarray(column[0], np.int32), column[1]
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        return ColumnType.TIME, column.astype("datetime64[ms]").astype(np.int64), None
    if len(column) and isinstance(column[0], str):
        return ColumnType.STRING, pa.array(column, pa.string()), None
    return ColumnType.NUMERIC, np.asarray(column, np.float64), None


def _distributed(
    coordinator: Coordinator,
    names: tuple[str, ...],
    columns: list[tuple[ColumnType, Values, tuple[str, ...] | None]],
    blocks: int,
) -> Frame:
    cloud = coordinator.cloud
    layout = even_layout(len(columns[0][1]), cloud.size, blocks, fewest=1)
    written = cloud.new_columns(type for type, _, _ in columns)
    calls = []
    for block, owner in enumerate(layout.owners):
        first = int(layout.starts[block])
        rows = slice(first, first + layout.block_rows[block])
        calls.append(
            cloud.write(written, block, owner, _as_given, [values[rows] for _, values, _ in columns])
        )
    statistics = [call.result()[0] for call in calls]
    made = cloud.make_columns(written, statistics, layout, [domain for *_, domain in columns])
    return Frame(names, tuple(made), layout)


def _as_given(values: list[Values]) -> tuple[list[Values], None]:
    return values, None
