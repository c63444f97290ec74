"""Centring and scaling of numeric columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers

Choice = bool | Sequence[float]
"""True for the column's own statistic, False for none, or a number for each column."""


def scale(cloud: Cloud, frame: Frame, center: Choice, factor: Choice) -> Frame:
    """(x − center) · factor of the numeric columns; the others stay as they are.

    `center` True is the mean, `factor` True one over the sample standard deviation. Raises InvalidArgument
    for lists of another length than the frame has columns.
    """
    centers = _given(frame, "center", center, [column.rollups.mean for column in frame.columns], 0.0)
    with np.errstate(divide="ignore"):
        inverse = 1.0 / np.array([column.rollups.sigma for column in frame.columns])
    factors = _given(frame, "scale", factor, inverse, 1.0)
    wanted = [
        i
        for i, column in enumerate(frame.columns)
        if column.type is ColumnType.NUMERIC and (centers[i], factors[i]) != (0.0, 1.0)
    ]
    columns = cloud.map_columns(
        frame.select(wanted), _scale_block, centers[wanted], factors[wanted],
        types=[ColumnType.NUMERIC] * len(wanted),
    )  # fmt: skip
    for i, column in zip(wanted, columns, strict=True):
        frame = frame.replace(i, column)
    return frame


def _given(frame: Frame, name: str, choice: Choice, own: Sequence[float] | Floats, neutral: float) -> Floats:
    """A number for each column."""
    if isinstance(choice, bool):
        return np.array(own, np.float64) if choice else np.full(len(frame.columns), neutral)
    if len(choice) != len(frame.columns):
        raise InvalidArgument(
            name,
            f"it has {len(choice)} numbers for {len(frame.columns)} columns; "
            "give one for each (any for those that are not numeric)",
        )
    return np.array(choice, np.float64)


def _scale_block(block: Block, centers: Floats, factors: Floats) -> list[Values]:
    with np.errstate(invalid="ignore", over="ignore"):
        return [
            (numbers(block, i) - center) * factor
            for i, (center, factor) in enumerate(zip(centers, factors, strict=True))
        ]
