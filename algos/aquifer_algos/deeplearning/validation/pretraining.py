"""Whether an autoencoder's hidden layers fit the network that is to start from them."""

from __future__ import annotations

from collections.abc import Iterator

from aquifer_cluster.frame import Frame

from aquifer_algos.builder import Inputs
from aquifer_algos.datainfo import ModelCategory
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.pretraining import network_of
from aquifer_algos.deeplearning.validation.predictors import excluded_columns, network_inputs
from aquifer_algos.deeplearning.validation.wording import error, listed
from aquifer_algos.description import usable_predictors
from aquifer_algos.model import Model
from aquifer_algos.params import Message

_FIELD = "pretrained_autoencoder"


def pretraining_messages(parameters: DeepLearningParameters, inputs: Inputs) -> Iterator[Message]:
    """Errors of starting from the model that `pretrained_autoencoder` names; nothing if it names none."""
    model = inputs.models.get(_FIELD)
    if model is None:
        return
    if model.category is not ModelCategory.AUTOENCODER:
        yield error(
            _FIELD, f"The pretrained model must be an autoencoder, but '{model.key}' is {model.category}."
        )
        return
    if parameters.checkpoint is not None:
        yield error(
            _FIELD, "A training that goes on from a checkpoint starts from it: leave one of them out."
        )
    hidden = network_of(model).topology.hidden
    if hidden != parameters.hidden:
        yield error(
            _FIELD,
            f"The hidden layers of '{model.key}' have {list(hidden)} units, not {list(parameters.hidden)}: "
            "hidden must be the same.",
        )
    if parameters.activation.startswith("Maxout"):
        yield error(
            _FIELD,
            f"{parameters.activation} units have two sets of weights, an autoencoder's have one: use "
            f"{network_of(model).topology.output}.",
        )
    if inputs.training is not None:
        yield from _same_inputs(parameters, model, inputs.training)


def _same_inputs(parameters: DeepLearningParameters, model: Model, training: Frame) -> Iterator[Message]:
    kept, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
    known = [predictor.name for predictor in model.data.predictors]
    differing = sorted(set(known) ^ set(kept))
    if differing:
        yield error(
            _FIELD,
            f"'{model.key}' and this model learn from different columns: [{listed(differing)}] are of one of "
            "them only. Give both the same, and ignore_const_cols=False.",
        )
        return
    inputs = network_inputs(parameters, training, kept)
    if inputs != model.data.inputs:
        yield error(
            _FIELD,
            f"'{model.key}' has {model.data.inputs} inputs, this model {inputs}: columns must have the same "
            "levels, and use_all_factor_levels must be on.",
        )
