"""Predictions and performance of a model on any frame: one pure function of weights and block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.node import Block
from numpy.typing import NDArray

from aquifer_algos.adaptation import Floats, Mask, Reader, adapt
from aquifer_algos.datainfo import DataInfo, ModelCategory
from aquifer_algos.draw import Draw
from aquifer_algos.expansion import InputRows, dense, expand, row_cells, stripes
from aquifer_algos.measurement import COMBINE, Counts, Metrics, Scores, count, measure, nothing
from aquifer_algos.model import Model, Scorer

PREDICTION = "predict"
"""The first column of every frame of predictions."""
RowFunction: TypeAlias = Callable[[DataInfo, Scorer, InputRows], NDArray[np.floating[Any]]]
"""Some numbers (rows, numbers) of each input row; a named top-level function, which goes to the nodes."""


def predict(cloud: Cloud, model: Model, frame: Frame, job: Job | None = None) -> Frame:
    """The model's predictions for every row of `frame`, in its layout.

    Classification: the label, and the probability of each class in a column named by `score_names`. The label
    of two classes is the second where its probability reaches the model's threshold, of more the most
    probable. Regression: the number. Warnings about the frame go to the job. Raises InvalidArgument.
    """
    adapted = adapt(model.data, frame)
    _warn(job, adapted.warnings)
    domain = model.data.response.domain
    threshold = model.default_threshold if domain is not None and len(domain) == 2 else None
    numbers = [ColumnType.NUMERIC] * len(domain or (None,))
    types = numbers if domain is None else [ColumnType.ENUM, *numbers]
    columns = cloud.map_columns(
        adapted.frame,
        predict_block,
        adapted.reader,
        model.scorer,
        threshold,
        types=types,
        domains=None if domain is None else [domain, *(None for _ in domain)],
        job=job.key if job else None,
    )
    return Frame((PREDICTION, *score_names(domain or ())), tuple(columns), columns[0].layout)


def score_names(domain: Sequence[str]) -> tuple[str, ...]:
    """The names of columns of probabilities: the classes, with a `p` before whole numbers and taken names."""
    names: list[str] = []
    for level in domain:
        name = f"p{level}" if level.lstrip("+-").isdigit() else level
        while name in (PREDICTION, *names):
            name = f"p{name}"
        names.append(name)
    return tuple(names)


def performance(cloud: Cloud, model: Model, frame: Frame, job: Job | None = None) -> Metrics:
    """How well the model predicts the response that `frame` has.

    An autoencoder's response are the inputs. Raises InvalidArgument if the frame has none.
    """
    adapted = adapt(model.data, frame)
    _warn(job, adapted.warnings)
    if model.response is not None and adapted.reader.response is None:
        raise InvalidArgument(
            "frame", f"has no response column '{model.response}' to compare the predictions with"
        )
    counts = count_frame(cloud, adapted.frame, adapted.reader, model.scorer, job.key if job else None)
    return measure(model.data.response, counts)


def derive(
    cloud: Cloud,
    model: Model,
    frame: Frame,
    names: Sequence[str],
    function: RowFunction,
    job: Job | None = None,
) -> Frame:
    """The numbers that `function` finds for every row of `frame`, in its layout, as columns of these names.

    Warnings about the frame go to the job. Raises InvalidArgument.
    """
    adapted = adapt(model.data, frame)
    _warn(job, adapted.warnings)
    columns = cloud.map_columns(
        adapted.frame,
        derive_block,
        adapted.reader,
        model.scorer,
        function,
        len(names),
        types=[ColumnType.NUMERIC] * len(names),
        job=job.key if job else None,
    )
    return Frame(tuple(names), tuple(columns), columns[0].layout)


def count_frame(
    cloud: Cloud,
    frame: Frame,
    reader: Reader,
    scorer: Scorer,
    job: str | None = None,
    draw: Draw | None = None,
) -> Counts | None:
    """The counts of an adapted frame, or of the rows that are drawn of it."""
    combine = COMBINE[reader.data.response.category]
    counts: Counts | None = cloud.map_reduce(
        frame, count_block, reader, scorer, draw, combine=combine, job=job
    )
    return counts


def score_block(block: Block, reader: Reader, scorer: Scorer, keep: Mask | None = None) -> Scores:
    """Class probabilities (rows, classes), or the response in its own units (rows, 1).

    All rows of the block, or those to `keep`.
    """
    pieces = []
    for start, stop in stripes(block.rows, row_cells(reader.data)):
        kept = None if keep is None else keep[start:stop]
        rows, offset = expand(reader, block, start, stop, kept), reader.offset(block, start, stop)
        if offset is not None and kept is not None:
            offset = offset[kept]
        pieces.append(reader.data.response.predicted(scorer.scores(rows), offset))
    return np.concatenate(pieces) if pieces else np.empty((0, len(reader.data.response.domain or (None,))))


def predict_block(
    block: Block, reader: Reader, scorer: Scorer, threshold: float | None
) -> tuple[Values, ...]:
    """The columns of predictions for one block."""
    scores = score_block(block, reader, scorer)
    columns = tuple(np.ascontiguousarray(column) for column in scores.T)
    if reader.data.response.domain is None:
        return columns
    labels = scores.argmax(axis=1) if threshold is None else scores[:, 1] >= threshold
    return (labels.astype(np.int32), *columns)


def derive_block(
    block: Block, reader: Reader, scorer: Scorer, function: RowFunction, width: int
) -> tuple[Values, ...]:
    """The columns of numbers for one block."""
    numbers = np.empty((width, block.rows))
    for start, stop in stripes(block.rows, reader.data.inputs):
        numbers[:, start:stop] = function(reader.data, scorer, expand(reader, block, start, stop)).T
    return tuple(numbers)


def count_block(block: Block, reader: Reader, scorer: Scorer, draw: Draw | None) -> Counts:
    """The counts of one block, or of the rows that are drawn of it."""
    actual, weight = reader.target(block, 0, block.rows), reader.weight(block, 0, block.rows)
    keep = None
    if draw is not None:
        keep = draw.rows(block.index, actual)
        actual, weight = actual[keep], None if weight is None else weight[keep]
    if reader.data.response.category is ModelCategory.AUTOENCODER:
        return _count_reconstructed(block, reader, scorer, keep, weight)
    return count(reader.data.response, actual, score_block(block, reader, scorer, keep), weight)


def _count_reconstructed(
    block: Block, reader: Reader, scorer: Scorer, keep: Mask | None, weight: Floats | None
) -> Counts:
    """The counts of an autoencoder's reconstruction, stripe by stripe: it is as wide as the input."""
    response, found, done = reader.data.response, [], 0
    for start, stop in stripes(block.rows, reader.data.inputs):
        rows = expand(reader, block, start, stop, None if keep is None else keep[start:stop])
        inputs = dense(rows, reader.data.inputs)
        weights = None if weight is None else weight[done : done + len(inputs)]
        found.append(count(response, inputs, scorer.scores(rows), weights))
        done += len(inputs)
    return reduce(COMBINE[response.category], found, nothing(response))


def _warn(job: Job | None, warnings: tuple[str, ...]) -> None:
    if job is not None:
        for warning in warnings:
            job.warn(warning)
