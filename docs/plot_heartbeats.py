"""Draw how well an autoencoder gives back heartbeats: `python docs/plot_heartbeats.py DATA FILE`.

DATA is a folder with ecg_discord_train.csv and ecg_discord_test.csv: 20 good heartbeats, and the same with
three bad ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import h2o
import matplotlib as mpl
from h2o.estimators import H2OAutoEncoderEstimator

BAD = 3


def main() -> None:
    """Train on a server of its own, and draw each heartbeat's error."""
    data, file = Path(sys.argv[1]), Path(sys.argv[2])
    h2o.init(port=54399)
    try:
        draw(errors(data), file)
    finally:
        h2o.cluster().shutdown()


def errors(data: Path) -> list[float]:
    """The reconstruction error of each heartbeat of the test data."""
    train, test = (h2o.import_file(data / f"ecg_discord_{part}.csv") for part in ("train", "test"))
    model = H2OAutoEncoderEstimator(activation="Tanh", hidden=[50, 20, 50], l1=1e-4, epochs=100, seed=1)
    model.train(x=train.names, training_frame=train)
    return list(model.anomaly(test).as_data_frame()["Reconstruction.MSE"])


def draw(errors: list[float], file: Path) -> None:
    """A bar for each heartbeat, on a logarithmic scale; the bad ones stand out."""
    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 2.8), layout="constrained")
    colours = ["0.6"] * (len(errors) - BAD) + ["tab:red"] * BAD
    axes.bar(range(1, len(errors) + 1), errors, color=colours)
    axes.set(yscale="log", xlabel="heartbeat", ylabel="reconstruction error")
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    main()
