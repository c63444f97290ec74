"""The booklet's examples in Python, for H2O's client and ours: whichever is installed as `h2o` runs them.

    python booklet.py URL FOLDER_OF_DATA

Only the places of the data differ from what is printed there, and what an example gives is looked at. Each
that went through prints its name.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h2o
from h2o import H2OFrame
from h2o.estimators.deeplearning import H2OAutoEncoderEstimator, H2ODeepLearningEstimator

DATA = Path(sys.argv[2])
TRIAL = {
    "distribution": "multinomial",
    "activation": "RectifierWithDropout",
    "hidden": [32, 32, 32],
    "input_dropout_ratio": 0.2,
    "sparse": True,
    "l1": 1e-5,
}
BAD_HEARTBEATS = {20, 21, 22}


def imported(name: str) -> H2OFrame:
    return h2o.import_file(str(DATA / name))


class Digits:
    """MNIST, imported once, and the model of the trial run, which later examples go on from."""

    def __init__(self) -> None:
        self.train, self.test = imported("mnist_train.csv.gz"), imported("mnist_test.csv.gz")
        self.y = "C785"
        self.x = self.train.names[0:784]
        for frame in (self.train, self.test):
            frame[self.y] = frame[self.y].asfactor()
        self.model: Any = None

    def fit(self, model: Any) -> Any:
        model.train(x=self.x, y=self.y, training_frame=self.train, validation_frame=self.test)
        return model


def error(model: Any) -> float:
    """The share of the validation frame's digits that are taken for others."""
    return float(model.model_performance(valid=True).confusion_matrix().cell_values[-1][-2])


def trial_run(digits: Digits) -> None:
    digits.train.describe()
    digits.model = digits.fit(H2ODeepLearningEstimator(**TRIAL, epochs=10))
    assert error(digits.model) < 0.25, error(digits.model)
    model = digits.model
    assert model.params["hidden"]["actual"] == [32, 32, 32]
    print(model)
    model.model_performance(train=True)
    model.model_performance(valid=True)
    assert 0 < model.mse(valid=True) < 0.25
    predictions = model.predict(digits.test)
    assert predictions.names == ["predict", *(f"p{digit}" for digit in range(10))]
    assert predictions.nrow == 10_000
    predictions.head()


def variable_importances(digits: Digits) -> None:
    model = digits.fit(H2ODeepLearningEstimator(**TRIAL, epochs=1, variable_importances=True))
    rows = model.varimp()
    assert len(rows) > 600
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    assert rows[0][2] == 1


def early_stopping(digits: Digits) -> None:
    rule = {"stopping_rounds": 3, "stopping_tolerance": 0.05, "stopping_metric": "misclassification"}
    model = H2ODeepLearningEstimator(
        distribution="multinomial", hidden=[32, 32], l1=1e-3, score_interval=0.1, epochs=1000, **rule
    )
    epochs = digits.fit(model).scoring_history()["epochs"]
    assert 0 < list(epochs)[-1] < 1000


def checkpoint(digits: Digits) -> None:
    model = digits.fit(H2ODeepLearningEstimator(checkpoint=digits.model, **TRIAL, epochs=20))
    epochs = list(model.scoring_history()["epochs"])
    assert epochs[0] == 0
    assert max(epochs) > 10, epochs
    assert error(model) < error(digits.model) + 0.05
    found = h2o.get_model(model_id=model.model_id)
    assert found.mse(valid=True) == model.mse(valid=True)


def quantile_regression(_: Digits) -> None:
    train = imported("iris_wheader.csv")
    splits = train.split_frame(ratios=[0.75], seed=1234)
    dl = H2ODeepLearningEstimator(distribution="quantile", quantile_alpha=0.8)
    dl.train(x=[0, 1], y="petal_len", training_frame=splits[0])
    predicted = dl.predict(splits[1])
    print(predicted)
    assert predicted.nrow == splits[1].nrow
    assert dl.mean_residual_deviance() < 1, dl.mean_residual_deviance()  # few rows; without a seed


def ecg(hidden: list[int]) -> Any:
    model = H2OAutoEncoderEstimator(activation="Tanh", hidden=hidden, sparse=True, l1=1e-4, epochs=100)
    model.train(x=imported("ecg_discord_train.csv").names, training_frame=imported("ecg_discord_train.csv"))
    return model


def anomaly_detection(_: Digits) -> None:
    test = imported("ecg_discord_test.csv")
    model = ecg([50, 50, 50])
    errors = [float(row[0]) for row in model.anomaly(test).as_data_frame(use_pandas=False, header=False)]
    assert set(sorted(range(len(errors)), key=lambda row: errors[row])[-3:]) == BAD_HEARTBEATS, errors
    reconstructed = model.predict(test)
    assert reconstructed.shape == (23, 210)
    assert reconstructed.names[0] == "reconstr_C1"


def deep_autoencoder(_: Digits) -> None:
    test = imported("ecg_discord_test.csv")
    model = ecg([50, 20, 50])
    errors = model.anomaly(test).as_data_frame(use_pandas=False, header=False)
    assert len(errors) == 23
    assert model.deepfeatures(test, 1).shape == (23, 20)


def stacked_autoencoder(digits: Digits) -> None:
    train, test, names = digits.train, digits.test, digits.x
    for units in (100, 30):
        layer = H2OAutoEncoderEstimator(activation="Tanh", hidden=[units], l1=1e-5, epochs=1)
        layer.train(x=names, training_frame=train)
        train, test = layer.deepfeatures(train, 0), layer.deepfeatures(test, 0)
        names = train.names
        assert train.shape == (60_000, units)
    train, test = train.cbind(digits.train[digits.y]), test.cbind(digits.test[digits.y])
    model = H2ODeepLearningEstimator(hidden=[64], epochs=3)
    model.train(x=names, y=digits.y, training_frame=train, validation_frame=test)
    assert error(model) < 0.12, error(model)


def pretrained(digits: Digits) -> None:
    few, rest = digits.train.split_frame(ratios=[0.01], seed=1234)
    same = {"hidden": [32], "activation": "Tanh", "ignore_const_cols": False}  # few rows have other constants
    unsupervised = H2OAutoEncoderEstimator(**same, epochs=1)
    unsupervised.train(x=digits.x, training_frame=rest)
    model = H2ODeepLearningEstimator(**same, epochs=10, pretrained_autoencoder=unsupervised.model_id)
    model.train(x=digits.x, y=digits.y, training_frame=few, validation_frame=digits.test)
    assert error(model) < 0.35, error(model)


EXAMPLES: tuple[Callable[[Digits], None], ...] = (
    trial_run,
    variable_importances,
    early_stopping,
    checkpoint,
    quantile_regression,
    anomaly_detection,
    deep_autoencoder,
    stacked_autoencoder,
    pretrained,
)


def main() -> None:
    h2o.connect(url=sys.argv[1], strict_version_check=False)
    assert h2o.api("GET /3/Cloud")["product"].startswith("Aquifer")
    h2o.no_progress()
    with contextlib.redirect_stdout(io.StringIO()):
        digits = Digits()
    chosen = sys.argv[3:]
    for example in EXAMPLES:
        if not chosen or example.__name__ in chosen:
            with contextlib.redirect_stdout(io.StringIO()):
                example(digits)
            print("went through:", example.__name__, flush=True)
    h2o.remove_all()
    print("BOOKLET DONE")


if __name__ == "__main__":
    main()
