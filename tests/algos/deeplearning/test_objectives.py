"""What each distribution and loss makes of a response, end to end: known answers of a model without input.

With one predictor that says nothing, the best prediction is a location of the response: its mean for
likelihoods, its median or another quantile for absolute losses. So a wrong link, scale or sign shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.model import Model
from aquifer_algos.prediction import performance, predict
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store
from scipy.optimize import minimize_scalar
from scipy.special import huber
from sklearn.metrics import mean_tweedie_deviance

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
ROWS = 2000
OPTIONS: dict[str, Any] = {
    "training_frame": "f", "response_column": "y", "hidden": [], "seed": 1, "adaptive_rate": False,
    "rate": 0.02, "rate_annealing": 2e-4, "epochs": 40, "stopping_rounds": 0,
    "overwrite_with_best_model": False, "train_samples_per_iteration": ROWS, "reproducible": True,
}  # fmt: skip
RANDOM = np.random.default_rng(0)
# Skewed, so that mean, median and quantiles are far apart.
Y = RANDOM.gamma(1.0, 5.0, ROWS) + 0.5
NOISE = RANDOM.normal(size=ROWS)

Train = Callable[..., Model]
MakeFrame = Callable[..., Frame]


@pytest.fixture
def skewed(frame_of: MakeFrame, store: Store) -> Frame:
    frame = frame_of({"x": NOISE, "y": Y})
    store.put("f", frame)
    return frame


MEAN, MEDIAN = float(Y.mean()), float(np.median(Y))


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, MEAN),
        ({"distribution": "gaussian"}, MEAN),
        ({"distribution": "poisson", "rate": 0.002}, MEAN),
        ({"distribution": "gamma"}, MEAN),
        ({"distribution": "tweedie"}, MEAN),
        ({"distribution": "laplace"}, MEDIAN),
        ({"loss": "Absolute"}, MEDIAN),
        ({"distribution": "gaussian", "loss": "Absolute"}, MEDIAN),
        ({"distribution": "quantile"}, MEDIAN),
        ({"distribution": "quantile", "quantile_alpha": 0.9}, float(np.quantile(Y, 0.9))),
        ({"loss": "Quantile", "quantile_alpha": 0.2}, float(np.quantile(Y, 0.2))),
        ({"loss": "Huber", "huber_alpha": 1.0}, MEAN),
    ],
    ids=lambda asked: "-".join(map(str, asked.values())) if isinstance(asked, dict) else None,
)
def test_without_input_the_best_location_is_learnt(
    skewed: Frame, cloud: Cloud, train: Train, asked: dict[str, Any], expected: float, standardize: bool
) -> None:
    model = train(**OPTIONS | asked, standardize=standardize)
    (predicted,) = cloud.read(predict(cloud, model, skewed))
    assert predicted.mean() == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_huber_alpha_is_the_share_of_errors_that_count_squared(
    skewed: Frame, cloud: Cloud, train: Train
) -> None:
    model = train(**OPTIONS, distribution="huber", huber_alpha=0.6)
    (predicted,) = cloud.read(predict(cloud, model, skewed))
    y = cloud.read(skewed.select(["y"]))[0]
    delta = model.data.response.distribution.number
    assert np.mean(np.abs(y - predicted) <= delta) == pytest.approx(0.6, abs=0.01)
    best = minimize_scalar(lambda location: huber(delta, y - location).sum()).x
    assert predicted.mean() == pytest.approx(best, rel=0.03)
    assert MEDIAN < predicted.mean() < 0.9 * MEAN
    expected = 2 * huber(delta, y - predicted).mean()
    assert model.output.training_metrics.mean_residual_deviance == pytest.approx(expected)  # type: ignore[union-attr]


@pytest.mark.parametrize("power", [1.2, 1.8])
def test_tweedie_power_is_that_of_the_deviance(
    skewed: Frame, cloud: Cloud, train: Train, power: float
) -> None:
    model = train(**OPTIONS, distribution="tweedie", tweedie_power=power)
    (predicted,) = cloud.read(predict(cloud, model, skewed))
    expected = mean_tweedie_deviance(Y, predicted, power=power)
    assert performance(cloud, model, skewed).mean_residual_deviance == pytest.approx(expected)  # type: ignore[union-attr]
    assert model.output.training_metrics.mean_residual_deviance == pytest.approx(expected, rel=1e-4)  # type: ignore[union-attr]


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize(
    ("distribution", "response"),
    [("gaussian", lambda x, o: 3 + 2 * x + o), ("poisson", lambda x, o: np.exp(0.5 + 0.3 * x + o))],
    ids=["gaussian", "poisson"],
)
def test_an_offset_is_added_to_what_is_learnt_whatever_its_sign(
    frame_of: MakeFrame,
    store: Store,
    cloud: Cloud,
    train: Train,
    distribution: str,
    response: Any,
    sparse: bool,
) -> None:
    x, offset = NOISE, np.random.default_rng(1).uniform(-1, 1, ROWS)
    frame = frame_of({"x": x, "o": offset, "y": response(x, offset)})
    store.put("f", frame)
    model = train(**OPTIONS, distribution=distribution, offset_column="o", sparse=sparse)
    assert model.names == ("x", "o", "y")
    (predicted,) = cloud.read(predict(cloud, model, frame))
    np.testing.assert_allclose(predicted, response(x, offset), rtol=0.05, atol=0.1)
    shifted = frame_of({"x": x, "o": offset - 1, "y": response(x, offset)})
    (lower,) = cloud.read(predict(cloud, model, shifted))
    expected = predicted - 1 if distribution == "gaussian" else predicted / np.e
    np.testing.assert_allclose(lower, expected, rtol=1e-4, atol=1e-4)
    assert model.output.training_metrics.mse == pytest.approx(performance(cloud, model, frame).mse, rel=1e-3)


def test_rows_without_an_offset_are_not_trained_and_not_predicted(
    frame_of: MakeFrame, store: Store, cloud: Cloud, train: Train
) -> None:
    frame = frame_of({"x": [0.0, 1.0, 2.0, 3.0], "o": [1.0, None, 0.0, 1.0], "y": [1.0, 2.0, 3.0, 4.0]})
    store.put("f", frame)
    model = train(**OPTIONS, offset_column="o")
    assert model.output.training_metrics.nobs == 3
    assert np.isnan(cloud.read(predict(cloud, model, frame))[0]).tolist() == [False, True, False, False]
    with pytest.raises(InvalidArgument, match="no offset column 'o'"):
        predict(cloud, model, frame.select(["x"]))


@pytest.mark.parametrize("distribution", ["gaussian", "poisson", "laplace"])
def test_a_row_of_weight_3_is_three_rows(
    frame_of: MakeFrame, store: Store, cloud: Cloud, train: Train, distribution: str
) -> None:
    y = [1.0, 5.0, 9.0] * 200
    frame = frame_of({"x": NOISE[:600], "w": [1.0, 1.0, 3.0] * 200, "y": y})
    store.put("f", frame)
    model = train(**OPTIONS | {"epochs": 60}, distribution=distribution, weights_column="w")
    (predicted,) = cloud.read(predict(cloud, model, frame))
    expected = 9.0 if distribution == "laplace" else (1 + 5 + 3 * 9) / 5
    assert predicted.mean() == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("loss", ["CrossEntropy", "Quadratic", "Absolute", "Huber"])
@pytest.mark.parametrize("activation", ["Maxout", "ExpRectifierWithDropout"])
def test_classes_are_learnt_by_every_loss_of_classes(
    iris: Frame, store: Store, train: Train, loss: str, activation: str
) -> None:
    store.put("iris", iris)
    model = train(
        training_frame="iris", response_column="class", hidden=[20, 20], activation=activation, epochs=100,
        hidden_dropout_ratios=[0.1, 0.1] if activation.endswith("Dropout") else None, loss=loss, seed=1,
        initial_weight_distribution="Uniform", initial_weight_scale=0.3, stopping_rounds=0,
    )  # fmt: skip
    assert model.output.training_metrics.err <= 0.05  # type: ignore[union-attr]
    assert f"{loss} loss" in model.output.model_summary.description
    assert model.output.variable_importances is not None
