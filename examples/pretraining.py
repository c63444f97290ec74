"""Few labels: what an autoencoder that has seen all digits brings to a network that is taught by a few.

For each of five seeds, a few digits keep their labels. One network learns from these from random weights,
the other from the hidden layers of a denoising autoencoder of all training digits; they are the same
otherwise, and tested on the same digits. Without --data it uses the 1,797 digits inside the scikit-learn
package and 3 % of the labels; --data takes a CSV file (plain or gzip) whose last column is the digit, such
as MNIST's, and 1 %. docs/autoencoders.md has the errors of both.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import h2o
from digits import free_port, scikit_learn_digits
from h2o.estimators import H2OAutoEncoderEstimator, H2ODeepLearningEstimator

SEEDS = range(1, 6)


def main() -> None:
    """Compare on a server of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="CSV file whose last column is the digit")
    data = parser.parse_args().data

    h2o.init(port=free_port())
    h2o.no_progress()
    try:
        with tempfile.TemporaryDirectory() as folder:
            digits = h2o.import_file(str((data or scikit_learn_digits(Path(folder))).resolve()))
        compare(digits, labelled=0.01 if data else 0.03)
    finally:
        h2o.cluster().shutdown()


def compare(digits: h2o.H2OFrame, labelled: float) -> None:
    """Print both errors for each seed, and how often pre-training won."""
    response, pixels = digits.names[-1], digits.names[:-1]
    frame = (digits[pixels] / digits[pixels].max()).cbind(digits[response].asfactor())
    won = 0
    for seed in SEEDS:
        train, test = frame.split_frame(ratios=[0.8], seed=seed)
        few, _ = train.split_frame(ratios=[labelled], seed=seed)
        options: dict[str, Any] = {
            "hidden": [64, 64, 64], "activation": "Tanh", "ignore_const_cols": False, "standardize": False,
            "seed": seed,
        }  # fmt: skip
        auto = H2OAutoEncoderEstimator(
            **options, input_dropout_ratio=0.4, epochs=150 if train.nrow < 10_000 else 2
        )
        auto.train(x=pixels, training_frame=train)
        errors = []
        for start in (None, auto):
            model = H2ODeepLearningEstimator(
                **options, epochs=60, stopping_rounds=0, overwrite_with_best_model=False,
                classification_stop=-1, pretrained_autoencoder=start,
            )  # fmt: skip
            model.train(x=pixels, y=response, training_frame=few)
            table = model.model_performance(test).confusion_matrix().as_data_frame()
            errors.append(float(table["Error"].iloc[-1]))
        won += errors[1] < errors[0]
        print(f"seed {seed}, {few.nrow} labels: error {errors[0]:.1%}, pre-trained {errors[1]:.1%}")
    print(f"Pre-training is better {won} times of {len(SEEDS)}.")


if __name__ == "__main__":
    main()
