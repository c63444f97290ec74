"""The same requests on one node in the server's process and on three processes of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.jobs import Jobs
from aquifer_server.coordinator import Coordinator

ON_BOTH = pytest.mark.parametrize("nodes", [0, pytest.param(3, marks=pytest.mark.ray)], indirect=True)


@ON_BOTH
def test_every_node_is_listed_with_its_process_and_its_share(rest: Any, nodes: int, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("a,b,c\n" + "".join(f"{i * 1.7},{i % 7},{i * i}\n" for i in range(60_000)))
    before = [node["mem_value_size"] for node in rest.get("/3/Cloud")["nodes"]]
    rest.parse(file, "wide")
    cloud = rest.get("/3/Cloud")
    assert cloud["cloud_size"] == len(cloud["nodes"]) == max(nodes, 1)
    pids = {node["pid"] for node in cloud["nodes"]}
    assert len(pids) == max(nodes, 1)
    assert (os.getpid() in pids) == (nodes == 0)
    grown = [node["mem_value_size"] - b for node, b in zip(cloud["nodes"], before, strict=True)]
    assert max(grown) <= 1.2 * min(grown)
    summary = rest.get("/3/Frames/wide")["frames"][0]["distribution_summary"]
    rows = dict(zip(summary["data"][0], summary["data"][2], strict=True))
    assert rows["total"] == 60_000
    assert rows["max"] <= 1.2 * rows["min"]


@ON_BOTH
def test_a_model_is_built_and_used(rest: Any, trees_csv: Path) -> None:
    rest.parse(trees_csv, "trees")
    rest.train("model", training_frame="trees", response_column="kind", ignored_columns="[note]", epochs="50")
    (metrics,) = rest.post("/3/ModelMetrics/models/model/frames/trees")["model_metrics"]
    assert metrics["nobs"] == 300
    assert metrics["mean_per_class_error"] < 0.3
    job = rest.post("/4/Predictions/models/model/frames/trees", predictions_frame="predicted")
    assert rest.finish(job)["status"] == "DONE"
    download = rest.request("GET", "/3/DownloadDataset?frame_id=predicted").text.splitlines()
    assert len(download) == 301
    summary = rest.get("/3/Frames/trees/summary")["frames"][0]["columns"][1]
    assert sum(summary["histogram_bins"]) == 300


@pytest.mark.ray
def test_a_dead_node_is_shown_and_what_it_held_is_refused(
    rest: Any,
    coordinator: Coordinator,
    mortal: Cloud,
    kill: Callable[[Cloud, int], None],
    monkeypatch: pytest.MonkeyPatch,
    trees_csv: Path,
) -> None:
    monkeypatch.setattr(coordinator, "cloud", mortal)
    monkeypatch.setattr(coordinator, "jobs", Jobs(mortal))
    file = trees_csv.with_name("many.csv")
    file.write_text("a\n" + "".join(f"{row / 7}\n" for row in range(60_000)))
    rest.parse(file, "many")
    kill(mortal, 1)
    cloud = rest.get("/3/Cloud")
    assert (cloud["cloud_healthy"], cloud["bad_nodes"]) == (False, 1)
    assert [node["healthy"] for node in cloud["nodes"]] == [True, False, True]
    ready = rest.request("GET", "/readyz")
    assert (ready.status_code, ready.json()["reason"]) == (503, "no answer from node 1")
    assert "does not answer" in rest.request("GET", "/").text
    refused = rest.request("GET", "/3/Frames/many?row_count=60000")
    assert refused.status_code == 503
    assert "Node 1 is gone" in refused.text
