"""Jobs are watched and cancelled while the server is busy; their events reach a page that reconnects."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.jobs import Job
from aquifer_server.coordinator import Coordinator

Work = Callable[[Job], None]


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What the work of a test waits for; set at its end at the latest."""
    event = threading.Event()
    yield event
    event.set()


def begin(coordinator: Coordinator, work: Work) -> Job:
    return coordinator.jobs.start("Test", "made", "frame", work)


def events_of(url: str, last: str | None = None, limit: int = 100) -> list[dict[str, str]]:
    """The events of a stream until it ends."""
    headers = {"Last-Event-ID": last} if last else {}
    found: list[dict[str, str]] = []
    with httpx.stream("GET", url, headers=headers, timeout=10) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        now: dict[str, str] = {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                now[name] = value
            elif "data" in now:
                found.append(now)
                now = {}
            if len(found) == limit:
                break
    return found


def test_a_job_tells_its_progress_and_its_end(rest: Any, coordinator: Coordinator, release: Any) -> None:
    def work(job: Job) -> None:
        job.update(0.5, "half way")
        job.warn("mind the gap")
        release.wait(10)

    job = begin(coordinator, work)
    until = time.monotonic() + 5
    while (now := rest.get(f"/3/Jobs/{job.key}")["jobs"][0])["progress"] < 0.5 and time.monotonic() < until:
        time.sleep(0.01)
    assert (now["status"], now["progress"], now["progress_msg"]) == ("RUNNING", 0.5, "half way")
    release.set()
    ended = rest.finish(now)
    assert (ended["status"], ended["progress"], ended["warnings"]) == ("DONE", 1.0, ["mind the gap"])


def test_a_failed_job_gives_its_reason_and_keeps_the_traceback_to_the_log(
    rest: Any, coordinator: Coordinator
) -> None:
    def work(job: Job) -> None:
        raise ValueError("the reason")

    ended = rest.finish({"key": {"name": begin(coordinator, work).key}})
    assert ended["status"] == "FAILED"
    assert "the reason" in ended["exception"]
    assert "Traceback" not in json.dumps(ended)


def test_a_cancelled_job_ends_within_a_second(rest: Any, coordinator: Coordinator) -> None:
    def work(job: Job) -> None:
        while True:
            job.check()
            time.sleep(0.01)

    job = begin(coordinator, work)
    rest.post(f"/3/Jobs/{job.key}/cancel")
    assert rest.finish({"key": {"name": job.key}}, seconds=1)["status"] == "CANCELLED"


def test_a_model_is_seen_while_it_is_trained(rest: Any, trees_csv: Path) -> None:
    rest.parse(trees_csv, "trees")
    form = {"training_frame": "trees", "response_column": "kind", "ignored_columns": '["note"]'}
    job = rest.post(
        "/3/ModelBuilders/deeplearning", **form, model_id="m", hidden="[3]", epochs="1e9", stopping_rounds="0"
    )["job"]

    def listed() -> list[str]:
        return [model["model_id"]["name"] for model in rest.get("/3/Models")["models"]]

    until = time.monotonic() + 60
    while not listed() and time.monotonic() < until:
        time.sleep(0.05)
    (model,) = rest.get("/3/Models/m")["models"]
    assert model["output"]["status"] is None
    assert model["output"]["training_metrics"]["nobs"] == 300
    assert len(model["output"]["scoring_history"]["data"][0]) >= 2
    rest.post(f"/3/Jobs/{job['key']['name']}/cancel")
    assert rest.finish(job)["status"] == "CANCELLED"
    assert listed() == ["m"]
    assert rest.get("/3/Models/m")["models"][0]["output"]["status"] == "cancelled"


def test_looking_never_waits_for_work(
    server_url: str, coordinator: Coordinator, release: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = threading.Semaphore(0)

    def occupy(*_: object) -> None:
        busy.release()
        release.wait(20)
        raise InvalidArgument("ast", "enough")

    monkeypatch.setattr("aquifer_server.rapids.interpreter.read", occupy)
    unlimited = httpx.Limits(max_connections=None)
    with httpx.Client(timeout=30, limits=unlimited) as client, ThreadPoolExecutor(60) as clients:
        for _ in range(60):
            clients.submit(client.post, f"{server_url}/99/Rapids", data={"ast": "(x)"})
        for _ in range(40):
            assert busy.acquire(timeout=10)
        try:
            for path in ("/3/Jobs", "/3/Cloud", "/3/Ping", "/3/Frames", "/metrics", "/readyz"):
                begun = time.monotonic()
                assert client.get(server_url + path, timeout=2).status_code == 200
                assert time.monotonic() - begun < 1
        finally:
            release.set()


def test_events_tell_progress_scores_and_end(server_url: str, coordinator: Coordinator, release: Any) -> None:
    def work(job: Job) -> None:
        job.update(0.2, "begun")
        job.history.append({"epochs": 1.0, "training_rmse": math.nan})
        job.history.append({"epochs": 2.0, "training_rmse": 0.4})
        release.wait(10)

    job = begin(coordinator, work)
    threading.Timer(0.6, release.set).start()
    events = events_of(f"{server_url}/flow/events/jobs/{job.key}")
    assert [event["event"] for event in events if event["event"] == "score"] == ["score", "score"]
    assert json.loads(events[0]["data"]) == {"epochs": 1.0, "training_rmse": "NaN"}
    assert events[-1]["event"] == "done"
    assert json.loads(events[-1]["data"])["status"] == "DONE"
    assert [int(event["id"]) for event in events] == sorted(int(event["id"]) for event in events)
    missed = events_of(f"{server_url}/flow/events/jobs/{job.key}", last="1")
    assert json.loads(missed[0]["data"])["epochs"] == 2.0
    assert [event["event"] for event in missed] == ["score", "done"]


def test_the_stream_of_all_jobs_shows_a_new_one(server_url: str, coordinator: Coordinator) -> None:
    threading.Timer(0.3, begin, (coordinator, lambda job: None)).start()
    (event,) = events_of(f"{server_url}/flow/events/jobs", limit=1)
    assert json.loads(event["data"])["description"] == "Test"


def test_events_of_an_unknown_job_are_refused(server_url: str) -> None:
    response = httpx.get(f"{server_url}/flow/events/jobs/nope")
    assert response.status_code == 400
    assert "nope" in response.json()["msg"]


def test_a_build_writes_scores_that_a_page_can_follow(furnished: Any) -> None:
    job = next(job for job in furnished.get("/3/Jobs")["jobs"] if job["dest"]["name"] == "kind_model")
    events = furnished.request("GET", f"/flow/events/jobs/{job['key']['name']}").text
    assert "event: score" in events
    assert "event: done" in events


def test_a_shutdown_is_answered_and_asks_the_server_to_stop(rest: Any, coordinator: Coordinator) -> None:
    asked = threading.Event()
    coordinator.stop = asked.set
    assert rest.post("/3/Shutdown")["__meta"]["schema_name"] == "ShutdownV3"
    assert asked.is_set()
    assert rest.delete("/4/sessions/_sid_1")


def test_a_stopping_server_is_alive_but_not_ready(rest: Any, coordinator: Coordinator) -> None:
    coordinator.stopping = True
    assert rest.request("GET", "/healthz").status_code == 200
    response = rest.request("GET", "/readyz")
    assert response.status_code == 503
    assert "stopping" in response.json()["reason"]
