"""Memory of removed frames goes back to the system: measured on the processes of a server of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from aquifer_cluster.compilation import warm

ROWS, COLUMNS = 2_600_000, 8  # numbers that cannot be compressed: 166 MB
PIECES = 40
LEFT = 0.15
SECONDS = 20
SERVERS = [
    pytest.param((), id="embedded"),
    pytest.param(("--nodes", "3"), id="ray", marks=pytest.mark.ray),
]


def create(server: Any, key: str, rows: int) -> None:
    """Make a frame of random numbers and wait for it."""
    recipe = {"dest": key, "rows": rows, "cols": COLUMNS, "missing_fraction": 0}
    kinds = {f"{kind}_fraction": 0 for kind in ("categorical", "integer", "binary", "time", "string")}
    job = server.post("/3/CreateFrame", data=recipe | kinds).json()
    key = job["key"]["name"]
    while (found := server.get(f"/3/Jobs/{key}").json()["jobs"][0])["status"] == "RUNNING":
        time.sleep(0.05)
    assert found["status"] == "DONE", found


def resident(server: Any) -> int:
    """Bytes that the server's process and the nodes' hold of the machine's memory."""
    pids = {server.process.pid, *(node["pid"] for node in server.get("/3/Cloud").json()["nodes"])}
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)


def settled(server: Any) -> int:
    """The bytes that are held once nothing more is given back."""
    held, until = resident(server), time.monotonic() + SECONDS
    while True:
        time.sleep(0.5)
        now = resident(server)
        if now > held - 1e6 or time.monotonic() > until:
            return now
        held = now


def by_key(server: Any, rows: int) -> Callable[[], Any]:
    """Many frames, each too small to be worth a look by itself."""
    create(server, "f", rows)
    keys = temporaries(server, rows, PIECES)
    return lambda: [server.delete(f"/3/DKV/{key}") for key in keys]


def by_all(server: Any, rows: int) -> Callable[[], Any]:
    create(server, "f", rows)
    create(server, "g", 10)
    return lambda: server.delete("/3/DKV")


def by_session(server: Any, rows: int) -> Callable[[], Any]:
    create(server, "f", rows)
    (key,) = temporaries(server, rows, 1)
    return lambda: server.delete(f"/4/sessions/{key.partition('-')[2]}")


def temporaries(server: Any, rows: int, count: int) -> list[str]:
    """The rows of frame `f`, each once, in temporaries of a session; `f` is gone."""
    session = server.post("/4/sessions").json()["session_key"]
    keys = [f"t{i}-{session}" for i in range(count)]
    size = rows // count
    for i, key in enumerate(keys):
        ast = f"(tmp= {key} (* (rows f [{i * size}:{size}]) 1.1))"
        answer = server.post("/99/Rapids", data={"ast": ast, "session_id": session})
        assert answer.status_code == 200, answer.text
    server.delete("/3/DKV/f")
    return keys


@pytest.mark.parametrize("arguments", SERVERS)
def test_what_frames_took_goes_back_to_the_system(
    start: Callable[..., Any], arguments: tuple[str, ...]
) -> None:
    warm()  # or the server would grow by what it compiles in the background
    server = start(*arguments)
    for make in (by_key, by_all, by_session):
        make(server, ROWS)()  # what is loaded once, or kept for the next frame, is no part of the frame
    for make in (by_key, by_all, by_session):
        before = settled(server)
        remove = make(server, ROWS)
        grown = resident(server) - before
        assert grown > 0.75 * ROWS * COLUMNS * 8
        remove()
        until = time.monotonic() + SECONDS
        while (left := resident(server) - before) > LEFT * grown and time.monotonic() < until:
            time.sleep(0.1)
        assert left <= LEFT * grown, f"{make.__name__}: {left:,} of {grown:,} bytes are left"
