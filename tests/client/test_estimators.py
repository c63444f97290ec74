"""Parameters are checked before they are sent; columns are told apart; the model is what the server made."""

from __future__ import annotations

import inspect
from typing import Any

import h2o
import pytest
from h2o._expression import Expression
from h2o.estimators import H2OAutoEncoderEstimator, H2ODeepLearningEstimator
from h2o.exceptions import H2OJobCancelled, H2OTypeError, H2OValueError, H2OWarning

CHECKED: dict[str, tuple[str, Any, Any]] = {
    "exact spelling": ("activation", "RectifierWithDropout", "RectifierWithDropout"),
    "other spelling": ("activation", "rectifier_with_dropout", "RectifierWithDropout"),
    "capitals": ("distribution", "MULTINOMIAL", "multinomial"),
    "a list": ("hidden", (32, 32), [32, 32]),
    "one for a list": ("hidden", 32, [32]),
    "reals for a list": ("hidden_dropout_ratios", [0.5, 0], [0.5, 0.0]),
    "a whole real": ("seed", 5.0, 5),
    "a real": ("epochs", 1, 1.0),
    "a flag": ("sparse", 1, True),
    "unset": ("seed", None, None),
}


@pytest.mark.parametrize(("name", "given", "kept"), CHECKED.values(), ids=CHECKED.keys())
def test_parameters_are_kept_as_they_will_be_sent(name: str, given: Any, kept: Any) -> None:
    model = H2ODeepLearningEstimator(**{name: given})
    assert getattr(model, name) == kept
    assert model.given_params == {name: kept}


REFUSED: dict[str, tuple[dict[str, Any], Any, str]] = {
    "a misspelt name": ({"hiden": [3]}, H2OValueError, "'hiden': did you mean 'hidden'"),
    "a misspelt value": (
        {"activation": "Rectifer"},
        H2OValueError,
        "activation 'Rectifer': did you mean 'Rectifier'",
    ),
    "an unknown value": ({"loss": "zzz"}, H2OValueError, "there are 'Automatic', 'CrossEntropy'"),
    "a text for a number": ({"epochs": "ten"}, H2OTypeError, "epochs is a number, not 'ten'"),
    "a real for a whole number": ({"seed": 1.5}, H2OTypeError, "seed is a whole number"),
    "a text in a list of numbers": ({"hidden": [3, "x"]}, H2OTypeError, "hidden is a whole number, not 'x'"),
    "a number for a flag": ({"sparse": 2}, H2OTypeError, "sparse is True or False"),
}


@pytest.mark.parametrize(("given", "error", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_wrong_parameters_are_refused_at_once(given: dict[str, Any], error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        H2ODeepLearningEstimator(**given)


def test_parameters_show_the_servers_defaults_and_can_be_set_later() -> None:
    model = H2ODeepLearningEstimator()
    assert (model.epochs, model.hidden, model.activation) == (10.0, [200, 200], "Rectifier")
    model.epochs = 3
    assert model.given_params == {"epochs": 3.0}
    with pytest.raises(H2OTypeError, match="epochs"):
        model.epochs = "many"


def test_parameters_are_got_and_set_as_by_scikit_learn() -> None:
    model = H2ODeepLearningEstimator(hidden=[3])
    assert model.set_params(epochs=2) is model
    asked = model.get_params()
    assert (asked["hidden"], asked["epochs"], asked["l1"]) == ([3], 2.0, 0.0)
    assert H2ODeepLearningEstimator(**asked).get_params() == asked
    with pytest.raises(H2OValueError, match="did you mean 'epochs'"):
        model.set_params(epoch=2)


def test_joining_needs_a_start() -> None:
    with pytest.raises(H2OValueError, match="call start"):
        H2ODeepLearningEstimator().join()


@pytest.mark.parametrize("parameter", H2ODeepLearningEstimator.parameters.values(), ids=lambda p: p.name)
def test_every_default_passes_its_own_check(parameter: Any) -> None:
    model = H2ODeepLearningEstimator(**{parameter.name: parameter.default})
    assert model.given_params == {parameter.name: parameter.default}


def test_an_autoencoder_takes_the_same_parameters_and_is_one() -> None:
    model = H2OAutoEncoderEstimator(hidden=[3], activation="tanh")
    assert model.given_params == {"hidden": [3], "activation": "Tanh", "autoencoder": True}
    assert model.parameters == H2ODeepLearningEstimator.parameters


def test_the_signature_shows_the_parameters() -> None:
    signature = inspect.signature(H2ODeepLearningEstimator)
    assert signature.parameters["hidden"].default == [200, 200]
    assert list(signature.parameters) == list(H2ODeepLearningEstimator.parameters)


JOB = {"key": {"name": "j"}, "dest": {"name": "m"}, "status": "DONE", "progress": 1.0}
MODEL = {"models": [{"model_id": {"name": "m"}, "algo": "deeplearning", "algo_full_name": "Deep Learning",
                     "parameters": [], "output": {"model_category": "Regression"}}]}  # fmt: skip
COLUMN = {"domain": None, "mins": [0], "maxs": [1], "mean": 0, "sigma": 1, "data": [], "string_data": None,
          "type": "real", "zero_count": 0, "missing_count": 0}  # fmt: skip


@pytest.fixture
def training(scripted: Any) -> tuple[Any, h2o.H2OFrame]:
    columns = [{"label": name, **COLUMN} for name in ("a", "b", "w", "y")]
    connection, transport = scripted(
        {
            "GET /3/Frames/data": {"frames": [{"rows": 9, "columns": columns}]},
            "POST /3/ModelBuilders/deeplearning": {"job": JOB, "messages": None},
            "GET /3/Jobs/j": {"jobs": [JOB]},
            "GET /3/Models/m": MODEL,
        }
    )
    return transport, h2o.H2OFrame._of(Expression.of_key("data", connection))


def sent(transport: Any) -> dict[str, str]:
    return next(dict(r.form) for r in transport.requests if r.path == "/3/ModelBuilders/deeplearning")


TRAINED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "all other columns": ({}, {"y": "y"}, {"response_column": "y"}),
    "a response by index": ({}, {"y": -1}, {"response_column": "y"}),
    "predictors by name": ({}, {"x": ["a"], "y": "y"}, {"ignored_columns": '["b","w"]'}),
    "predictors by index": ({}, {"x": range(2), "y": "y"}, {"ignored_columns": '["w"]'}),
    "predictors by both": ({}, {"x": ["a", 1], "y": "y"}, {"ignored_columns": '["w"]'}),
    "one predictor": ({}, {"x": "a", "y": "y"}, {"ignored_columns": '["b","w"]'}),
    "weights are not ignored": (
        {"weights_column": "w"}, {"x": ["a"], "y": "y"}, {"ignored_columns": '["b"]', "weights_column": "w"},
    ),
    "an autoencoder has no response": ({"autoencoder": True}, {"x": list("abwy")}, {"autoencoder": "True"}),
    "only what was set": ({"hidden": [5, 5], "l1": 1e-5}, {"y": "y"}, {"hidden": "[5,5]", "l1": "1e-05"}),
}  # fmt: skip


@pytest.mark.parametrize(("parameters", "columns", "form"), TRAINED.values(), ids=TRAINED.keys())
def test_training_sends_what_was_asked(
    training: Any, parameters: Any, columns: Any, form: dict[str, str]
) -> None:
    transport, frame = training
    model = H2ODeepLearningEstimator(**parameters).train(**columns, training_frame=frame)
    assert sent(transport).items() >= {"training_frame": "data", **form}.items()
    assert set(sent(transport)) <= {"training_frame", "response_column", "ignored_columns", *parameters}
    assert model.model_id == "m"


MISTAKES: dict[str, tuple[dict[str, Any], Any, str]] = {
    "a misspelt response": ({"y": "yy"}, H2OValueError, "column for y 'yy': did you mean 'y'"),
    "a misspelt predictor": ({"x": ["aa"], "y": "y"}, H2OValueError, "column for x 'aa': did you mean 'a'"),
    "a predictor out of range": ({"x": [4], "y": "y"}, H2OValueError, "no column for x 4: the frame has 4"),
    "the response among the predictors": ({"x": ["a", "y"], "y": "y"}, H2OValueError, "among the predictors"),
    "no response": ({"x": ["a"]}, H2OValueError, "y, the response column, is missing"),
    "a frame that is none": (
        {"y": "y", "training_frame": [1]},
        H2OTypeError,
        "training_frame must be an H2OFrame",
    ),
}


@pytest.mark.parametrize(("given", "error", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_refused_before_a_job_starts(training: Any, given: Any, error: Any, words: str) -> None:
    transport, frame = training
    with pytest.raises(error, match=words):
        H2ODeepLearningEstimator().train(**{"training_frame": frame, **given})
    assert not any(request.path.startswith("/3/ModelBuilders") for request in transport.requests)


def test_the_servers_warnings_are_shown(training: Any) -> None:
    transport, frame = training
    message = {"message_type": "WARN", "field_name": "hidden", "message": "is large"}
    transport.answers["POST /3/ModelBuilders/deeplearning"] = {"job": JOB, "messages": [message]}
    told_again = {**JOB, "warnings": ["is large", "is slow"]}
    transport.answers["GET /3/Jobs/j"] = {"jobs": [told_again]}
    with pytest.warns(H2OWarning) as caught:
        H2ODeepLearningEstimator().train(y="y", training_frame=frame)
    assert [str(warning.message) for warning in caught] == ["hidden: is large", "is slow"]
    assert {warning.filename for warning in caught} == {__file__}, "at the user's line, not at ours"


def test_an_untrained_model_says_so() -> None:
    model = H2ODeepLearningEstimator()
    with pytest.raises(H2OValueError, match=r"call its train\(\) first"):
        model.mse()
    assert repr(model) == "H2ODeepLearningEstimator: not trained yet"


def test_interrupting_the_training_cancels_the_job(training: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    transport, frame = training
    running = {**JOB, "status": "RUNNING", "progress": 0.3}
    transport.answers["GET /3/Jobs/j"] = {"jobs": [running]}
    transport.answers["POST /3/Jobs/j/cancel"] = {}

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("h2o.job.time.sleep", interrupt)
    model = H2ODeepLearningEstimator()
    with pytest.raises(H2OJobCancelled, match="cancelled by the user"):
        model.train(y="y", training_frame=frame)
    assert transport.requests[-1].path == "/3/Jobs/j/cancel"
    assert not model.trained


def test_a_job_that_somebody_else_cancelled_says_so(training: Any) -> None:
    transport, frame = training
    transport.answers["GET /3/Jobs/j"] = {"jobs": [{**JOB, "status": "CANCELLED"}]}
    with pytest.raises(H2OJobCancelled, match="job j"):
        H2ODeepLearningEstimator().train(y="y", training_frame=frame)


SCORED: dict[str, tuple[Any, str, dict[str, str]]] = {
    "predictions": (lambda model, frame: model.predict(frame), "/4", {}),
    "a layer": (lambda model, frame: model.deepfeatures(frame, 1), "/4", {"deep_features_hidden_layer": "1"}),
    "a layer as text": (
        lambda model, frame: model.deepfeatures(frame, "0"), "/4", {"deep_features_hidden_layer": "0"},
    ),
    "a layer by name": (
        lambda model, frame: model.deepfeatures(frame, "DF.L2"),
        "/4",
        {"deep_features_hidden_layer_name": "DF.L2"},
    ),
    "anomalies": (
        lambda model, frame: model.anomaly(frame),
        "/3",
        {"reconstruction_error": "True", "reconstruction_error_per_feature": "False"},
    ),
    "anomalies by column": (
        lambda model, frame: model.anomaly(frame, per_feature=True),
        "/3",
        {"reconstruction_error": "True", "reconstruction_error_per_feature": "True"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "version", "form"), SCORED.values(), ids=SCORED.keys())
def test_a_frame_is_scored_as_asked(training: Any, call: Any, version: str, form: dict[str, str]) -> None:
    transport, frame = training
    place = "/Predictions/models/m/frames/data"
    transport.answers[f"POST /4{place}"] = {**JOB, "dest": {"name": "scored"}}
    transport.answers["GET /3/Jobs/j"] = {"jobs": [{**JOB, "dest": {"name": "scored"}}]}
    transport.answers[f"POST /3{place}"] = {"predictions_frame": {"name": "scored"}}
    transport.answers["POST /3/ModelBuilders/deeplearning"] = {"job": JOB, "messages": None}
    model = H2OAutoEncoderEstimator()
    model._load(frame._expression.connection, "m")
    assert call(model, frame).frame_id == "scored"
    request = next(one for one in transport.requests if one.path == f"{version}{place}")
    assert (request.form or {}) == form
