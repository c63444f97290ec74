"""The first journey: handwritten digits from a file to predictions, through a real server.

Starts a server, imports the digits, trains a network on all cores, and says how well it reads digits it has
not seen. Without --data it uses the 1,797 digits inside the scikit-learn package; --data takes a CSV file
(plain or gzip) whose last column is the digit, such as MNIST's.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
from pathlib import Path

import h2o
from h2o.estimators import H2ODeepLearningEstimator


def main() -> None:
    """Walk the journey; the server it started ends with it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="CSV file whose last column is the digit")
    data = parser.parse_args().data

    h2o.init(port=free_port())
    try:
        with tempfile.TemporaryDirectory() as folder:
            digits = h2o.import_file(str((data or scikit_learn_digits(Path(folder))).resolve()))
        journey(digits)
    finally:
        h2o.cluster().shutdown()


def journey(digits: h2o.H2OFrame) -> None:
    """Turn the last column into a category, train on four fifths of the rows, and test on the rest."""
    response = digits.names[-1]
    digits[response] = digits[response].asfactor()
    train, test = digits.split_frame(ratios=[0.8], seed=42)

    model = H2ODeepLearningEstimator(
        hidden=[64, 64],
        activation="RectifierWithDropout",
        hidden_dropout_ratios=[0.1, 0.1],
        epochs=30 if train.nrow < 10_000 else 5,
        seed=42,
    )
    model.train(y=response, training_frame=train, validation_frame=test)

    performance = model.model_performance(test)
    print(performance.confusion_matrix())
    print(model.predict(test).head(5))
    wrong = performance.confusion_matrix().as_data_frame()["Error"].iloc[-1]
    print(f"\nAccuracy on {test.nrow:,} digits it has not seen: {1 - wrong:.2%}")


def scikit_learn_digits(folder: Path) -> Path:
    """Write scikit-learn's digits to a CSV file: 64 pixels and the digit."""
    from sklearn.datasets import load_digits

    path = folder / "digits.csv"
    load_digits(as_frame=True).frame.to_csv(path, index=False)
    return path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
