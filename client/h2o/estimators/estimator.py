"""What every algorithm's estimator shares: parameters in, a trained model out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from h2o._connection import Connection
from h2o._expression import check_key
from h2o._selection import column_index, column_indices
from h2o.estimators.parameters import Parameter, check
from h2o.exceptions import H2OTypeError, H2OValueError, unknown, warn
from h2o.frame import H2OFrame
from h2o.job import H2OJob
from h2o.model import H2OModel

__all__ = ["H2OEstimator"]

# Set by train()'s own arguments, and told apart from the predictors there.
_BY_TRAIN = ("training_frame", "validation_frame", "response_column", "ignored_columns")
_SPECIAL_COLUMNS = ("weights_column", "offset_column", "fold_column")


def _property(parameter: Parameter) -> property:
    def read(self: H2OEstimator) -> Any:
        return self._given.get(parameter.name, parameter.default)

    def write(self: H2OEstimator, value: Any) -> None:
        self._give(parameter.name, value)

    meaning = f"{parameter.kind}, default {parameter.default!r}"
    return property(
        read, write, doc=meaning + (f": {', '.join(parameter.values)}" if parameter.values else "")
    )


class H2OEstimator(H2OModel):
    """An algorithm with its parameters; after train() it is the model.

    A subclass declares ``algo_name`` and ``parameters``: attributes, signature and checks follow from them.
    """

    algo_name: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        keywords = []
        for parameter in cls.parameters.values():
            if parameter.name not in _BY_TRAIN and not hasattr(cls, parameter.name):
                setattr(cls, parameter.name, _property(parameter))
            kind = inspect.Parameter.KEYWORD_ONLY
            keywords.append(inspect.Parameter(parameter.name, kind, default=parameter.default))
        cls.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]

    def __init__(self, **parameters: Any) -> None:
        super().__init__()
        self._given: dict[str, Any] = {}
        self._running: tuple[H2OJob, Connection, list[str]] | None = None
        for name, value in parameters.items():
            self._give(name, value)

    def _give(self, name: str, value: Any) -> None:
        if name not in self.parameters:
            raise unknown(f"parameter of {type(self).__name__}", name, self.parameters)
        self._given[name] = check(self.parameters[name], value)

    @property
    def given_params(self) -> dict[str, Any]:
        """The parameters that were set; all others have the server's defaults."""
        return dict(self._given)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters, as scikit-learn asks for them; ``deep`` makes no difference."""
        return {
            name: self._given.get(name, parameter.default)
            for name, parameter in self.parameters.items()
            if name not in _BY_TRAIN
        }

    def set_params(self, **parms: Any) -> H2OEstimator:
        """Set parameters, each checked, and return this object."""
        for name, value in parms.items():
            self._give(name, value)
        return self

    def train(
        self,
        x: Sequence[str | int] | str | int | None = None,
        y: str | int | None = None,
        training_frame: H2OFrame | None = None,
        offset_column: str | None = None,
        fold_column: str | None = None,
        weights_column: str | None = None,
        validation_frame: H2OFrame | None = None,
        max_runtime_secs: float | None = None,
        ignored_columns: Sequence[str] | None = None,
        model_id: str | None = None,
        verbose: bool = False,
    ) -> H2OEstimator:
        """Train on the server, showing progress, and return this object as the trained model.

        ``x``: the predictors by names or indices, default all columns but the response and those with another
        part to play. ``y``: the response by name or index; a categorical column means classification.
        ``verbose``: print the scoring history at the end. Raises H2OValueError for what does not fit the
        frame, H2OResponseError for what the server refuses, H2OJobFailed or H2OJobCancelled when the training
        does not end well.
        """
        named = {
            "max_runtime_secs": max_runtime_secs,
            "ignored_columns": ignored_columns,
            "model_id": model_id,
        }
        self.start(
            x, y, training_frame, offset_column, fold_column, weights_column, validation_frame, **named
        )
        self.join()
        if verbose:
            print(self.scoring_history(as_data_frame=False))
        return self

    def start(
        self,
        x: Sequence[str | int] | str | int | None,
        y: str | int | None = None,
        training_frame: H2OFrame | None = None,
        offset_column: str | None = None,
        fold_column: str | None = None,
        weights_column: str | None = None,
        validation_frame: H2OFrame | None = None,
        **params: Any,
    ) -> None:
        """Begin to train on the server; ``join`` waits for the end. For the arguments, see ``train``."""
        columns = {
            "offset_column": offset_column,
            "fold_column": fold_column,
            "weights_column": weights_column,
        }
        for name, value in {**columns, **params}.items():
            if value is not None:
                self._give(name, value)
        if not isinstance(training_frame, H2OFrame):
            raise H2OTypeError(f"training_frame must be an H2OFrame, not {training_frame!r}")
        form = {
            **self._given,
            **self._columns(x, y, training_frame),
            "training_frame": training_frame.frame_id,
        }
        if validation_frame is not None:
            form["validation_frame"] = validation_frame.frame_id
        self._begin(form, training_frame)

    def join(self) -> None:
        """Wait for the training that ``start`` began, showing progress; then this object is the model."""
        if self._running is None:
            raise H2OValueError("nothing is being trained: call start() or train() first")
        (job, connection, told), self._running = self._running, None
        job.wait(told=told)
        self._load(connection, job.dest_key)

    def _columns(self, x: Any, y: Any, frame: H2OFrame) -> dict[str, Any]:
        """The response and the columns to leave out, checked against the frame."""
        names = frame.names
        response = None if y is None else names[column_index(y, names, "column for y")]
        if response is None and not self._given.get("autoencoder"):
            raise H2OValueError(f"y, the response column, is missing; the frame has {_some(names)}")
        special = {self._given[name] for name in _SPECIAL_COLUMNS if self._given.get(name)}
        ignored = list(self._given.get("ignored_columns") or [])
        if x is not None:
            predictors = {names[i] for i in column_indices(x, names, "column for x")}
            if response in predictors:
                raise H2OValueError(f"the response {response!r} is among the predictors x")
            ignored = [name for name in names if name not in predictors | special | {response}]
        return {"response_column": response, "ignored_columns": ignored or None}

    def _begin(self, form: Mapping[str, Any], frame: H2OFrame) -> None:
        if form.get("model_id"):
            check_key(form["model_id"])
        connection = frame._expression.connection
        answer = connection.call("POST /3/ModelBuilders/{}", self.algo_name, form=form)
        messages = [one for one in answer.get("messages") or [] if one["message_type"] in ("WARN", "WARNING")]
        for message in messages:
            warn(f"{message['field_name']}: {message['message']}")
        job = H2OJob(answer["job"], f"{self.algo_name} model build progress", connection)
        self._running = (job, connection, [message["message"] for message in messages])


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
