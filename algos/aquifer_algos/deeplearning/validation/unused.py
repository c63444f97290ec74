"""Parameters that do nothing as things stand, and why."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_cluster.frame import Frame

from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.metrics.multiclass_auc import MOST_CLASSES
from aquifer_algos.params import Message, Severity

_MANUAL_RATE = (
    "rate",
    "rate_annealing",
    "rate_decay",
    "momentum_start",
    "momentum_ramp",
    "momentum_stable",
)


def unused_messages(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None, nodes: int
) -> Iterator[Message]:
    """A hint for each parameter that does nothing, a warning if it was set."""
    for field, reason in _reasons(parameters, training, validation, nodes):
        changed = getattr(parameters, field) != type(parameters).model_fields[field].default
        yield Message(Severity.WARNING if changed else Severity.TRACE, field, f"{field} {reason}")


def _reasons(
    parameters: DeepLearningParameters, training: Frame | None, validation: Frame | None, nodes: int
) -> Iterator[tuple[str, str]]:
    """Parameters that do nothing as things stand, and why."""
    classes = _classes(parameters, training)
    for field in (
        "keep_cross_validation_models",
        "keep_cross_validation_predictions",
        "keep_cross_validation_fold_assignment",
        "fold_assignment",
    ):
        yield field, "is only for cross-validation."
    yield "max_confusion_matrix_size", "is for logs only, to which no confusion matrix goes here."
    if validation is None:
        yield "score_validation_samples", "requires a validation frame."
    if validation is None or not parameters.score_validation_samples:
        yield "score_validation_sampling", "requires a validation frame and score_validation_samples."
    elif classes == 0:
        yield "score_validation_sampling", "is used only with classification."
    if classes is not None:
        yield from _of_response(classes)
    if parameters.adaptive_rate:
        for field in _MANUAL_RATE:
            yield field, "is not used with adaptive_rate."
    else:
        yield "rho", "is used only with adaptive_rate."
        yield "epsilon", "is used only with adaptive_rate."
    if not parameters.balance_classes:
        yield "max_after_balance_size", "requires balance_classes."
    if parameters.initial_weight_distribution == "UniformAdaptive":
        yield "initial_weight_scale", "is not used if initial_weight_distribution is UniformAdaptive."
    yield from _of_nodes(parameters, nodes)
    yield from _sparsity(parameters)
    yield from _numbers_of_losses(parameters)


def _of_nodes(parameters: DeepLearningParameters, nodes: int) -> Iterator[tuple[str, str]]:
    if parameters.train_samples_per_iteration != -2 or nodes == 1:
        yield (
            "target_ratio_comm_to_comp",
            "is used only with several nodes and train_samples_per_iteration = -2.",
        )
    if not parameters.elastic_averaging:
        yield "elastic_averaging_moving_rate", "requires elastic_averaging."
        yield "elastic_averaging_regularization", "requires elastic_averaging."
    if nodes == 1:
        for field in (
            "replicate_training_data",
            "single_node_mode",
            "shuffle_training_data",
            "elastic_averaging",
        ):
            yield field, "is used only with several nodes."
    elif parameters.reproducible:
        yield "replicate_training_data", "is off with reproducible."
    elif parameters.replicate_training_data:
        for field in ("shuffle_training_data", "force_load_balance"):
            yield field, "decides who has which rows: with replicate_training_data every node has all."


def _classes(parameters: DeepLearningParameters, training: Frame | None) -> int | None:
    """How many classes the response has, 0 if numbers are learnt; None if that is not known."""
    if parameters.autoencoder:
        return 0
    name = parameters.response_column
    if training is None or name is None or name not in training.names:
        return None
    return len(training.column(name).domain or ())


def _of_response(classes: int) -> Iterator[tuple[str, str]]:
    if classes:
        yield "regression_stop", "is used only with regression."
    else:
        yield "classification_stop", "is used only with classification."
    if classes != 2:
        yield "gainslift_bins", "is used only with two classes."
    if not 2 < classes <= MOST_CLASSES:
        yield "auc_type", f"is used only with 3 to {MOST_CLASSES} classes."


def _sparsity(parameters: DeepLearningParameters) -> Iterator[tuple[str, str]]:
    if not parameters.sparsity_beta:
        yield "average_activation", "is used only with sparsity_beta, in an autoencoder."


def _numbers_of_losses(parameters: DeepLearningParameters) -> Iterator[tuple[str, str]]:
    used = (parameters.distribution, parameters.loss.lower())
    of_losses = {"tweedie_power": "tweedie", "quantile_alpha": "quantile", "huber_alpha": "huber"}
    for field, name in of_losses.items():
        if name not in used:
            yield field, f"is used only with distribution {name}."
