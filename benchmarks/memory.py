"""How much memory training takes at its peak: `python benchmarks/memory.py`.

For a narrow and a wide network on one node and on three: how far each node's process grows while it trains,
beyond the frame, relative to its training matrix and three times the weights. Memory that processes share is
left out. One node is the server's process, which also holds the model; three nodes hold all rows each.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psutil
from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import inputs_of
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud, form_cloud
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.jobs import Jobs, JobStatus
from aquifer_cluster.store import Store
from structlog.testing import capture_logs

INPUTS = 784
NETWORKS = {"narrow": [32, 32, 32], "wide": [1024, 1024, 2048]}
ROWS = {"narrow": 60_000, "wide": 20_000}


def random_rows(rows: int, seed: int) -> tuple[list[np.ndarray[Any, Any]], None]:
    """Numbers that cannot be compressed much, and a response."""
    random = np.random.default_rng(seed)
    return [*(random.integers(0, 256, rows).astype(float) for _ in range(INPUTS)), random.random(rows)], None


def frame_of(cloud: Cloud, rows: int) -> Frame:
    """Columns x0 … and y, made on the nodes."""
    layout = even_layout(rows, cloud.size, 4)
    written = cloud.new_columns([ColumnType.NUMERIC] * (INPUTS + 1))
    calls = [
        cloud.write(written, block, owner, random_rows, layout.block_rows[block], block)
        for block, owner in enumerate(layout.owners)
    ]
    columns = cloud.make_columns(written, [call.result()[0] for call in calls], layout)
    return Frame((*(f"x{i}" for i in range(INPUTS)), "y"), tuple(columns), layout)


def own_bytes(process: psutil.Process) -> int:
    """What a process has in memory, less what it shares, as Ray's object store."""
    memory = process.memory_info()
    return int(memory.rss - memory.shared)


@contextmanager
def watched(pids: list[int]) -> Iterator[dict[int, int]]:
    """The most bytes by which each process grows as long as the block lasts."""
    processes = {pid: psutil.Process(pid) for pid in pids}
    before = {pid: own_bytes(process) for pid, process in processes.items()}
    grown, over = dict.fromkeys(pids, 0), threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            for pid, process in processes.items():
                grown[pid] = max(grown[pid], own_bytes(process) - before[pid])

    watcher = threading.Thread(target=look)
    watcher.start()
    yield grown
    over.set()
    watcher.join()


def train(cloud: Cloud, frame: Frame, hidden: list[int], rows: int) -> dict[str, Any]:
    """Train for as many rows; the log line of the layout."""
    store, jobs = Store(), Jobs(cloud)
    store.put("f", frame)
    asked = DeepLearningParameters(
        training_frame="f", response_column="y", hidden=tuple(hidden), epochs=rows / frame.rows, seed=1,
        variable_importances=False,
    )  # fmt: skip
    build = ALGORITHMS["deeplearning"].train
    with capture_logs() as lines:
        job = jobs.start(
            "m", "m", "m", lambda job: build(cloud, store, asked, inputs_of(store, asked), job, "m") and None
        )
        job.wait()
    assert job.status is JobStatus.DONE, job.stacktrace
    return next(dict(line) for line in lines if line["event"] == "training data laid out")


def measure(nodes: int, name: str) -> None:
    """Print one line of the table; in a process of its own, whose memory is as it starts."""
    cloud = form_cloud("memory", nodes)
    if nodes:  # they cannot import this script
        from ray import cloudpickle

        cloudpickle.register_pickle_by_value(sys.modules[random_rows.__module__])
    train(cloud, frame_of(cloud, 600), [8], 600)  # what is loaded once is no part of it
    frame = frame_of(cloud, ROWS[name])
    time.sleep(1)
    pids = [status.pid for status in cloud.statuses() if status]
    with watched(pids) as grown:
        line = train(cloud, frame, NETWORKS[name], 1000)
    for pid, matrix in zip(pids, line["bytes"], strict=True):
        needed = matrix + 3 * 4 * line["weights"]
        print(f"{name:8}{max(nodes, 1):2} {matrix / 1e6:10.1f} {needed / 1e6:10.1f} {grown[pid] / 1e6:10.1f}"
              f" {grown[pid] / needed:8.2f}", flush=True)  # fmt: skip
    cloud.close()


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nodes", type=int, nargs="*", default=[0, 3])
    chosen = options.parse_args()
    print(f"{'network':8}nodes matrix MB  needed MB   grown MB    ratio")
    for nodes in chosen.nodes:
        for name in NETWORKS:
            process = multiprocessing.get_context("spawn").Process(target=measure, args=(nodes, name))
            process.start()
            process.join()


if __name__ == "__main__":
    main()
