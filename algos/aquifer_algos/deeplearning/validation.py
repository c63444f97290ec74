"""Checks of deep-learning parameters against their ranges, each other and the frames, before a job starts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Column, Frame

from aquifer_algos.datainfo import usable_predictors
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.distributions import FAMILIES
from aquifer_algos.params import Message, Severity, range_messages, unsupported_messages

_DROPOUT = "WithDropout"
_SHOWN = 10
_FOR_CLASSES = ("deviance", "MAE", "RMSLE")
"""Stopping metrics that are of numbers only."""
_CLASSIFYING = ("bernoulli", "multinomial")
"""Distributions of classes."""
_OF_CLASSES = ("logloss", "misclassification", "mean_per_class_error")
_OF_TWO_CLASSES = ("AUC", "AUCPR", "lift_top_group")
MOST_WEIGHTS = 100_000_000
LARGE_MEAN = 2.0
_MANUAL_RATE = (
    "rate",
    "rate_annealing",
    "rate_decay",
    "momentum_start",
    "momentum_ramp",
    "momentum_stable",
)


def validate(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None, nodes: int = 1
) -> tuple[Message, ...]:
    """Everything that can be said before the training starts: errors, warnings, and hints (TRACE)."""
    messages = [
        *unsupported_messages(parameters),
        *range_messages(parameters),
        *_dropout(parameters),
        *_columns(parameters, training, validation),
        *_single_node(parameters, nodes),
        *_unused(parameters, training, validation, nodes),
    ]
    return tuple(dict.fromkeys(messages))


def _error(field: str, text: str) -> Message:
    return Message(Severity.ERROR, field, text)


def _dropout(parameters: DeepLearningParameters) -> Iterator[Message]:
    ratios = parameters.hidden_dropout_ratios
    if ratios is None:
        return
    if not parameters.activation.endswith(_DROPOUT):
        yield _error(
            "hidden_dropout_ratios",
            f"hidden_dropout_ratios cannot be used with activation {parameters.activation}: "
            f"use {parameters.activation}{_DROPOUT}.",
        )
    if len(ratios) != len(parameters.hidden):
        yield _error(
            "hidden_dropout_ratios",
            f"hidden_dropout_ratios has {len(ratios)} entries, but must have {len(parameters.hidden)}: "
            "one for each hidden layer.",
        )


def _single_node(parameters: DeepLearningParameters, nodes: int) -> Iterator[Message]:
    if parameters.single_node_mode and nodes > 1:
        yield _error(
            "single_node_mode",
            f"single_node_mode would train on one node's rows only, since data are not replicated: "
            f"leave it off on {nodes} nodes.",
        )


def _columns(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None
) -> Iterator[Message]:
    if training is None:
        yield _error("training_frame", "training_frame is not set: name the frame to train on.")
        return
    name = parameters.response_column
    if name is None:
        yield _error("response_column", "Response column parameter not set: name the column to predict.")
        return
    if name not in training.names:
        yield _error(
            "response_column",
            f"Response column '{name}' not found in the training frame; its columns are "
            f"{_listed(training.names)}.",
        )
        return
    yield from _roles(parameters, training)
    yield from _response(parameters, training.column(name))
    yield from _predictors(parameters, training)
    if validation is not None:
        yield from _validation_frame(name, training, validation)
        for role in ("weights", "offset"):
            column = getattr(parameters, f"{role}_column")
            if column is not None and column not in validation.names:
                yield _error(
                    "validation_frame", f"Test/Validation dataset is missing {role} column '{column}'."
                )


def _roles(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    for name in parameters.ignored_columns or ():
        if name not in training.names:
            yield _error("ignored_columns", f"Ignored column '{name}' not found in the training frame.")
    yield from _weights_column(parameters, training)
    yield from _offset_column(parameters, training)


def _offset_column(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    offset = parameters.offset_column
    if offset is None:
        return
    if offset not in training.names:
        yield _error("offset_column", f"Offset column '{offset}' not found in the training frame.")
    elif offset in (parameters.response_column, parameters.weights_column):
        yield _error(
            "offset_column", "Offset column must be different from response_column and weights_column."
        )
    elif training.column(offset).type is not ColumnType.NUMERIC:
        yield _error("offset_column", f"Invalid offset column '{offset}': offsets must be numeric.")
    elif training.column(offset).rollups.count == 0:
        yield _error("offset_column", f"Offset column '{offset}' is missing in every row: no row is left.")


def _weights_column(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    weights = parameters.weights_column
    if weights is None:
        return
    if weights not in training.names:
        yield _error("weights_column", f"Weights column '{weights}' not found in the training frame.")
        return
    column = training.column(weights)
    if weights == parameters.response_column:
        yield _error("weights_column", "Response column must be different from weights_column.")
    if column.type is not ColumnType.NUMERIC:
        yield _error("weights_column", f"Invalid weights column '{weights}': weights must be numeric.")
    elif column.rollups.minimum < 0:
        yield _error(
            "weights_column",
            f"Weights column '{weights}' has the value {column.rollups.minimum:g}; weights must be >= 0.",
        )
    elif not column.rollups.maximum > 0:
        yield _error("weights_column", f"Weights column '{weights}' has no weight above 0: no row is left.")


def _response(parameters: DeepLearningParameters, response: Column) -> Iterator[Message]:
    name = parameters.response_column
    if response.type not in (ColumnType.NUMERIC, ColumnType.ENUM):
        yield _error(
            "response_column",
            f"Response column '{name}' is of type {response.wire_type}: it must be numeric or categorical.",
        )
        return
    rollups = response.rollups
    if rollups.positive_infinities or rollups.negative_infinities:
        yield _error(
            "response_column",
            f"Response column '{name}' has infinite values: replace them or leave their rows out.",
        )
    if rollups.count == 0:
        yield _error("response_column", f"Response column '{name}' is missing in every row.")
    elif rollups.constant or (response.domain is not None and len(response.domain) < 2):
        yield _error(
            "response_column", f"Response cannot be constant: '{name}' has the same value in every row."
        )
    yield from _problem_type(parameters, response.domain)
    if response.domain is None:
        yield from _smallest(parameters, rollups.minimum)


def _problem_type(parameters: DeepLearningParameters, domain: tuple[str, ...] | None) -> Iterator[Message]:
    if domain is None:
        yield from _for_numbers(parameters)
    else:
        yield from _for_classes(parameters, len(domain))


def _for_numbers(parameters: DeepLearningParameters) -> Iterator[Message]:
    distribution, loss, metric = parameters.distribution, parameters.loss, parameters.stopping_metric
    if distribution in _CLASSIFYING:
        yield _error(
            "distribution",
            f"{distribution} distribution is not allowed for regression: make the response categorical "
            "(asfactor), or use AUTO or gaussian.",
        )
    if distribution in FAMILIES and FAMILIES[distribution].has_log_link and loss != "Automatic":
        yield _error(
            "loss", f"{distribution} distribution minimises its own deviance: leave loss at Automatic."
        )
    if loss == "CrossEntropy":
        yield _error(
            "loss",
            "For CrossEntropy loss, the response must be categorical: use Automatic or Quadratic, or "
            "make the response categorical (asfactor).",
        )
    if metric in (*_OF_CLASSES, *_OF_TWO_CLASSES):
        yield _error("stopping_metric", f"Stopping metric cannot be {metric} for regression.")


def _for_classes(parameters: DeepLearningParameters, classes: int) -> Iterator[Message]:
    distribution, metric = parameters.distribution, parameters.stopping_metric
    if distribution in FAMILIES:
        yield _error(
            "distribution", f"{distribution} distribution is not allowed for classification: use AUTO."
        )
    if distribution == "bernoulli" and classes != 2:
        yield _error(
            "distribution",
            f"bernoulli distribution needs a response of 2 classes, not {classes}: use AUTO.",
        )
    if parameters.loss == "Quantile":
        yield _error("loss", "For Quantile loss, the response must be numeric: use Automatic.")
    if parameters.offset_column is not None:
        yield _error(
            "offset_column", "An offset is for regression only: leave it out, or make the response numeric."
        )
    if metric in _FOR_CLASSES or (metric in _OF_TWO_CLASSES and classes != 2):
        yield _error(
            "stopping_metric", f"Stopping metric cannot be {metric} for a response of {classes} classes."
        )


def _smallest(parameters: DeepLearningParameters, least: float) -> Iterator[Message]:
    family = FAMILIES.get(parameters.distribution)
    if family and family.allows and not family.allows[1](least):
        yield _error(
            "response_column",
            f"{parameters.distribution} distribution requires a response {family.allows[0]}, but "
            f"'{parameters.response_column}' has the value {least:g}.",
        )


def _predictors(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    excluded = excluded_columns(parameters)
    kept, dropped = usable_predictors(training, excluded, parameters.ignore_const_cols)
    if dropped:
        yield Message(
            Severity.WARNING,
            "training_frame",
            f"Dropping bad and constant columns: [{_listed(dropped)}].",
        )
    if not kept:
        yield _error(
            "training_frame",
            "Training data must have at least 2 features (incl. response): no predictor is left once "
            "ignored, constant and text columns are out.",
        )
    yield from _size(parameters, training, kept)
    if parameters.sparse and parameters.standardize:
        yield from _uncentred(training, kept)
    infinite = [
        name
        for name in kept
        if training.column(name).rollups.positive_infinities
        + training.column(name).rollups.negative_infinities
    ]
    if infinite:
        yield Message(
            Severity.WARNING,
            "training_frame",
            f"Infinite values are taken as missing in the columns [{_listed(infinite)}].",
        )


def _size(
    parameters: DeepLearningParameters, training: Frame, predictors: tuple[str, ...]
) -> Iterator[Message]:
    levels = {name: len(training.column(name).domain or ()) for name in predictors}
    inputs = sum(count + parameters.use_all_factor_levels if count else 1 for count in levels.values())
    units = (inputs, *parameters.hidden, len(training.column(parameters.response_column or 0).domain or (1,)))
    weights = sum((senders + 1) * receivers for senders, receivers in pairwise(units))
    if weights > MOST_WEIGHTS:
        largest = sorted((name for name in levels if levels[name]), key=lambda name: -levels[name])
        yield _error(
            "hidden",
            f"The network would have {weights:,} weights from {inputs:,} inputs, but must have at most "
            f"{MOST_WEIGHTS:,}: use smaller hidden layers, or ignore columns with many levels "
            f"({_listed(largest)}).",
        )


def _uncentred(training: Frame, predictors: tuple[str, ...]) -> Iterator[Message]:
    """Sparse numbers are scaled but not centred, which trains badly where the mean is large."""
    rollups = {
        name: training.column(name).rollups for name in predictors if training.column(name).domain is None
    }
    far = [
        name
        for name, known in rollups.items()
        if known.zeros < known.rows / 2 and abs(known.mean) > LARGE_MEAN * known.sigma
    ]
    if far:
        yield Message(
            Severity.WARNING,
            "sparse",
            f"sparse=True leaves numbers uncentred, and the columns [{_listed(far)}] are dense with a mean "
            f"of more than {LARGE_MEAN:g} standard deviations: the model will be better with sparse=False.",
        )


def excluded_columns(parameters: DeepLearningParameters) -> tuple[str, ...]:
    """Columns that are not predictors because of their role, or because they are ignored."""
    roles = (parameters.response_column, parameters.weights_column, parameters.offset_column)
    return tuple(name for name in (*roles, *(parameters.ignored_columns or ())) if name is not None)


def _validation_frame(name: str, training: Frame, validation: Frame) -> Iterator[Message]:
    if name not in validation.names:
        yield _error("validation_frame", f"Test/Validation dataset is missing response column '{name}'.")
    elif (validation.column(name).domain is None) != (training.column(name).domain is None):
        yield _error(
            "validation_frame",
            f"Response column '{name}' is {validation.column(name).wire_type} in the validation frame, but "
            f"{training.column(name).wire_type} in the training frame.",
        )
    if validation.rows == 0:
        yield _error("validation_frame", "The validation frame has no rows.")


def _unused(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None, nodes: int
) -> Iterator[Message]:
    for field, reason in _reasons(parameters, training, validation, nodes):
        changed = getattr(parameters, field) != type(parameters).model_fields[field].default
        yield Message(Severity.WARNING if changed else Severity.TRACE, field, f"{field} {reason}")


def _reasons(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None, nodes: int
) -> Iterator[tuple[str, str]]:
    """Parameters that do nothing as things stand, and why."""
    name = parameters.response_column
    response = training.column(name) if training and name and name in training.names else None
    for field in (
        "keep_cross_validation_models",
        "keep_cross_validation_predictions",
        "keep_cross_validation_fold_assignment",
        "fold_assignment",
    ):
        yield field, "is only for cross-validation."
    if validation is None:
        yield "score_validation_samples", "requires a validation frame."
    if response is not None and response.domain is None:
        yield "classification_stop", "is used only with classification."
    elif response is not None:
        yield "regression_stop", "is used only with regression."
    if parameters.adaptive_rate:
        for field in _MANUAL_RATE:
            yield field, "is not used with adaptive_rate."
    else:
        yield "rho", "is used only with adaptive_rate."
        yield "epsilon", "is used only with adaptive_rate."
    if parameters.initial_weight_distribution == "UniformAdaptive":
        yield "initial_weight_scale", "is not used if initial_weight_distribution is UniformAdaptive."
    if parameters.train_samples_per_iteration != -2 or nodes == 1:
        yield (
            "target_ratio_comm_to_comp",
            "is used only with several nodes and train_samples_per_iteration = -2.",
        )
    yield from _numbers_of_losses(parameters)
    yield "elastic_averaging_moving_rate", "requires elastic_averaging."
    yield "elastic_averaging_regularization", "requires elastic_averaging."


def _numbers_of_losses(parameters: DeepLearningParameters) -> Iterator[tuple[str, str]]:
    used = (parameters.distribution, parameters.loss.lower())
    of_losses = {"tweedie_power": "tweedie", "quantile_alpha": "quantile", "huber_alpha": "huber"}
    for field, name in of_losses.items():
        if name not in used:
            yield field, f"is used only with distribution {name}."


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown + (f", … {len(names)} in all" if len(names) > _SHOWN else "")
