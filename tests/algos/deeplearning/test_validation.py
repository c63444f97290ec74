"""What is refused before a job starts: all errors at once, each with the parameter and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation import validate
from aquifer_algos.params import Message, Severity
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame

COLUMNS: dict[str, list[Any]] = {
    "x": [1.0, 2.0, 3.0, 4.0],
    "z": [0.0, 1.0, 1.0, 0.0],
    "same": [7.0, 7.0, 7.0, 7.0],
    "negative": [1.0, -1.0, 1.0, 1.0],
    "infinite": [1.0, float("inf"), 3.0, 2.0],
    "none": [None, None, None, None],
    "one level": ["a", "a", "a", "a"],
    "pair": ["a", "b", "a", "b"],
    "class": ["a", "b", "c", "a"],
}


AUTOENCODER = {"autoencoder": True, "response_column": None}


@pytest.fixture
def check(frame_of: Callable[..., Frame], cloud: Cloud) -> Callable[..., list[Message]]:
    def run(validation: Frame | None = None, **parameters: Any) -> list[Message]:
        asked = DeepLearningParameters(**{"training_frame": "f", "response_column": "class", **parameters})
        return list(validate(asked, Inputs(frame_of(COLUMNS), validation), cloud))

    return run


def of(messages: list[Message], severity: Severity) -> list[tuple[str, str]]:
    return [(message.field, message.text) for message in messages if message.severity is severity]


def test_the_auc_of_several_classes_can_be_watched_if_it_is_defined(check: Callable[..., Any]) -> None:
    assert not of(check(stopping_metric="AUC", auc_type="MACRO_OVR"), Severity.ERROR)


@pytest.mark.parametrize("response", ["x", "pair", "class"])
def test_sound_parameters_have_no_error(check: Callable[..., list[Message]], response: str) -> None:
    assert not of(check(response_column=response), Severity.ERROR)


@pytest.mark.parametrize(
    ("parameters", "field", "said"),
    [
        ({"response_column": None}, "response_column", "not set"),
        ({"response_column": "nope"}, "response_column", "'nope' not found"),
        ({"response_column": "same"}, "response_column", "constant"),
        ({"response_column": "one level"}, "response_column", "constant"),
        ({"response_column": "none"}, "response_column", "missing in every row"),
        ({"response_column": "infinite"}, "response_column", "infinite"),
        ({"ignored_columns": ["nope"]}, "ignored_columns", "'nope' not found"),
        ({"ignored_columns": ["x", "z", "negative", "infinite", "pair"]}, "training_frame", "no predictor"),
        ({"weights_column": "nope"}, "weights_column", "'nope' not found"),
        ({"weights_column": "pair"}, "weights_column", "must be numeric"),
        ({"weights_column": "negative"}, "weights_column", "value -1"),
        ({"weights_column": "x", "response_column": "x"}, "response_column", "different from weights_column"),
        ({"hidden": [0]}, "hidden", "must be >= 1"),
        ({"hidden": [20_000, 20_000]}, "hidden", "at most 100,000,000"),
        ({"hidden_dropout_ratios": [0.5, 0.5]}, "hidden_dropout_ratios", "RectifierWithDropout"),
        (
            {"hidden_dropout_ratios": [0.5], "activation": "TanhWithDropout"},
            "hidden_dropout_ratios",
            "must have 2",
        ),
        ({"loss": "CrossEntropy", "response_column": "x"}, "loss", "must be categorical"),
        (
            {"distribution": "multinomial", "response_column": "x"},
            "distribution",
            "not allowed for regression",
        ),
        ({"distribution": "gaussian"}, "distribution", "not allowed for classification"),
        ({"distribution": "tweedie"}, "distribution", "not allowed for classification"),
        ({"loss": "Quantile"}, "loss", "must be numeric"),
        (
            {"loss": "Absolute", "distribution": "poisson", "response_column": "x"},
            "distribution",
            "Only Automatic",
        ),
        (
            {"loss": "Huber", "distribution": "quantile", "response_column": "x"},
            "distribution",
            "Only Automatic or Quantile loss is allowed for quantile distribution, not Huber",
        ),
        (
            {"distribution": "poisson", "response_column": "negative"},
            "response_column",
            "a response >= 0, but 'negative' has the value -1",
        ),
        ({"distribution": "gamma", "response_column": "z"}, "response_column", "a response > 0"),
        ({"tweedie_power": 1.0}, "tweedie_power", "must be > 1 and < 2"),
        ({"quantile_alpha": 1.5}, "quantile_alpha", ">= 0 and <= 1"),
        ({"huber_alpha": -0.1}, "huber_alpha", ">= 0 and <= 1"),
        ({"max_w2": 0.0}, "max_w2", "> 0"),
        ({"offset_column": "x"}, "offset_column", "regression only"),
        ({"offset_column": "nope", "response_column": "x"}, "offset_column", "'nope' not found"),
        ({"offset_column": "pair", "response_column": "x"}, "offset_column", "must be numeric"),
        ({"offset_column": "none", "response_column": "x"}, "offset_column", "missing in every row"),
        ({"offset_column": "x", "response_column": "x"}, "response_column", "different from offset_column"),
        (
            {"offset_column": "z", "weights_column": "z", "response_column": "x"},
            "offset_column",
            "different from weights_column",
        ),
        ({"epochs": float("inf")}, "epochs", "must be >= 0"),
        ({"rate": float("nan")}, "rate", "must be > 0"),
        ({"classification_stop": float("nan")}, "classification_stop", "must be finite"),
        ({"distribution": "bernoulli"}, "distribution", "2 classes, not 3"),
        ({"stopping_metric": "logloss", "response_column": "x"}, "stopping_metric", "for regression"),
        ({"stopping_metric": "AUC"}, "stopping_metric", "3 classes"),
        ({"stopping_metric": "deviance"}, "stopping_metric", "3 classes"),
        ({"balance_classes": True, "response_column": "x"}, "balance_classes", "requires classification"),
        ({"class_sampling_factors": [1, 2, 3]}, "class_sampling_factors", "requires balance_classes"),
        (
            {"class_sampling_factors": [1, 2], "balance_classes": True},
            "class_sampling_factors",
            "must have 3",
        ),
        (
            {"class_sampling_factors": [1, 0, 2], "balance_classes": True},
            "class_sampling_factors",
            "must be > 0",
        ),
        ({"max_after_balance_size": 0}, "max_after_balance_size", "must be > 0"),
        ({"nfolds": 5}, "nfolds", "not available yet"),
        ({"sparsity_beta": 0.1}, "sparsity_beta", "for autoencoders only"),
        (
            {**AUTOENCODER, "activation": "MaxoutWithDropout"},
            "activation",
            "not supported for an autoencoder",
        ),
        ({**AUTOENCODER, "loss": "CrossEntropy"}, "loss", "of classes"),
        ({**AUTOENCODER, "distribution": "poisson"}, "distribution", "not allowed for an autoencoder"),
        ({**AUTOENCODER, "stopping_metric": "MAE"}, "stopping_metric", "must be AUTO or MSE"),
        ({**AUTOENCODER, "offset_column": "x"}, "offset_column", "for supervised models only"),
        ({**AUTOENCODER, "balance_classes": True}, "balance_classes", "for supervised models only"),
        (
            {**AUTOENCODER, "sparsity_beta": 0.1, "activation": "Tanh", "average_activation": 1.0},
            "average_activation",
            "can only be > -1 and < 1",
        ),
        ({**AUTOENCODER, "sparsity_beta": 0.1}, "average_activation", "of Rectifier units can only be > 0"),
        ({**AUTOENCODER, "ignored_columns": [*COLUMNS]}, "training_frame", "no predictor"),
        ({**AUTOENCODER, "hidden": [20_000_000]}, "hidden", "at most 100,000,000"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(
    check: Callable[..., list[Message]], parameters: dict[str, Any], field: str, said: str
) -> None:
    errors = of(check(**parameters), Severity.ERROR)
    assert [name for name, _ in errors] == [field]
    assert said in errors[0][1]


def test_all_errors_come_at_once(check: Callable[..., list[Message]]) -> None:
    errors = of(check(hidden=[0], rho=2, l1=-1, response_column="nope", nfolds=2), Severity.ERROR)
    assert {name for name, _ in errors} == {"hidden", "rho", "l1", "response_column", "nfolds"}


def test_an_autoencoder_needs_no_response_and_says_that_it_leaves_one_out(
    check: Callable[..., list[Message]],
) -> None:
    assert not of(check(**AUTOENCODER), Severity.ERROR)
    messages = check(**{**AUTOENCODER, "response_column": "class"})
    assert not of(messages, Severity.ERROR)
    assert ("response_column", "An autoencoder learns no response: column 'class' is left out.") in of(
        messages, Severity.WARNING
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"x": [1.0, 2.0]}, "missing response column 'class'"),
        ({"x": [1.0], "class": [1.0]}, "is int in the validation"),
        ({"y": [1.0], "class": ["a"]}, "no columns in common with the training set: it has none of the pre"),
        ({"x": ["much"], "class": ["a"]}, "categorical column 'x' which is real-valued"),
    ],
)
def test_a_validation_frame_must_have_the_columns(
    check: Callable[..., list[Message]],
    frame_of: Callable[..., Frame],
    columns: dict[str, list[float]],
    said: str,
) -> None:
    ((field, text),) = of(check(validation=frame_of(columns)), Severity.ERROR)
    assert field == "validation_frame"
    assert said in text


def sound(values: list[Any]) -> Any:
    """A value that a row can be used with, in a column like this."""
    return "a" if any(isinstance(value, str) for value in values) else 5


NO_ROW_LEFT: dict[str, tuple[dict[str, list[Any]], dict[str, list[Any]] | None, dict[str, Any], str, str]] = {
    "skipping rows with a missing predictor": (
        {"x": [1, None, 2, None], "z": [None, 1, None, 2], "y": [1, 2, 3, 4]},
        None,
        {"missing_values_handling": "Skip"},
        "missing_values_handling",
        "in each a predictor is missing, or a known value of [y] is missing. Use MeanImputation",
    ),
    "skipping infinite numbers": (
        {"x": [1, float("inf"), 2, float("inf")], "z": [None, 1, None, 2], "y": [1, 2, 3, 4]},
        None,
        {"missing_values_handling": "Skip"},
        "missing_values_handling",
        "leaves no row",
    ),
    "an autoencoder's rows": (
        {"x": [1, None, 2, None], "c": [None, "a", None, "b"]},
        None,
        {"missing_values_handling": "Skip", **AUTOENCODER},
        "missing_values_handling",
        "in each a predictor is missing. Use MeanImputation",
    ),
    "a weight only where the response is missing": (
        {"x": [1, 2, 3, 4], "y": [1, None, 3, None], "w": [0, 1, None, 2]},
        None,
        {"weights_column": "w"},
        "training_frame",
        "in each a known value of [y] is missing, or the weight 'w' is 0 or missing",
    ),
    "an offset only where the response is missing": (
        {"x": [1, 2, 3, 4], "y": [1, None, 3, None], "o": [None, 1, None, 2]},
        None,
        {"offset_column": "o"},
        "training_frame",
        "a known value of [y, o] is missing",
    ),
    "a validation frame without responses": (
        {"x": [1, 2], "y": [1, 2]},
        {"x": [1, 2], "y": [None, None]},
        {},
        "validation_frame",
        "No row of the validation frame can be scored: in each a known value of [y] is missing.",
    ),
    "a validation frame of other classes": (
        {"x": [1, 2], "y": ["a", "b"]},
        {"x": [1, 2], "y": ["c", "d"]},
        {},
        "validation_frame",
        "No row of the validation frame can be scored",
    ),
}


@pytest.mark.parametrize(
    ("training", "validation", "parameters", "field", "said"), NO_ROW_LEFT.values(), ids=NO_ROW_LEFT
)
def test_a_frame_of_which_no_row_is_left_is_refused(
    frame_of: Callable[..., Frame],
    cloud: Cloud,
    training: dict[str, list[Any]],
    validation: dict[str, list[Any]] | None,
    parameters: dict[str, Any],
    field: str,
    said: str,
) -> None:
    asked = DeepLearningParameters(**{"training_frame": "f", "response_column": "y", **parameters})

    def errors(least: int) -> list[tuple[str, str]]:
        """With so many sound rows in each frame."""
        frames = [
            columns
            and frame_of({name: [*values, *[sound(values)] * least] for name, values in columns.items()})
            for columns in (training, validation)
        ]
        return of(list(validate(asked, Inputs(*frames), cloud)), Severity.ERROR)

    ((found, text),) = errors(0)
    assert found == field
    assert said in text
    assert not errors(1)


@pytest.mark.parametrize(
    ("encoding", "said"), [("Enum", "need numbers"), ("OneHotExplicit", "much faster with OneHotInternal")]
)
def test_encodings_for_other_algorithms_are_refused(
    check: Callable[..., list[Message]], encoding: str, said: str
) -> None:
    ((field, text),) = of(check(categorical_encoding=encoding), Severity.ERROR)
    assert field == "categorical_encoding"
    assert said in text


def test_a_million_levels_are_refused_with_the_sizes_and_what_would_do(
    frame_of: Callable[..., Frame], cloud: Cloud
) -> None:
    levels = tuple(f"level{n}" for n in range(1_000_000))
    frame = frame_of({"c": levels[:3], "y": [1.0, 2.0, 3.0]}, {"c": levels})

    def errors(**parameters: Any) -> list[tuple[str, str]]:
        asked = DeepLearningParameters(training_frame="f", response_column="y", **parameters)
        return of(list(validate(asked, Inputs(frame), cloud)), Severity.ERROR)

    ((field, text),) = errors()
    assert field == "hidden"
    assert "200,040,801 weights from 1,000,001 inputs" in text
    assert "max_categorical_features" in text
    assert "c: 1,000,000" in text
    assert not errors(max_categorical_features=1000)
    assert not errors(categorical_encoding="EnumLimited")


def test_dropped_columns_and_infinite_values_are_warned_of(check: Callable[..., list[Message]]) -> None:
    texts = [text for _, text in of(check(), Severity.WARNING)]
    assert "Dropping bad and constant columns: [same, none, one level]." in texts
    assert "Infinite values are taken as missing in the columns [infinite]." in texts


def test_sparse_warns_of_dense_columns_far_from_zero(frame_of: Callable[..., Frame], cloud: Cloud) -> None:
    frame = frame_of(
        {"far": [9.0, 10.0, 11.0], "near": [0.0, 1.0, -1.0], "rare": [0.0, 0.0, 9.0], "y": [1.0, 2.0, 3.0]}
    )
    asked = DeepLearningParameters(training_frame="f", response_column="y", sparse=True)
    assert [
        text
        for field, text in of(list(validate(asked, Inputs(frame), cloud)), Severity.WARNING)
        if "[far]" in text
    ]
    assert not of(
        list(validate(asked.model_copy(update={"sparse": False}), Inputs(frame), cloud)), Severity.WARNING
    )


def test_a_parameter_that_does_nothing_is_hinted_at_and_if_set_warned_of(
    check: Callable[..., list[Message]],
) -> None:
    assert ("rate", "rate is not used with adaptive_rate.") in of(check(), Severity.TRACE)
    assert ("rate", "rate is not used with adaptive_rate.") in of(check(rate=0.1), Severity.WARNING)
    assert "rate" not in {m.field for m in check(rate=0.1, adaptive_rate=False)}
