"""Whether a training can go on from a model: what must be as it was, and what may change."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_cluster.frame import Frame

from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.checkpoint import Checkpoint, checkpoint_of
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.predictors import excluded_columns
from aquifer_algos.deeplearning.validation.wording import error, listed
from aquifer_algos.description import usable_predictors
from aquifer_algos.model import Model
from aquifer_algos.params import Message

FIXED = (
    "response_column",
    "offset_column",
    "nfolds",
    "hidden",
    "activation",
    "autoencoder",
    "use_all_factor_levels",
    "standardize",
    "sparse",
    "ignore_const_cols",
    "categorical_encoding",
    "max_categorical_features",
    "adaptive_rate",
    "rho",
    "epsilon",
    "rate",
    "rate_annealing",
    "rate_decay",
    "momentum_start",
    "momentum_ramp",
    "momentum_stable",
    "nesterov_accelerated_gradient",
    "distribution",
    "quantile_alpha",
    "tweedie_power",
    "huber_alpha",
    "sparsity_beta",
)
"""Parameters that must be the same as the checkpoint's, because what it has learnt depends on them."""


def checkpoint_messages(parameters: DeepLearningParameters, inputs: Inputs) -> Iterator[Message]:
    """Errors of going on from the model that `checkpoint` names; nothing if it names none."""
    model = inputs.models.get("checkpoint")
    if model is None:
        return
    checkpoint = checkpoint_of(model)
    if checkpoint is None:
        yield error(
            "checkpoint",
            f"Model '{model.key}' is a {model.algo_full_name} model with nothing to go on from: name a deep "
            "learning model.",
        )
        return
    yield from _fixed(parameters, model)
    yield from _epochs(parameters, model, checkpoint)
    if (inputs.validation is None) != (model.output.validation_metrics is None):
        had = "without a" if inputs.validation is not None else "with a"
        yield error(
            "validation_frame",
            f"Presence of a validation frame must agree with the checkpoint: '{model.key}' was trained {had} "
            "validation frame.",
        )
    if inputs.training is not None:
        yield from _columns(parameters, model, inputs.training)


def _fixed(parameters: DeepLearningParameters, model: Model) -> Iterator[Message]:
    """What was asked for must be what was asked for then, or what was made of it then."""
    for name in FIXED:
        now, asked, used = (getattr(one, name) for one in (parameters, model.parameters, model.effective))
        if now not in (asked, used):
            yield error(
                name,
                f"{name} cannot change when training goes on from a checkpoint: '{model.key}' was trained "
                f"with {_shown(used)}, not {_shown(now)}.",
            )


def _epochs(parameters: DeepLearningParameters, model: Model, checkpoint: Checkpoint) -> Iterator[Message]:
    if parameters.epochs <= checkpoint.epochs:
        yield error(
            "epochs",
            f"epochs is {parameters.epochs:g}, but must be more than the {checkpoint.epochs:g} that "
            f"'{model.key}' was trained for: epochs counts from the start.",
        )


def _columns(parameters: DeepLearningParameters, model: Model, training: Frame) -> Iterator[Message]:
    """The predictors must be the checkpoint's, with no level that it does not know."""
    kept, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
    known = {predictor.name: predictor for predictor in model.data.predictors}
    excluded = set(excluded_columns(parameters))
    absent = [name for name in known if name not in training.names or name in excluded]
    if absent:
        yield error(
            "training_frame",
            f"The training frame lacks columns that '{model.key}' was trained on, or they are ignored: "
            f"[{listed(absent)}].",
        )
    further = [name for name in kept if name not in known]
    if further:
        yield error(
            "training_frame",
            f"The training frame has columns that '{model.key}' was not trained on: [{listed(further)}]. "
            "Leave them out (x, or ignored_columns).",
        )
    for name, predictor in known.items():
        if name not in absent:
            yield from _same_kind(name, predictor.domain, model, training)
    response = model.data.response
    if response.name in training.names:
        yield from _same_kind(response.name, response.domain, model, training)


def _same_kind(name: str, domain: tuple[str, ...] | None, model: Model, training: Frame) -> Iterator[Message]:
    column = training.column(name)
    if (column.domain is None) != (domain is None):
        kind = "numbers" if domain is None else "categories"
        yield error(
            "training_frame",
            f"Column '{name}' is {column.wire_type}, but '{model.key}' was trained on {kind} there.",
        )
        return
    known = set(domain or ())
    unknown = [level for level in column.domain or () if level not in known]
    if unknown:
        yield error(
            "training_frame",
            f"Column '{name}' has levels that '{model.key}' does not know: [{listed(unknown)}].",
        )


def _shown(value: object) -> str:
    return "none" if value is None else str(list(value)) if isinstance(value, tuple) else str(value)
