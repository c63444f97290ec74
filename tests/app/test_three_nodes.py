"""`aquifer start --nodes 3`: three processes share the data and the training."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = [pytest.mark.ray, pytest.mark.slow]

START_SECONDS = 60


@pytest.fixture
def digits(test_data: Path) -> Path:
    return test_data / "mnist_train.csv.gz"


def test_digits_are_spread_over_three_processes_and_train_on_all(
    start: Callable[..., Any], digits: Path
) -> None:
    server = start("--nodes", "3", timeout=START_SECONDS)
    coordinator = psutil.Process(server.process.pid)
    ask(server, digits, "first")  # what is loaded on the way of the first import is not the frame's
    httpx.delete(f"{server.url}/3/DKV/first").raise_for_status()
    grown = []
    for key in ("digits", "again", "once_more"):  # kept: a coordinator that held them would grow with each
        before = coordinator.memory_info().rss
        ask(server, digits, key)
        grown.append(coordinator.memory_info().rss - before)
    for key in ("again", "once_more"):
        httpx.delete(f"{server.url}/3/DKV/{key}").raise_for_status()

    nodes = server.get("/3/Cloud").json()["nodes"]
    pids = {node["pid"] for node in nodes}
    assert len(pids) == 3
    assert coordinator.pid not in pids
    bytes_held = [node["mem_value_size"] for node in nodes]
    assert max(bytes_held) <= 1.2 * min(bytes_held)
    frame = server.get("/3/Frames/digits/light", params={"column_count": 1}).json()["frames"][0]
    assert min(grown) < 0.1 * frame["byte_size"]

    rapids(server, "(assign 'digits' (:= digits (as.factor (cols digits [784])) [784] []))")
    finish(
        server,
        server.post(
            "/3/ModelBuilders/deeplearning",
            data={"training_frame": "digits", "response_column": "C785", "hidden": "[32]", "epochs": "1"},
        ),
    )
    iterations = re.findall(r"iteration .*pids=\[([\d, ]+)\]", server.log.read_text())
    assert iterations
    assert {int(pid) for pid in iterations[-1].split(",")} == pids


def ask(server: Any, file: Path, key: str) -> None:
    source = server.post("/3/ImportFilesMulti", data={"paths": f"[{file}]"}).json()["destination_frames"][0]
    server.post("/3/ParseSetup", data={"source_frames": f'["{source}"]'})
    finish(server, server.post("/3/Parse", data={"source_frames": f'["{source}"]', "destination_frame": key}))


def rapids(server: Any, expression: str) -> None:
    answer = server.post("/99/Rapids", data={"ast": expression})
    assert answer.status_code == 200, answer.text


def finish(server: Any, answer: Any) -> None:
    assert answer.status_code == 200, answer.text
    key = answer.json()["job"]["key"]["name"]
    for _ in range(1200):
        job = server.get(f"/3/Jobs/{key}").json()["jobs"][0]
        if job["status"] != "RUNNING":
            break
        time.sleep(0.1)
    assert job["status"] == "DONE", job
