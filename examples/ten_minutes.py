"""How well handwritten digits are read after ten minutes of training: MNIST, on all cores of this machine.

    python examples/ten_minutes.py mnist_train.csv.gz mnist_test.csv.gz [--seconds 600]

The last column of both files is the digit. Of the training file 5,000 rows are held back: the model that
reads them best is kept. The test file is looked at once, at the end.
"""

from __future__ import annotations

import argparse

import h2o
from digits import free_port
from h2o.estimators import H2ODeepLearningEstimator

HELD_BACK = 5_000


def main() -> None:
    """Train, and say how many digits of the test file are taken for others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("train", help="CSV file to train on")
    parser.add_argument("test", help="CSV file to be read in the end")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--hidden", default="512,512", help="units of each hidden layer")
    options = parser.parse_args()
    h2o.init(port=free_port())
    try:
        journey(options)
    finally:
        h2o.cluster().shutdown()


def journey(options: argparse.Namespace) -> None:
    """Import, train for so many seconds, and look at the test file."""
    digits, test = h2o.import_file(options.train), h2o.import_file(options.test)
    response = digits.names[-1]
    for frame in (digits, test):
        frame[response] = frame[response].asfactor()
    rows = digits.nrow - HELD_BACK
    model = H2ODeepLearningEstimator(
        hidden=[int(units) for units in options.hidden.split(",")],
        activation="RectifierWithDropout",
        input_dropout_ratio=0.2,
        l1=1e-5,
        max_w2=10,
        epochs=100_000,
        max_runtime_secs=options.seconds,
        stopping_rounds=0,
        score_interval=20,
        score_training_samples=1_000,
        classification_stop=-1,
    )
    model.train(y=response, training_frame=digits[:rows, :], validation_frame=digits[rows:, :])
    history = model.scoring_history()
    for _, row in history[history["validation_classification_error"].notna()].iterrows():
        print(
            f"{row['duration']:>20} {row['epochs']:8.1f} epochs {row['validation_classification_error']:.4f}"
        )
    matrix = model.model_performance(test).confusion_matrix().as_data_frame()
    print(f"\n{test.nrow:,} digits it has not seen: error {matrix['Error'].iloc[-1]:.2%}")


if __name__ == "__main__":
    main()
