"""REST without a socket, and a server that holds a bit of everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.jobs import Jobs
from aquifer_cluster.store import Store
from aquifer_server.application import create_app
from aquifer_server.coordinator import Coordinator
from aquifer_server.settings import Settings
from fastapi import FastAPI

CLASSES = ("ash", "beech", "cedar")


class Rest:
    """Requests to an application in this process, as a client of this machine sends them."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._portal = portal
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:54321", timeout=60
        )

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._portal.call(partial(self._client.request, method, path, **options))

    def get(self, path: str, **query: Any) -> Any:
        return self._content(self.request("GET", path, params=query))

    def post(self, path: str, **form: Any) -> Any:
        return self._content(self.request("POST", path, data=form))

    def delete(self, path: str, **query: Any) -> Any:
        return self._content(self.request("DELETE", path, params=query))

    def finish(self, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
        """Poll a job as clients do until it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            (now,) = self.get(f"/3/Jobs/{job['key']['name']}")["jobs"]
            if now["status"] != "RUNNING":
                return dict(now)
            time.sleep(0.02)
        raise AssertionError(f"the job did not end: {now}")

    def parse(self, path: Path, key: str) -> None:
        """Import and parse a file."""
        source = self.post("/3/ImportFilesMulti", paths=f"[{path}]")["destination_frames"][0]
        job = self.post("/3/Parse", source_frames=f'["{source}"]', destination_frame=key)["job"]
        assert self.finish(job)["status"] == "DONE"

    def train(self, key: str, **parameters: Any) -> None:
        """Train a small network."""
        form = {"model_id": key, "hidden": "[8]", "epochs": "5", "seed": "1", **parameters}
        job = self.post("/3/ModelBuilders/deeplearning", **form)["job"]
        assert self.finish(job)["status"] == "DONE"

    @staticmethod
    def _content(response: httpx.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def rest(asgi_app: FastAPI, portal: BlockingPortal) -> Rest:
    """A server with an empty store."""
    return Rest(asgi_app, portal)


@pytest.fixture(scope="session")
def trees_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred trees: girth and height (numbers, some missing), kind (three levels), old (two)."""
    path = tmp_path_factory.mktemp("data") / "trees.csv"
    random = np.random.default_rng(5)
    kinds = random.integers(0, 3, 300)
    girth = kinds + random.normal(0, 0.4, 300)
    height = 10 * kinds - random.normal(0, 3, 300)
    lines = ["girth,height,kind,old,note"]
    for row, (kind, g, h) in enumerate(zip(kinds, girth, height, strict=True)):
        number = "" if row % 50 == 7 else f"{g:.4f}"
        lines.append(f"{number},{h:.3f},{CLASSES[kind]},{'yes' if g > 1 else 'no'},tree {row}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def furnished(
    clouds: Callable[[int], Cloud],
    portal: BlockingPortal,
    trees_csv: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Rest:
    """A server with the frame `trees` and the models `kind_model`, `old_model`, `height_model` and
    `inputs_model`.

    It is shared: tests only look at it.
    """
    folder = tmp_path_factory.mktemp("furnished")
    (folder / "aquifer.log").write_text("the log of a test\n")
    cloud = clouds(0)
    app = create_app(
        Coordinator(cloud, Store(), Jobs(cloud), Settings(port=54321), folder, folder / "aquifer.log")
    )
    rest = Rest(app, portal)
    rest.parse(trees_csv, "trees")
    common = {"training_frame": "trees", "validation_frame": "trees"}
    rest.train("kind_model", response_column="kind", ignored_columns='["note"]', **common)
    rest.train("old_model", response_column="old", ignored_columns='["note"]', **common)
    rest.train("height_model", response_column="height", ignored_columns='["note"]', **common)
    rest.train("inputs_model", autoencoder="True", ignored_columns='["note"]', **common)
    return rest
