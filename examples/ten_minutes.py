"""How well handwritten digits are read after ten minutes of training: MNIST, on all cores of this machine.

    python examples/ten_minutes.py mnist_train.csv.gz mnist_test.csv.gz [--seconds 600] [--plot curve.png]

The last column of both files is the digit, the others are the pixels, from 0 to 255. Of the training file
a twelfth is held back: the model that reads it best is kept. The test file is looked at once, at the end.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import h2o
from digits import free_port
from h2o.estimators import H2ODeepLearningEstimator

HELD_BACK = 1 / 12


def main() -> None:
    """Train, and say how many digits of the test file are taken for others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("train", type=Path, help="CSV file to train on")
    parser.add_argument("test", type=Path, help="CSV file to be read in the end")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--hidden", default="800,800", help="units of each hidden layer")
    parser.add_argument("--plot", type=Path, help="draw error against epochs here (needs matplotlib)")
    options = parser.parse_args()
    h2o.init(port=free_port())
    try:
        journey(options)
    finally:
        h2o.cluster().shutdown()


def journey(options: argparse.Namespace) -> None:
    """Import, train for so many seconds, and look at the test file."""
    digits, test = read(options.train), read(options.test)
    rows = round(digits.nrow * (1 - HELD_BACK))
    model = H2ODeepLearningEstimator(
        hidden=[int(units) for units in options.hidden.split(",")],
        activation="RectifierWithDropout",
        input_dropout_ratio=0.2,
        max_w2=15,
        standardize=False,  # pixels lie within 0 and 1
        mini_batch_size=32,
        adaptive_rate=False,
        rate=0.3,
        rate_annealing=1e-6,
        momentum_start=0.5,
        momentum_ramp=300_000,
        momentum_stable=0.9,
        epochs=100_000,
        max_runtime_secs=options.seconds,
        stopping_rounds=0,
        score_interval=min(20, options.seconds / 5),
        score_training_samples=5_000,
        classification_stop=-1,
    )
    model.train(y=digits.names[-1], training_frame=digits[:rows, :], validation_frame=digits[rows:, :])
    history = model.scoring_history()
    scored = history[history["validation_classification_error"].notna()]
    epochs, errors = scored["epochs"].tolist(), scored["validation_classification_error"].tolist()
    for row in zip(scored["duration"], epochs, errors, strict=True):
        print("{:>20} {:8.1f} epochs {:8.2%}".format(*row))
    matrix = model.model_performance(test).confusion_matrix().as_data_frame()
    print(f"\n{test.nrow:,} digits it has not seen: error {matrix['Error'].iloc[-1]:.2%}")
    if options.plot:
        draw(epochs, errors, options.plot)


def read(path: Path) -> h2o.H2OFrame:
    """The digits of a file: pixels from 0 to 1, and the digit as a category."""
    frame = h2o.import_file(str(path.resolve()))
    pixels, digit = frame.names[:-1], frame.names[-1]
    return (frame[pixels] / 255).cbind(frame[digit].asfactor())


def draw(epochs: list[float], errors: list[float], path: Path) -> None:
    """Draw the errors on what was held back against epochs, without the first, which is large."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4))
    axes = figure.subplots()
    axes.plot(epochs[1:], [100 * error for error in errors[1:]], marker=".")
    axes.set(xlabel="epochs", ylabel="error on digits held back, %")
    figure.savefig(path, bbox_inches="tight")


if __name__ == "__main__":
    main()
