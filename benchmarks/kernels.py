"""Rows per second of the training kernel, in the cells that the project's speed is judged by.

    python benchmarks/kernels.py [--cells A,B,B-dense,E,E-dense] [--repeats 5]

trains on the first 8,000 rows of MNIST's test set (AQUIFER_TEST_DATA, default ../shared/data) and scores the
other 2,000: ADADELTA, RectifierWithDropout, input dropout 0.2, hidden dropout 0.5, l1 1e-5. Besides the wall
time it prints the rows per second of processor time of one thread, which other programs on the machine
disturb less, and the time of a matrix product, by which two sittings can be compared. A second table shows
that the time of a sparse row follows its non-zeros, and up to which share of them it is faster than dense.
"""

import argparse
import gzip
import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from aquifer_algos.deeplearning.iteration import train
from aquifer_algos.deeplearning.launch import kernels_for
from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix, TrainingMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.topology import Topology
from numpy.typing import NDArray

RULE = LearningRule(l1=1e-5)
TRAINING_ROWS = 8000


@dataclass(frozen=True)
class Cell:
    hidden: tuple[int, ...]
    sparse: bool
    samples: int
    target: int


CELLS = {
    "A": Cell((32, 32, 32), True, 160_000, 400_000),
    "B": Cell((200, 200), True, 24_000, 60_000),
    "B-dense": Cell((200, 200), False, 24_000, 60_000),
    "E": Cell((1024, 1024, 2048), True, 1_600, 2_000),
    "E-dense": Cell((1024, 1024, 2048), False, 1_600, 2_000),
}


def mnist() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    path = Path(os.environ.get("AQUIFER_TEST_DATA", "../shared/data")) / "mnist_test.csv.gz"
    with gzip.open(path, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.float32)
    pixels = table[:, :-1]
    varies = np.ptp(pixels[:TRAINING_ROWS], axis=0) > 0
    return pixels[:, varies], table[:, -1].astype(np.int32)


def scaled(pixels: NDArray[np.float32], sparse: bool) -> NDArray[np.float32]:
    training = pixels[:TRAINING_ROWS]
    centre = np.float32(0) if sparse else training.mean(axis=0)
    return (pixels - centre) / training.std(axis=0, ddof=1)


def network_for(cell: Cell, inputs: int, outputs: int, seed: int) -> Network:
    layers = len(cell.hidden)
    topology = Topology(
        inputs, cell.hidden, outputs, ("Rectifier",) * layers, "softmax", cell.sparse, 0.2, (0.5,) * layers
    )
    return Network.start(topology, seed, RULE.state_slots)


def run(
    network: Network, matrix: TrainingMatrix, samples: int, threads: int, seed: int
) -> tuple[float, float]:
    """Rows per second of wall time, and of this thread's processor time."""
    flag = np.zeros(1, np.uint8)
    wall, processor = time.perf_counter(), time.thread_time()
    train(
        network, matrix, RULE, samples=samples, seed=seed, samples_seen=0, threads=threads, stop_flag=flag
    )  # fmt: skip
    return samples / (time.perf_counter() - wall), samples / max(time.thread_time() - processor, 1e-9)


def measure(
    name: str, cell: Cell, threads: int, repeats: int, pixels: NDArray[np.float32], labels: NDArray[np.int32]
) -> None:
    values = scaled(pixels, cell.sparse)
    form = SparseMatrix if cell.sparse else DenseMatrix
    matrix = form.of(values[:TRAINING_ROWS], labels[:TRAINING_ROWS])
    speeds, errors = [], []
    for seed in range(repeats):
        network = network_for(cell, pixels.shape[1], 10, seed)
        speeds.append(run(network, matrix, cell.samples, threads, seed))
        predicted = network.predict(values[TRAINING_ROWS:]).argmax(axis=1)
        errors.append(float((predicted != labels[TRAINING_ROWS:]).mean()))
    wall, processor = (median(column) for column in zip(*speeds, strict=True))
    alone = f"{processor:12,.0f}" if threads == 1 else f"{'':12}"
    print(f"{name:8} {threads:7} {wall:12,.0f} {alone} {cell.target:10,} {median(errors):8.4f}", flush=True)


def matrix_product() -> float:
    """Milliseconds of a fixed piece of work."""
    a = np.ones((1024, 1024), np.float32)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - began)
    return 1000 * median(times)


def densities(repeats: int) -> None:
    random = np.random.default_rng(0)
    inputs, rows = 2000, 1000
    print(
        f"\n{'non-zeros a row':16} {'µs a row':>10} {'ns a non-zero':>14} {'µs if dense':>12}   "
        f"[{inputs} inputs, 200 × 200]"
    )
    for share in (0.01, 0.1, 0.25, 0.5, 1.0):
        values = np.where(random.random((rows, inputs)) < share, random.normal(size=(rows, inputs)), 0)
        target = random.integers(2, size=rows)
        micros = {}
        for form in (SparseMatrix, DenseMatrix):
            matrix = form.of(values, target)
            cell = Cell((200, 200), form is SparseMatrix, 2 * rows, 0)
            network = network_for(cell, inputs, 2, 0)
            speeds = [run(network, matrix, cell.samples, 1, seed)[1] for seed in range(repeats)]
            micros[form] = 1e6 / median(speeds)
        entries, sparse = np.count_nonzero(values) / rows, micros[SparseMatrix]
        print(f"{entries:16,.0f} {sparse:10.1f} {1000 * sparse / entries:14.1f} {micros[DenseMatrix]:12.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    kernels_for(RULE).load()
    pixels, labels = mnist()
    print(f"two 1024 × 1024 matrices multiply in {matrix_product():.1f} ms; medians of {arguments.repeats}")
    print(f"{'cell':8} {'threads':>7} {'rows/s':>12} {'rows/cpu s':>12} {'target':>10} {'error':>8}")
    for name in arguments.cells.split(","):
        for threads in (1, 2):
            measure(name, CELLS[name], threads, arguments.repeats, pixels, labels)
    densities(arguments.repeats)


if __name__ == "__main__":
    main()
