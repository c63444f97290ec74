"""Sessions own temporaries, and end by request or by silence."""

from __future__ import annotations

from typing import Any

import pytest
from aquifer_cluster.store import Store
from aquifer_server.coordinator import Coordinator
from aquifer_server.sessions import Sessions


def test_the_temporaries_of_a_session_go_with_it(rest: Any, trees_csv: Any, coordinator: Coordinator) -> None:
    rest.parse(trees_csv, "trees")
    session = rest.post("/4/sessions")["session_key"]
    rest.post("/99/Rapids", ast="(tmp= py_1 (rows trees [0:5]))", session_id=session)
    rest.post("/99/Rapids", ast="(assign kept (rows trees [0:5]))", session_id=session)
    assert coordinator.store.keys() == ["kept", "py_1", "trees"]
    rest.delete(f"/4/sessions/{session}")
    assert coordinator.store.keys() == ["kept", "trees"]


def test_every_session_has_a_key_of_its_own(rest: Any) -> None:
    keys = {rest.get("/3/InitID")["session_key"] for _ in range(20)}
    keys |= {rest.post("/4/sessions")["session_key"] for _ in range(20)}
    assert len(keys) == 40
    assert all(key.startswith("_sid_") for key in keys)


def test_ending_an_unknown_session_is_fine(rest: Any) -> None:
    assert rest.delete("/4/sessions/_sid_nope")["session_key"] == "_sid_nope"


def test_properties_are_kept_for_a_session(rest: Any) -> None:
    session = rest.get("/3/InitID")["session_key"]
    rest.post("/3/SessionProperties", session_key=session, key="job.fetch_timeout_ms", value="1000")
    kept = rest.get("/3/SessionProperties", session_key=session, key="job.fetch_timeout_ms")
    assert kept["value"] == "1000"


def test_a_silent_session_ends_and_a_talking_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("aquifer_server.sessions.time.monotonic", lambda: now[0])
    store = Store()
    sessions = Sessions(store, hours=1)
    silent, talking = sessions.begin(), sessions.begin()
    store.put("of silent", object(), silent)
    now[0] = 3000.0
    sessions.heard(talking)
    now[0] = 3700.0
    assert sessions.end_silent() == [silent]
    assert store.keys() == []
    assert list(store.sessions()) == [talking]
