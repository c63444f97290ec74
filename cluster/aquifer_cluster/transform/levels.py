"""The order of levels by how often they occur."""

from __future__ import annotations

from operator import add

import numpy as np

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.factors import with_domain
from aquifer_cluster.transform.numbers import Floats, numbers


def relevel_by_frequency(cloud: Cloud, frame: Frame, weights: str | None, top: int | None) -> Frame:
    """The frame with the levels of every category by falling frequency, equal ones in the order they had.

    `weights` names a column that says how much each row counts. With `top` only so many of the most
    frequent levels move to the front. Raises InvalidArgument for missing or negative weights.
    """
    weighted = None if weights is None else _weights(frame, weights)
    for i, column in enumerate(frame.columns):
        if column.domain:
            frame = frame.replace(i, _relevelled(cloud, column, weighted, top))
    return frame


def _weights(frame: Frame, name: str) -> Column:
    column = frame.column(name)
    if column.type is not ColumnType.NUMERIC:
        raise InvalidArgument("weights", f"column '{name}' is {column.wire_type}; weights are numbers")
    if column.rollups.missing or column.rollups.minimum < 0:
        raise InvalidArgument("weights", f"column '{name}' has missing or negative weights")
    return column


def _relevelled(cloud: Cloud, column: Column, weights: Column | None, top: int | None) -> Column:
    domain = column.domain or ()
    columns = (column,) if weights is None else (column, weights)
    frame = Frame(("category", "weight")[: len(columns)], columns, column.layout)
    totals = cloud.map_reduce(frame, _totals_block, len(domain), combine=add)
    front = np.argsort(-totals, kind="stable")[:top]
    rest = np.setdiff1d(np.arange(len(domain)), front)
    return with_domain(cloud, column, [domain[code] for code in (*front, *rest)])


def _totals_block(block: Block, levels: int) -> Floats:
    codes = block.decode(0)
    known = codes >= 0
    weights = numbers(block, 1)[known] if len(block.chunks) > 1 else None
    return np.bincount(codes[known], weights, minlength=levels).astype(np.float64)
