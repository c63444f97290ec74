"""What is left to learn from, and the size of the network that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from aquifer_cluster.frame import Frame

from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.wording import error, listed
from aquifer_algos.description import input_units, usable_predictors
from aquifer_algos.encoding import ENCODINGS
from aquifer_algos.params import Message, Severity

MOST_WEIGHTS = 100_000_000
LARGE_MEAN = 2.0


def predictor_messages(parameters: DeepLearningParameters, training: Frame) -> Iterator[Message]:
    """Errors and warnings about the predictors of a training frame that has its response."""
    excluded = excluded_columns(parameters)
    kept, dropped = usable_predictors(training, excluded, parameters.ignore_const_cols)
    if dropped:
        yield Message(
            Severity.WARNING,
            "training_frame",
            f"Dropping bad and constant columns: [{listed(dropped)}].",
        )
    if not kept:
        yield error(
            "training_frame",
            "Training data must have at least 2 features (incl. response): no predictor is left once "
            "ignored, constant and text columns are out.",
        )
    yield from _size(parameters, training, kept)
    if parameters.sparse and parameters.standardize and not parameters.autoencoder:
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
            f"Infinite values are taken as missing in the columns [{listed(infinite)}].",
        )


def excluded_columns(parameters: DeepLearningParameters) -> tuple[str, ...]:
    """Columns that are not predictors because of their role, or because they are ignored."""
    roles = (parameters.response_column, parameters.weights_column, parameters.offset_column)
    return tuple(name for name in (*roles, *(parameters.ignored_columns or ())) if name is not None)


def network_inputs(parameters: DeepLearningParameters, training: Frame, predictors: tuple[str, ...]) -> int:
    """The input units that the predictors of a training frame make."""
    return input_units(
        training,
        predictors,
        ENCODINGS.get(parameters.categorical_encoding, ENCODINGS["AUTO"]),
        parameters.use_all_factor_levels or parameters.autoencoder,
        parameters.max_categorical_features,
    )


def _size(
    parameters: DeepLearningParameters, training: Frame, predictors: tuple[str, ...]
) -> Iterator[Message]:
    levels = {name: len(training.column(name).domain or ()) for name in predictors}
    inputs = outputs = network_inputs(parameters, training, predictors)
    if not parameters.autoencoder:
        outputs = len(training.column(parameters.response_column or 0).domain or (1,))
    units = (inputs, *parameters.hidden, outputs)
    weights = sum((senders + 1) * receivers for senders, receivers in pairwise(units))
    if weights > MOST_WEIGHTS:
        names = sorted((name for name in levels if levels[name]), key=lambda name: -levels[name])
        largest = [f"{name}: {levels[name]:,}" for name in names]
        yield error(
            "hidden",
            f"The network would have {weights:,} weights from {inputs:,} inputs, but must have at most "
            f"{MOST_WEIGHTS:,}: use smaller hidden layers, set max_categorical_features (levels then share "
            f"inputs by hashing), or ignore columns with many levels ({listed(largest)}).",
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
            f"sparse=True leaves numbers uncentred, and the columns [{listed(far)}] are dense with a mean "
            f"of more than {LARGE_MEAN:g} standard deviations: the model will be better with sparse=False.",
        )
