"""Where the values of a column are in a list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.strings import numbered_names
from aquifer_cluster.transform.text_form import block_texts


def match(
    cloud: Cloud, frame: Frame, table: Sequence[str] | Sequence[float], no_match: float, first: int
) -> Frame:
    """For each row of one column the place of its value in `table`, counted from `first`.

    `no_match` where it is not there, or is missing. Text and categories are looked up among texts, numbers
    and times among numbers. Raises InvalidArgument for several columns, and for a table of another kind.
    """
    if len(frame.columns) != 1:
        raise InvalidArgument("match", f"it takes a single column, found {len(frame.columns)}")
    column = frame.columns[0]
    textual = column.domain is not None or column.type.dtype is None
    if table and textual != isinstance(table[0], str):
        raise InvalidArgument(
            "table",
            f"column '{frame.names[0]}' is {column.wire_type}; look its values up among "
            + ("texts" if textual else "numbers"),
        )
    places = {value: float(place + first) for place, value in reversed(list(enumerate(table)))}
    function = _match_texts if textual else _match_numbers
    types = [ColumnType.NUMERIC]
    columns = cloud.map_columns(frame, function, column.domain, places, no_match, types=types)
    return Frame(numbered_names(1), tuple(columns), frame.layout)


def _match_texts(
    block: Block, domain: tuple[str, ...] | None, places: dict[str, float], no_match: float
) -> list[Values]:
    found = pc.index_in(block_texts(block, 0, domain), value_set=pa.array(places, pa.string()))
    known = np.append(np.fromiter(places.values(), np.float64, len(places)), no_match)
    return [known[found.fill_null(-1).to_numpy(zero_copy_only=False)]]


def _match_numbers(block: Block, domain: None, places: dict[float, float], no_match: float) -> list[Values]:
    order = np.array(sorted(value for value in places if value == value), np.float64)
    values: Floats = numbers(block, 0)
    if not len(order):
        return [np.full(block.rows, no_match)]
    place = np.minimum(np.searchsorted(order, values), len(order) - 1)
    known = np.array([places[value] for value in order.tolist()], np.float64)
    return [np.where(order[place] == values, known[place], no_match)]
