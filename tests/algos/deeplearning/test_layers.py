"""Weights and biases that a training starts from, and those that come out of a model, as frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation import validate
from aquifer_algos.model import Model
from aquifer_algos.params import Severity
from aquifer_algos.prediction import predict
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
UNTRAINED: dict[str, Any] = {
    "training_frame": "f",
    "response_column": "y",
    "hidden": (3,),
    "seed": 1,
    "epochs": 0.0,
}

Train = Callable[..., Model]
MakeFrame = Callable[..., Frame]
Matrix = np.ndarray[Any, Any]


@pytest.fixture
def frame(frame_of: MakeFrame, store: Store) -> Frame:
    """Two numbers, a category, and a number to predict, as frame `f`."""
    a, b = np.random.default_rng(0).normal(3, 2, (2, 60))
    frame = frame_of({"a": a, "b": b, "c": ["p", "q", "r"] * 20, "y": 5 * a - b})
    store.put("f", frame)
    return frame


@pytest.fixture
def put(frame_of: MakeFrame, store: Store) -> Callable[[str, Matrix], str]:
    def run(key: str, matrix: Matrix) -> str:
        store.put(key, frame_of({f"C{i}": column for i, column in enumerate(matrix.T)}))
        return key

    return run


def inputs_of_rows(cloud: Cloud, frame: Frame) -> Matrix:
    """The standardised inputs: four units of the category, then the numbers."""
    a, b, c, _ = cloud.read(frame)
    one_hot = np.eye(4)[c]
    return np.column_stack([one_hot, *((v - v.mean()) / v.std(ddof=1) for v in (a, b))])


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("activation", "units", "apply"),
    [
        ("Tanh", 3, np.tanh),
        ("Rectifier", 3, lambda sums: np.maximum(sums, 0)),
        ("Maxout", 6, lambda sums: np.maximum(sums[:, :3], sums[:, 3:])),
    ],
)
def test_the_first_forward_pass_is_that_of_the_given_weights(
    frame: Frame, cloud: Cloud, train: Train, put: Callable[..., str], activation: str, units: int, apply: Any
) -> None:
    random = np.random.default_rng(1)
    first, second = random.normal(size=(units, 6)), random.normal(size=(1, 3))
    biases = random.normal(size=(units, 1)), random.normal(size=(1, 1))
    model = train(
        **UNTRAINED,
        activation=activation,
        initial_weights=(put("w0", first), put("w1", second)),
        initial_biases=(put("b0", biases[0]), put("b1", biases[1])),
    )
    hidden = apply(inputs_of_rows(cloud, frame) @ first.T + biases[0].T)
    y = cloud.read(frame)[3]
    expected = (hidden @ second.T + biases[1])[:, 0] * y.std(ddof=1) + y.mean()
    np.testing.assert_allclose(cloud.read(predict(cloud, model, frame))[0], expected, rtol=1e-4, atol=1e-4)


def test_what_is_not_given_is_left_to_chance(frame: Frame, train: Train, put: Callable[..., str]) -> None:
    given = np.arange(3.0)[None]
    model = train(**UNTRAINED, initial_weights=(None, put("w", given)))
    random = train(**UNTRAINED)
    networks = [one.scorer.network for one in (model, random)]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(networks[0].matrix(1), given)
    np.testing.assert_array_equal(networks[0].matrix(0), networks[1].matrix(0))
    np.testing.assert_array_equal(networks[0].bias(1), networks[1].bias(1))


@pytest.mark.parametrize("nodes", BOTH, indirect=True)
@pytest.mark.parametrize("activation", ["Rectifier", "Maxout"])
def test_a_models_weights_become_frames_that_another_can_start_from(
    frame: Frame, cloud: Cloud, store: Store, train: Train, activation: str
) -> None:
    options = {**UNTRAINED, "hidden": (3, 4), "activation": activation}
    model = train(**{**options, "epochs": 2.0}, export_weights_and_biases=True)
    layers = model.output.layers
    assert layers is not None
    assert layers.weights == ("model.weights.0", "model.weights.1", "model.weights.2")
    assert layers.biases == ("model.biases.0", "model.biases.1", "model.biases.2")
    network = model.scorer.network  # type: ignore[attr-defined]
    for layer, (weights, biases) in enumerate(zip(layers.weights, layers.biases, strict=True)):
        read = [np.column_stack(cloud.read(store.get(key, Frame))) for key in (weights, biases)]
        np.testing.assert_array_equal(read[0], network.matrix(layer))
        np.testing.assert_array_equal(read[1][:, 0], network.bias(layer))
    assert store.get(layers.weights[0], Frame).names == model.data.coefficients
    assert store.get(layers.weights[1], Frame).names == ("C1", "C2", "C3")
    again = train(**options, initial_weights=layers.weights, initial_biases=layers.biases)
    np.testing.assert_array_equal(again.scorer.network.weights, network.weights)  # type: ignore[attr-defined]


def test_without_being_asked_for_there_are_no_frames(frame: Frame, store: Store, train: Train) -> None:
    assert train(**UNTRAINED).output.layers is None
    assert store.keys() == ["f", "model"]


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("initial_weights", (2, 3), "of layer 2 has 2 rows and 3 columns, but that layer needs 1 rows and 3"),
        ("initial_weights", (1, 4), "of layer 2 has 1 rows and 4 columns, but that layer needs 1 rows and 3"),
        ("initial_biases", (2, 1), "of layer 2 has 2 rows and 1 columns, but that layer needs 1 rows and 1"),
    ],
)
def test_frames_of_another_shape_are_refused_with_both_shapes(
    cloud: Cloud, frame: Frame, frame_of: MakeFrame, name: str, shape: tuple[int, int], said: str
) -> None:
    given = frame_of({f"C{i}": np.ones(shape[0]) for i in range(shape[1])})
    (text,) = refused(cloud, Inputs(frame, None, {}, {name: (None, given)}))
    assert said in text
    (text,) = refused(cloud, Inputs(frame, None, {}, {name: (given, None)}))
    assert f"{name} of layer 1 has" in text
    assert (
        "needs 3 rows and 6 columns" if name == "initial_weights" else "needs 3 rows and 1 columns"
    ) in text


def test_lists_of_another_length_and_what_is_no_number_are_refused(
    cloud: Cloud, frame: Frame, frame_of: MakeFrame
) -> None:
    fine = frame_of({"x": [1.0], "y": [1.0], "z": [1.0]})
    (text,) = refused(cloud, Inputs(frame, None, {}, {"initial_weights": (fine,)}))
    assert "has 1 entries, but must have 2" in text
    for value in ("a", None, float("inf")):
        given = frame_of({"x": [1.0], "y": [1.0], "z": [value]})
        (text,) = refused(cloud, Inputs(frame, None, {}, {"initial_weights": (None, given)}))
        assert "column 'z'" in text


def refused(cloud: Cloud, inputs: Inputs) -> list[str]:
    """What validation says against the given layers."""
    messages = validate(DeepLearningParameters(**UNTRAINED), inputs, cloud)
    return [one.text for one in messages if one.severity is Severity.ERROR]
