"""What an autoencoder cannot do, and what only an autoencoder can."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.wording import error
from aquifer_algos.params import Interval, Message, Severity

_DISTRIBUTIONS = ("AUTO", "gaussian", "laplace", "quantile", "huber")
_STOPPING_METRICS = ("AUTO", "MSE")
_REACHED = {
    "Tanh": Interval(-1, 1, open_low=True, open_high=True),
    "Rectifier": Interval(0, open_low=True),
    "ExpRectifier": Interval(-1, open_low=True),
}
"""The averages that units of an activation can have."""


def autoencoder_messages(parameters: DeepLearningParameters) -> Iterator[Message]:
    """Errors and warnings about settings that do not go with learning the inputs, or a response."""
    if parameters.autoencoder:
        yield from _of_the_network(parameters)
        yield from _of_a_response(parameters)
        yield from _sparsity(parameters)
    elif parameters.sparsity_beta:
        yield error(
            "sparsity_beta", "sparsity_beta is for autoencoders only: leave it at 0, or set autoencoder=True."
        )


def _of_the_network(parameters: DeepLearningParameters) -> Iterator[Message]:
    distribution, metric = parameters.distribution, parameters.stopping_metric
    if parameters.activation.startswith("Maxout"):
        yield error(
            "activation",
            f"{parameters.activation} activation is not supported for an autoencoder: use Tanh, Rectifier or "
            "ExpRectifier.",
        )
    if parameters.loss == "CrossEntropy":
        yield error("loss", "CrossEntropy loss is of classes, not for an autoencoder: use Automatic.")
    if distribution not in _DISTRIBUTIONS:
        yield error(
            "distribution",
            f"{distribution} distribution is not allowed for an autoencoder: use one of "
            f"{', '.join(_DISTRIBUTIONS)}.",
        )
    if parameters.categorical_encoding == "SortByResponse":
        yield error(
            "categorical_encoding",
            "SortByResponse encoding needs a response, which an autoencoder has not: use AUTO.",
        )
    if metric not in _STOPPING_METRICS:
        yield error(
            "stopping_metric", f"Stopping metric must be AUTO or MSE for an autoencoder, not {metric}."
        )


def _of_a_response(parameters: DeepLearningParameters) -> Iterator[Message]:
    if parameters.response_column is not None:
        yield Message(
            Severity.WARNING,
            "response_column",
            f"An autoencoder learns no response: column '{parameters.response_column}' is left out.",
        )
    for field in ("offset_column", "balance_classes", "pretrained_autoencoder"):
        if getattr(parameters, field):
            yield error(field, f"{field} is for supervised models only: leave it out with autoencoder=True.")


def _sparsity(parameters: DeepLearningParameters) -> Iterator[Message]:
    reached = _REACHED.get(parameters.activation.removesuffix("WithDropout"))
    aim = parameters.average_activation
    if parameters.sparsity_beta and reached is not None and aim not in reached:
        yield error(
            "average_activation",
            f"average_activation is {aim:g}, but the average activation of {parameters.activation} units can "
            f"only be {reached}.",
        )
