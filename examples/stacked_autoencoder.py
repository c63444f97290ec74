"""A deep autoencoder, learnt layer by layer: each gives back what the one before makes of the digits.

Training all layers at once may not get far. Here a first autoencoder learns the pixels, a second one the
deep features of the first, and so on; the last features are few, and still tell the digits apart: a network
learns them from labels, and is tested on digits that no layer has seen. Without --data it uses the 1,797
digits inside the scikit-learn package; --data takes a CSV file (plain or gzip) whose last column is the
digit, such as MNIST's.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import h2o
from digits import free_port, scikit_learn_digits
from h2o.estimators import H2OAutoEncoderEstimator, H2ODeepLearningEstimator

LAYERS = (40, 25, 15)


def main() -> None:
    """Learn the layers on a server of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="CSV file whose last column is the digit")
    data = parser.parse_args().data

    h2o.init(port=free_port())
    h2o.no_progress()
    try:
        with tempfile.TemporaryDirectory() as folder:
            digits = h2o.import_file(str((data or scikit_learn_digits(Path(folder))).resolve()))
        stack(digits)
    finally:
        h2o.cluster().shutdown()


def stack(digits: h2o.H2OFrame) -> None:
    """Learn four fifths of the digits layer by layer, and read the others from their last features."""
    response, pixels = digits.names[-1], digits.names[:-1]
    digits[response] = digits[response].asfactor()
    train, test = digits.split_frame(ratios=[0.8], seed=1)
    layers = learn(train[pixels], LAYERS, epochs=50 if train.nrow < 10_000 else 3)
    train_features, test_features = (encode(frame[pixels], layers) for frame in (train, test))
    reader = H2ODeepLearningEstimator(hidden=[20], epochs=30, seed=1)
    reader.train(y=response, training_frame=train_features.cbind(train[response]))
    performance = reader.model_performance(test_features.cbind(test[response]))
    wrong = performance.confusion_matrix().as_data_frame()["Error"].iloc[-1]
    print(f"Accuracy from {LAYERS[-1]} features on {test.nrow:,} digits that are new: {1 - wrong:.2%}")


def learn(frame: h2o.H2OFrame, units: Sequence[int], epochs: float) -> list[H2OAutoEncoderEstimator]:
    """An autoencoder of one hidden layer for each number of units, the first of the frame itself."""
    layers = []
    for count in units:
        layer = H2OAutoEncoderEstimator(hidden=[count], activation="Tanh", epochs=epochs, seed=1)
        layer.train(x=frame.names, training_frame=frame)
        print(f"{frame.ncol} inputs, {count} units: reconstruction error {layer.mse():.4f}")
        frame = layer.deepfeatures(frame, 0)
        layers.append(layer)
    return layers


def encode(frame: h2o.H2OFrame, layers: Sequence[H2OAutoEncoderEstimator]) -> h2o.H2OFrame:
    """The last features of each row."""
    for layer in layers:
        frame = layer.deepfeatures(frame, 0)
    return frame


if __name__ == "__main__":
    main()
