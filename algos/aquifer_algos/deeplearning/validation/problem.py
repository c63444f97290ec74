"""Whether distribution, loss, stopping metric and offset fit a response of numbers or of classes."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_cluster.frame import Column

from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.wording import error
from aquifer_algos.distributions import FAMILIES
from aquifer_algos.metrics.multiclass_auc import is_computed
from aquifer_algos.params import Message

_OF_NUMBERS = ("deviance", "MAE", "RMSLE")
_OF_CLASSES = ("logloss", "misclassification", "mean_per_class_error")
_OF_TWO_CLASSES = ("AUC", "AUCPR", "lift_top_group")
_AREAS = ("AUC", "AUCPR")
"""Those of two classes that auc_type defines for more."""
_LOSSES = {
    **dict.fromkeys(("poisson", "gamma", "tweedie"), ("Automatic",)),
    "laplace": ("Automatic", "Absolute"),
    "quantile": ("Automatic", "Quantile"),
    "huber": ("Automatic", "Huber"),
}
"""The losses that go with a distribution, where not all do."""
_CLASSIFYING = ("bernoulli", "multinomial")
"""Distributions of classes."""


def problem_messages(parameters: DeepLearningParameters, response: Column) -> Iterator[Message]:
    """Errors of what is asked of a response of this kind, with these values."""
    if response.domain is None:
        yield from _for_numbers(parameters)
        yield from _smallest(parameters, response.rollups.minimum)
    else:
        yield from _for_classes(parameters, len(response.domain))


def _for_numbers(parameters: DeepLearningParameters) -> Iterator[Message]:
    distribution, loss, metric = parameters.distribution, parameters.loss, parameters.stopping_metric
    if distribution in _CLASSIFYING:
        yield error(
            "distribution",
            f"{distribution} distribution is not allowed for regression: make the response categorical "
            "(asfactor), or use AUTO or gaussian.",
        )
    allowed = _LOSSES.get(distribution)
    if allowed and loss not in allowed:
        yield error(
            "distribution",
            f"Only {' or '.join(allowed)} loss is allowed for {distribution} distribution, not {loss}.",
        )
    if loss == "CrossEntropy":
        yield error(
            "loss",
            "For CrossEntropy loss, the response must be categorical: use Automatic or Quadratic, or "
            "make the response categorical (asfactor).",
        )
    if parameters.balance_classes:
        yield error(
            "balance_classes",
            "balance_classes requires classification: leave it off, or make the response categorical "
            "(asfactor).",
        )
    if metric in (*_OF_CLASSES, *_OF_TWO_CLASSES):
        yield error("stopping_metric", f"Stopping metric cannot be {metric} for regression.")


def _for_classes(parameters: DeepLearningParameters, classes: int) -> Iterator[Message]:
    distribution = parameters.distribution
    if distribution in FAMILIES:
        yield error(
            "distribution", f"{distribution} distribution is not allowed for classification: use AUTO."
        )
    if distribution == "bernoulli" and classes != 2:
        yield error(
            "distribution",
            f"bernoulli distribution needs a response of 2 classes, not {classes}: use AUTO.",
        )
    if parameters.loss == "Quantile":
        yield error("loss", "For Quantile loss, the response must be numeric: use Automatic.")
    if parameters.offset_column is not None:
        yield error(
            "offset_column", "An offset is for regression only: leave it out, or make the response numeric."
        )
    factors = parameters.class_sampling_factors
    if factors is not None and len(factors) != classes:
        yield error(
            "class_sampling_factors",
            f"class_sampling_factors has {len(factors)} entries, but must have {classes}: one per class.",
        )
    if not _is_measured(parameters, classes):
        remedy = "set auc_type" if parameters.stopping_metric in _AREAS else "use AUTO"
        yield error(
            "stopping_metric",
            f"Stopping metric cannot be {parameters.stopping_metric} for a response of {classes} classes: "
            f"{remedy}.",
        )


def _is_measured(parameters: DeepLearningParameters, classes: int) -> bool:
    """Whether a response of so many classes has the stopping metric."""
    metric = parameters.stopping_metric
    if metric in _OF_TWO_CLASSES and classes != 2:
        return metric in _AREAS and is_computed(parameters.auc_type, classes)
    return metric not in _OF_NUMBERS


def _smallest(parameters: DeepLearningParameters, least: float) -> Iterator[Message]:
    family = FAMILIES.get(parameters.distribution)
    if family and family.allows and not family.allows[1](least):
        yield error(
            "response_column",
            f"{parameters.distribution} distribution requires a response {family.allows[0]}, but "
            f"'{parameters.response_column}' has the value {least:g}.",
        )
