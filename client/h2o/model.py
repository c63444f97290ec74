"""A trained model on the server."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from h2o._connection import Connection, current
from h2o._expression import Expression
from h2o._model_output import ModelOutput
from h2o._model_plots import ModelPlots
from h2o.display import Table, to_html, to_text
from h2o.exceptions import H2OTypeError, H2OValueError
from h2o.frame import H2OFrame
from h2o.job import H2OJob
from h2o.metrics import H2OModelMetrics

__all__ = ["H2OModel"]

# The flag by which a user names a set of rows, its field on the wire, and its name in print.
PARTS = {
    "train": ("training_metrics", "training data"),
    "valid": ("validation_metrics", "validation data"),
    "xval": ("cross_validation_metrics", "cross-validation"),
}
_TYPES = {
    "Binomial": "classifier",
    "Multinomial": "classifier",
    "Regression": "regressor",
    "AutoEncoder": "unsupervised",
}


def _forwarded(name: str) -> Callable[..., Any]:
    """The method of the metrics called ``name``, asked of the parts that the flags choose."""
    method = getattr(H2OModelMetrics, name)

    flags = [
        inspect.Parameter(part, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation=bool)
        for part in PARTS
    ]
    signature = inspect.signature(method)
    signature = signature.replace(parameters=[*signature.parameters.values(), *flags])

    def ask(*arguments: Any, **named: Any) -> Any:
        given = signature.bind(*arguments, **named)
        given.apply_defaults()
        self, *values = given.arguments.values()
        asked, chosen = values[: -len(flags)], values[-len(flags) :]
        return self._of_parts(*chosen, lambda metrics: getattr(metrics, name)(*asked))

    ask.__signature__ = signature  # type: ignore[attr-defined]
    ask.__name__ = name
    ask.__doc__ = f"{inspect.getdoc(method)}\n\nOf the training data, or of the parts that the flags choose."
    return ask


class H2OModel(ModelOutput, ModelPlots):
    """A model on the server; h2o.get_model() finds one, an estimator's train() makes one."""

    def __init__(self) -> None:
        self._wire: Mapping[str, Any] | None = None
        self._connection: Connection | None = None

    @classmethod
    def get_model(cls, model_id: str) -> H2OModel:
        """The model ``model_id`` of the server; raises H2OResponseError when there is none."""
        model = H2OModel()
        model._load(current(), model_id)
        return model

    def _load(self, connection: Connection, model_id: str) -> None:
        self._wire = connection.call("GET /3/Models/{}", model_id)["models"][0]
        self._connection = connection

    @property
    def trained(self) -> bool:
        """Whether there is a model behind this object yet."""
        return self._wire is not None

    @property
    def _trained_wire(self) -> Mapping[str, Any]:
        if self._wire is None:
            raise H2OValueError("this model is not trained yet: call its train() first")
        return self._wire

    @property
    def _output(self) -> Mapping[str, Any]:
        output: Mapping[str, Any] = self._trained_wire["output"]
        return output

    @property
    def _server(self) -> Connection:
        assert self._trained_wire is not None
        assert self._connection is not None
        return self._connection

    @property
    def model_id(self) -> str:
        """The model's key on the server."""
        return str(self._trained_wire["model_id"]["name"])

    key = model_id

    @property
    def algo(self) -> str:
        """The algorithm's name on the wire, such as deeplearning."""
        return str(self._trained_wire["algo"])

    @property
    def category(self) -> str:
        """Binomial, Multinomial, Regression or AutoEncoder."""
        return str(self._output["model_category"])

    @property
    def type(self) -> str:
        """classifier, regressor or unsupervised."""
        return _TYPES[self.category]

    @property
    def have_pojo(self) -> bool:
        """Whether the server can make a POJO of the model."""
        return bool(self._trained_wire["have_pojo"])

    @property
    def have_mojo(self) -> bool:
        """Whether the server can make a MOJO of the model."""
        return bool(self._trained_wire["have_mojo"])

    def detach(self) -> None:
        """Let go of the model, which stays on the server."""
        self._wire = None

    @property
    def full_parameters(self) -> dict[str, dict[str, Any]]:
        """Name → all that the server says of a parameter of the trained model."""
        return {parameter["name"]: dict(parameter) for parameter in self._trained_wire["parameters"]}

    @property
    def default_params(self) -> dict[str, Any]:
        """Name → the default of every parameter."""
        return {name: values["default"] for name, values in self.params.items()}

    @property
    def params(self) -> dict[str, dict[str, Any]]:
        """Name → {"default", "input", "actual"} for every parameter of the trained model."""
        return {
            parameter["name"]: {
                "default": parameter.get("default_value"),
                "input": parameter.get("input_value"),
                "actual": parameter.get("actual_value"),
            }
            for parameter in self._trained_wire["parameters"]
        }

    @property
    def actual_params(self) -> dict[str, Any]:
        """Name → the value that the training used."""
        return {name: _plain(values["actual"]) for name, values in self.params.items()}

    def weights(self, matrix_id: int = 0) -> H2OFrame:
        """The weights into a layer, the first hidden one being 0: a row for each of its units.

        Raises H2OValueError for a model trained without ``export_weights_and_biases``, and past the output.
        """
        return self._layer("weights", matrix_id)

    def biases(self, vector_id: int = 0) -> H2OFrame:
        """The biases of a layer, one row each: see ``weights``."""
        return self._layer("biases", vector_id)

    def _layer(self, kind: str, layer: int) -> H2OFrame:
        keys = self._output.get(kind)
        if not keys:
            raise H2OValueError(
                f"the model {self.model_id} has no {kind} as frames: train it with export_weights_and_biases"
            )
        if layer not in range(len(keys)):
            raise H2OValueError(f"there is no layer {layer}: {kind} are of the layers 0 to {len(keys) - 1}")
        return H2OFrame._of(Expression.of_key(keys[layer]["name"], self._server))

    def _part(self, part: str) -> H2OModelMetrics | None:
        field, on = PARTS[part]
        wire = self._output.get(field)
        return None if wire is None else H2OModelMetrics(wire, on)

    def _required(self, part: str) -> H2OModelMetrics:
        metrics = self._part(part)
        if metrics is None:
            raise H2OValueError(
                f"the model {self.model_id} has no metrics of {PARTS[part][1]}: train it with them"
            )
        return metrics

    def _of_parts(self, train: bool, valid: bool, xval: bool, ask: Callable[[H2OModelMetrics], Any]) -> Any:
        """``ask`` of the chosen part, by default of the training; of several, a dict by part."""
        chosen = [part for part, wanted in zip(PARTS, (train, valid, xval), strict=True) if wanted] or [
            "train"
        ]
        answers = {part: ask(self._required(part)) for part in chosen}
        return answers if len(answers) > 1 else answers[chosen[0]]

    def model_performance(
        self, test_data: H2OFrame | None = None, train: bool = False, valid: bool = False, xval: bool = False
    ) -> H2OModelMetrics:
        """The metrics on ``test_data``, or else of the chosen part of the training."""
        if test_data is None:
            part = "valid" if valid else "xval" if xval else "train"
            return self._required(part)
        frame_id = _checked(test_data).frame_id
        answer = self._server.call("POST /3/ModelMetrics/models/{}/frames/{}", self.model_id, frame_id)
        return H2OModelMetrics(answer["model_metrics"][-1], f"frame {frame_id}")

    mse, rmse, nobs, r2 = _forwarded("mse"), _forwarded("rmse"), _forwarded("nobs"), _forwarded("r2")
    mae, rmsle, logloss = _forwarded("mae"), _forwarded("rmsle"), _forwarded("logloss")
    mean_residual_deviance = _forwarded("mean_residual_deviance")
    mean_per_class_error = _forwarded("mean_per_class_error")
    auc, aucpr, gini = _forwarded("auc"), _forwarded("aucpr"), _forwarded("gini")
    null_deviance, residual_deviance = _forwarded("null_deviance"), _forwarded("residual_deviance")
    hit_ratio_table, gains_lift, roc = (
        _forwarded("hit_ratio_table"),
        _forwarded("gains_lift"),
        _forwarded("roc"),
    )
    multinomial_auc_table = _forwarded("multinomial_auc_table")
    multinomial_aucpr_table = _forwarded("multinomial_aucpr_table")
    pr_auc = aucpr
    F1, F2, F0point5, accuracy = (
        _forwarded("F1"),
        _forwarded("F2"),
        _forwarded("F0point5"),
        _forwarded("accuracy"),
    )
    error, precision, recall = _forwarded("error"), _forwarded("precision"), _forwarded("recall")
    tpr, tnr, fnr, fpr = _forwarded("tpr"), _forwarded("tnr"), _forwarded("fnr"), _forwarded("fpr")
    sensitivity, specificity, fallout, missrate = tpr, tnr, fpr, fnr
    mcc, max_per_class_error, metric = (
        _forwarded("mcc"),
        _forwarded("max_per_class_error"),
        _forwarded("metric"),
    )
    thresholds_and_metric_scores = _forwarded("thresholds_and_metric_scores")
    find_threshold_by_max_metric = _forwarded("find_threshold_by_max_metric")
    find_idx_by_threshold = _forwarded("find_idx_by_threshold")

    def confusion_matrix(
        self,
        data: H2OFrame | None = None,
        *,
        threshold: float | None = None,
        train: bool = False,
        valid: bool = False,
        xval: bool = False,
    ) -> Any:
        """The confusion matrix on ``data``, or of the chosen part of the training: see H2OModelMetrics."""
        if data is not None:
            return self.model_performance(data).confusion_matrix(threshold)
        return self._of_parts(train, valid, xval, lambda metrics: metrics.confusion_matrix(threshold))

    def predict(self, test_data: H2OFrame) -> H2OFrame:
        """A frame with the prediction for each row: the value, or the class and every class's probability.

        Of an autoencoder, the row as it reconstructs it: a column reconstr_… for each input.
        """
        return self._scored(test_data, f"{self.algo} prediction progress")

    def _scored(self, frame: H2OFrame, title: str, form: Mapping[str, Any] | None = None) -> H2OFrame:
        frame_id = _checked(frame).frame_id
        wire = self._server.call(
            "POST /4/Predictions/models/{}/frames/{}", self.model_id, frame_id, form=form
        )
        job = H2OJob(wire, title, self._server).wait()
        return H2OFrame._of(Expression.of_key(job.dest_key, self._server))

    def anomaly(self, test_data: H2OFrame, per_feature: bool = False) -> H2OFrame:
        """How badly an autoencoder reconstructs each row: a column Reconstruction.MSE.

        ``per_feature``: the squared error of each input instead. The larger, the less the row is like those
        that the model was trained on.
        """
        form = {"reconstruction_error": True, "reconstruction_error_per_feature": per_feature}
        answer = self._server.call(
            "POST /3/Predictions/models/{}/frames/{}", self.model_id, _checked(test_data).frame_id, form=form
        )
        return H2OFrame._of(Expression.of_key(answer["predictions_frame"]["name"], self._server))

    def deepfeatures(self, test_data: H2OFrame, layer: int | str) -> H2OFrame:
        """What the units of a hidden layer make of each row: columns DF.L1.C1, DF.L1.C2 …

        ``layer``: its place, 0 is the first hidden layer, or its name, such as DF.L1.
        """
        numbered = not isinstance(layer, str) or layer.isdigit()
        field = "deep_features_hidden_layer" if numbered else "deep_features_hidden_layer_name"
        return self._scored(test_data, "deepfeatures progress", {field: layer})

    def show(self) -> None:
        """Print the model: its layers, its metrics, its history."""
        print(self)

    def _tables(self) -> list[Table]:
        names = ("model_summary", "scoring_history", "variable_importances")
        own = [self._table(name).table() for name in names if self._output.get(name)]
        metrics = [self._part(part) for part in PARTS]
        measured = [table for part in metrics if part is not None for table in part._tables()]
        return [*own[:1], *measured, *own[1:]]

    def _title(self) -> str:
        if self._wire is None:
            return f"{type(self).__name__}: not trained yet"
        return f"{self._wire['algo_full_name']} model {self.model_id}: {self.category}"

    def __repr__(self) -> str:
        tables = self._tables() if self._wire is not None else []
        return "\n\n".join([self._title(), *map(to_text, tables)])

    def _repr_html_(self) -> str:
        tables = self._tables() if self._wire is not None else []
        return to_html(Table([self._title()], [])) + "".join(map(to_html, tables))


def _checked(frame: Any) -> H2OFrame:
    if not isinstance(frame, H2OFrame):
        raise H2OTypeError(
            f"an H2OFrame is needed, not a {type(frame).__name__}: make one with h2o.H2OFrame(…)"
        )
    return frame


def _plain(value: Any) -> Any:
    """The name of a key, the name of a column; other values as they are."""
    if isinstance(value, Mapping):
        return value.get("column_name", value.get("name"))
    return value
