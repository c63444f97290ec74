"""Training speed beside PyTorch on the CPU: the same network, step rule, batch and rows; two threads each.

[200, 200], Rectifier, cross-entropy, ADADELTA (rho 0.99, epsilon 1e-8) on 8,000 rows of MNIST's test set. Of
PyTorch only the loop over batches is timed: data are in memory, shuffled beforehand, and nothing is scored.
Of Aquifer it is the difference of the wall times of two runs at the client. Rounds alternate.

    python benchmarks/torch_train.py --torch /path/of/a/python/with/torch [--rounds 3] [--batches 1,32]
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import time

from servers import DATA, aquifer_server

ROWS, THREADS = 8000, 2
SECONDS = 4.0
EPOCHS = {1: 20, 32: 60}
"""n: the runs of Aquifer have n and 3n epochs."""


def main() -> None:
    options = _options()
    batches = [int(batch) for batch in options.batches.split(",")]
    if options.time_torch:
        print(torch_rate(batches[0]))
        return
    found: dict[tuple[int, str], list[float]] = {}
    with aquifer_server("--threads", str(THREADS)) as url:
        for _ in range(options.rounds):
            for batch in batches:
                found.setdefault((batch, "torch"), []).append(measured_torch(options.torch, batch))
                found.setdefault((batch, "Aquifer"), []).append(aquifer_rate(url, batch))
    for batch in batches:
        torch, ours = (statistics.median(found[batch, peer]) for peer in ("torch", "Aquifer"))
        rates = f"PyTorch {torch:>9,.0f} rows/s, Aquifer {ours:>9,.0f} rows/s"
        print(f"batch {batch:3}: {rates}, {ours / torch:.2f}x")


def measured_torch(python: str, batch: int) -> float:
    """PyTorch's rows per second, in a process of its own."""
    command = [python, "-E", __file__, "--time-torch", "--batches", str(batch)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def aquifer_rate(url: str, batch: int) -> float:
    """Aquifer's rows per second, at its client."""
    import h2o
    from h2o.estimators import H2ODeepLearningEstimator

    h2o.connect(url, verbose=False)
    h2o.no_progress()
    frame = h2o.import_file(str(DATA / "mnist_test.csv.gz"))[:ROWS, :]
    frame["C785"] = frame["C785"].asfactor()
    seconds = []
    for epochs in (0.1, EPOCHS.get(batch, 60), 3 * EPOCHS.get(batch, 60)):
        model = H2ODeepLearningEstimator(
            hidden=[200, 200], epochs=epochs, mini_batch_size=batch, stopping_rounds=0, score_interval=1000,
            classification_stop=-1, variable_importances=False, overwrite_with_best_model=False,
        )  # fmt: skip
        begun = time.perf_counter()
        model.train(y="C785", training_frame=frame)
        seconds.append(time.perf_counter() - begun)
    return 2 * EPOCHS.get(batch, 60) * ROWS / (seconds[2] - seconds[1])


def torch_rate(batch: int) -> float:
    """Rows per second of PyTorch's usual loop; runs where torch is installed."""
    import gzip

    import numpy as np
    import torch

    with gzip.open(DATA / "mnist_test.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",", max_rows=ROWS, dtype=np.float32)
    spread = table[:, :-1].std(axis=0)
    inputs = ((table[:, :-1] - table[:, :-1].mean(axis=0)) / np.where(spread > 0, spread, 1))[:, spread > 0]
    x, y = torch.tensor(inputs), torch.tensor(table[:, -1].astype(np.int64))
    torch.set_num_threads(THREADS)
    sizes = [x.shape[1], 200, 200, 10]
    layers: list[torch.nn.Module] = []
    for inputs_of, outputs in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(inputs_of, outputs), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    rule = torch.optim.Adadelta(net.parameters(), lr=1.0, rho=0.99, eps=1e-8)
    loss = torch.nn.CrossEntropyLoss()
    order = torch.randperm(ROWS)
    x, y = x[order], y[order]
    done, begun = 0, 0.0
    for turn in range(1_000_000):
        if turn == 20:  # the first are slow
            done, begun = 0, time.perf_counter()
        start = turn * batch % (ROWS - batch + 1)
        rule.zero_grad(set_to_none=True)
        loss(net(x[start : start + batch]), y[start : start + batch]).backward()
        rule.step()
        done += batch
        if begun and time.perf_counter() - begun > SECONDS:
            break
    return done / (time.perf_counter() - begun)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--torch", default=sys.executable, help="python with PyTorch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", default=",".join(map(str, EPOCHS)))
    parser.add_argument("--time-torch", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
