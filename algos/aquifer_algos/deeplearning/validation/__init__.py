"""Checks of deep-learning parameters against their ranges, each other and the frames, before a job starts."""

from __future__ import annotations

from aquifer_cluster.cloud import Cloud

from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.autoencoder import autoencoder_messages
from aquifer_algos.deeplearning.validation.checkpoint import checkpoint_messages
from aquifer_algos.deeplearning.validation.columns import column_messages
from aquifer_algos.deeplearning.validation.layers import layer_messages
from aquifer_algos.deeplearning.validation.predictors import excluded_columns
from aquifer_algos.deeplearning.validation.pretraining import pretraining_messages
from aquifer_algos.deeplearning.validation.rows import row_messages
from aquifer_algos.deeplearning.validation.settings import setting_messages
from aquifer_algos.deeplearning.validation.unused import unused_messages
from aquifer_algos.params import Message, range_messages, unsupported_messages

__all__ = ["excluded_columns", "validate"]


def validate(parameters: DeepLearningParameters, inputs: Inputs, cloud: Cloud) -> tuple[Message, ...]:
    """Everything that can be said before the training starts: errors, warnings, and hints (TRACE)."""
    training, validation = inputs.training, inputs.validation
    messages = [
        *unsupported_messages(parameters),
        *range_messages(parameters),
        *setting_messages(parameters),
        *autoencoder_messages(parameters),
        *column_messages(parameters, training, validation),
        *row_messages(parameters, inputs, cloud),
        *checkpoint_messages(parameters, inputs),
        *pretraining_messages(parameters, inputs),
        *layer_messages(parameters, inputs),
        *unused_messages(parameters, training, validation, cloud.size),
    ]
    return tuple(dict.fromkeys(messages))
