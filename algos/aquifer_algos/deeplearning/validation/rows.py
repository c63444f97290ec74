"""Whether a row is left to train on, and one to be scored, once those that lack something are out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import add

import numpy as np
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block

from aquifer_algos.adaptation import Reader, adapt
from aquifer_algos.builder import Inputs
from aquifer_algos.datainfo import DataInfo, Predictor, Response
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.validation.predictors import excluded_columns
from aquifer_algos.deeplearning.validation.wording import error, listed
from aquifer_algos.description import usable_predictors
from aquifer_algos.expansion import trainable
from aquifer_algos.params import Message


def row_messages(parameters: DeepLearningParameters, inputs: Inputs, cloud: Cloud) -> Iterator[Message]:
    """An error for each frame of which no row is left.

    Nothing about columns that are absent, of another type, or without a value in any training row: what is
    said of those names them.
    """
    training, validation = inputs.training, inputs.validation
    if training is None:
        return
    data = _columns_read(parameters, training)
    scored = replace(data, skip_missing=False)
    if not all(_at_least(training, name, data) for name in _needed(scored)):
        return
    lacking = _lacking(scored)
    if not _has_rows(cloud, training, scored):
        yield error(
            "training_frame",
            f"No row of the training frame is left: in each {lacking}. Give a frame with rows that have all.",
        )
    elif not _has_rows(cloud, training, data):
        also = f", or {lacking}" if lacking else ""
        yield error(
            "missing_values_handling",
            f"missing_values_handling=Skip leaves no row: in each a predictor is missing{also}. Use "
            "MeanImputation, or leave out the columns that are missing most (ignored_columns).",
        )
    if validation is not None and not _has_rows(cloud, validation, scored):
        yield error(
            "validation_frame",
            f"No row of the validation frame can be scored: in each {lacking}. Give a frame with rows that "
            "have all.",
        )


def count_trainable(block: Block, reader: Reader) -> int:
    """How many rows of a block can be trained on."""
    keep = trainable(reader, block)
    return block.rows if keep is None else int(np.count_nonzero(keep))


def _columns_read(parameters: DeepLearningParameters, training: Frame) -> DataInfo:
    """What tells which rows are used, with no inputs laid out."""
    kept, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
    response = None if parameters.autoencoder else parameters.response_column
    return DataInfo(
        tuple(Predictor(name, 0, training.column(name).domain) for name in kept),
        Response(response, training.column(response).domain if response in training.names else None),
        weights=parameters.weights_column,
        skip_missing=parameters.missing_values_handling == "Skip",
        offset=parameters.offset_column,
    )


def _needed(data: DataInfo) -> list[str]:
    """The columns that must have a value for a row to be used."""
    predictors = [predictor.name for predictor in data.predictors if data.skip_missing]
    roles = (data.response.name, data.offset, data.weights)
    return [*(name for name in roles if name is not None), *predictors]


def _lacking(data: DataInfo) -> str:
    """What a row lacks that is not used."""
    columns = [name for name in _needed(data) if name != data.weights]
    missing = f"a known value of [{listed(columns)}] is missing" if columns else ""
    weight = f"the weight '{data.weights}' is 0 or missing" if data.weights else ""
    return ", or ".join(filter(None, (missing, weight)))


def _has_rows(cloud: Cloud, frame: Frame, data: DataInfo) -> bool:
    """Whether a row is left; the nodes look through the rows only if the roll-ups leave it open."""
    names = _needed(data)
    if not frame.rows or not set(names) <= set(frame.names):
        return True
    if sum(frame.rows - _at_least(frame, name, data) for name in names) < frame.rows:
        return True
    try:
        adapted = adapt(data, frame)
    except InvalidArgument:  # of another type, or without any predictor
        return True
    return bool(cloud.map_reduce(adapted.frame, count_trainable, adapted.reader, combine=add))


def _at_least(frame: Frame, name: str, data: DataInfo) -> int:
    """In how many rows at least a column has what is needed there, as far as its roll-ups tell."""
    if name not in frame.names:
        return frame.rows
    column = frame.column(name)
    if name == data.weights:
        return column.rollups.count - column.rollups.zeros
    if name == data.response.name and set(column.domain or ()) - set(data.response.domain or ()):
        return 0  # levels that training does not have count as missing
    return column.rollups.count
