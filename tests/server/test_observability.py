"""What operators see: metrics at scrape time, the log, request ids."""

from __future__ import annotations

from typing import Any

import structlog
from aquifer_server.coordinator import Coordinator
from prometheus_client.parser import text_string_to_metric_families


def scrape(rest: Any) -> dict[str, float]:
    """Every sample: name{label=value,…} → value."""
    text = rest.request("GET", "/metrics").text
    return {
        sample.name
        + "".join(f"|{name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_tell_the_state_as_it_is(rest: Any, trees_csv: Any, coordinator: Coordinator) -> None:
    before = scrape(rest)
    rest.parse(trees_csv, "trees")
    after = scrape(rest)
    assert (before["aquifer_frames"], after["aquifer_frames"]) == (0, 1)
    assert after["aquifer_node_up|node=0"] == 1
    assert after["aquifer_frame_bytes|node=0"] - before["aquifer_frame_bytes|node=0"] >= 1000
    assert after["aquifer_jobs|state=done"] == before["aquifer_jobs|state=done"] + 1
    assert after["aquifer_job_duration_seconds_count"] == 1
    assert after["aquifer_memory_limit_bytes"] == coordinator.cloud.memory


def test_training_is_counted(furnished: Any) -> None:
    assert scrape(furnished)["aquifer_training_samples_total"] >= 3 * 5 * 300  # models × epochs × rows
    assert scrape(furnished)["aquifer_models"] >= 3


def test_requests_are_counted_by_route_and_not_by_key(rest: Any) -> None:
    for key in ("a", "b", "c"):
        rest.request("GET", f"/3/Frames/{key}")
    rest.request("GET", "/3/NoSuchRoute")
    samples = scrape(rest)
    name = "aquifer_http_request_duration_seconds_count|method=GET"
    assert samples[f"{name}|route=/3/Frames/{{key:path}}|status=404"] == 3
    assert samples[f"{name}|route=unknown|status=404"] == 1


def test_every_request_is_logged_under_the_id_that_its_answer_carries(rest: Any) -> None:
    merged = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs([merged]) as lines:
        response = rest.request("POST", "/3/LogAndEcho", data={"message": "the journey ends"})
    identity = response.headers["x-request-id"]
    assert [line["event"] for line in lines] == ["message of a client", "request"]
    assert {line["request"] for line in lines} == {identity}
    assert lines[0]["message"] == "the journey ends"
    assert (lines[1]["method"], lines[1]["path"], lines[1]["status"]) == ("POST", "/3/LogAndEcho", 200)


def test_the_log_is_served(rest: Any, coordinator: Coordinator) -> None:
    assert coordinator.log_file is not None
    with coordinator.log_file.open("a") as log:
        log.write("a line of the log\n")
    assert "a line of the log" in rest.get("/3/Logs/nodes/0/files/info")["log"]
    whole = rest.request("GET", "/3/Logs/download")
    assert whole.text == coordinator.log_file.read_text()


def test_removal_takes_what_belongs_to_a_key_along(
    rest: Any, trees_csv: Any, coordinator: Coordinator
) -> None:
    rest.parse(trees_csv, "trees")
    rest.train("model", training_frame="trees", response_column="kind", ignored_columns="[note]")
    rest.post("/3/ModelMetrics/models/model/frames/trees")
    rest.delete("/3/DKV/model", cascade="True")
    assert coordinator.store.keys() == ["trees"]
    assert rest.get("/3/ModelMetrics")["model_metrics"] == []
    rest.post("/99/Rapids", ast="(assign other trees)")
    rest.delete("/3/DKV", retained_keys="[other]")
    assert coordinator.store.keys() == ["other"]
