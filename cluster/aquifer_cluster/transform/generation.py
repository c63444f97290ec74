"""Random frames, and missing values put at random into frames; the same for the same seed, on any layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.node import Block
from aquifer_cluster.transform.creation import missing_values
from aquifer_cluster.transform.numbers import Floats
from aquifer_cluster.transform.uniform import uniform_numbers

TEXT_LENGTH = 8
LATEST_TIME = 1_500_000_000_000
"""Random times lie between 1970 and July 2017, in milliseconds, as H2O's do."""

_VALUES, _GAPS = 0, 1
_CELL_BYTES = 8


@dataclass(frozen=True)
class Recipe:
    """What a random frame is to look like; the names and meanings are those of `/3/CreateFrame`.

    The fractions are of the columns, the rest being real; `value` fills all columns if nothing is random.
    """

    rows: int
    cols: int
    randomize: bool = True
    value: float = 0
    real_range: float = 100
    categorical_fraction: float = 0.2
    factors: int = 100
    integer_fraction: float = 0.2
    integer_range: int = 100
    binary_fraction: float = 0.1
    binary_ones_fraction: float = 0.02
    time_fraction: float = 0
    string_fraction: float = 0
    missing_fraction: float = 0.01
    has_response: bool = False
    response_factors: int = 2
    positive_response: bool = False
    seed: int = 0
    seed_for_column_types: int = 0

    def check(self) -> None:
        """Raise InvalidArgument where the wishes contradict each other."""
        if sum(self._fractions.values()) > 1 + 1e-9:
            raise InvalidArgument("fractions", "those of the column types add up to more than 1")
        if not self.randomize and any(self._fractions.values()):
            raise InvalidArgument("randomize", "columns of other types than real are random; let it be true")

    @property
    def _fractions(self) -> dict[str, float]:
        return {
            "categorical": self.categorical_fraction,
            "integer": self.integer_fraction,
            "binary": self.binary_fraction,
            "time": self.time_fraction,
            "string": self.string_fraction,
        }

    def kinds(self) -> list[str]:
        """The kind of each column but the response, in an order that `seed_for_column_types` shuffles."""
        named = [kind for kind, share in self._fractions.items() for _ in range(int(share * self.cols + 0.5))]
        kinds = (named + ["real"] * self.cols)[: self.cols]
        np.random.default_rng(self.seed_for_column_types % 2**64).shuffle(kinds)
        return kinds


@dataclass(frozen=True)
class _Plan:
    """One column: its kind, how far its values reach, how many levels it has, and its place in the stream."""

    kind: str
    reach: float
    levels: int
    stream: int
    missing: float
    positive: bool = False


_Make = Callable[[_Plan, int, int, int], Values]


def create_frame(cloud: Cloud, recipe: Recipe, job: str | None = None) -> Frame:
    """A random frame: columns C1, C2 …, after a column `response` if wanted.

    Levels are named `c3.l0`, `c3.l1` … in column C3. Raises InvalidArgument, and MemoryExceeded beforehand.
    """
    recipe.check()
    cloud.require("A random frame", recipe.rows * (recipe.cols + recipe.has_response) * _CELL_BYTES)
    plans = _plans(recipe)
    names = [f"C{plan.stream}" if plan.stream else "response" for plan in plans]
    layout = even_layout(recipe.rows, cloud.size, cloud.threads)
    columns = cloud.map_columns(
        Frame((), (), layout),
        _random_block,
        plans,
        recipe.seed,
        types=[_MAKERS[plan.kind][0] for plan in plans],
        domains=[_domain(plan) for plan in plans],
        job=job,
    )
    return Frame(tuple(names), tuple(columns), layout)


def insert_missing(cloud: Cloud, frame: Frame, fraction: float, seed: int, job: str | None = None) -> Frame:
    """The frame with about the `fraction` of all cells made missing. Raises InvalidArgument."""
    if not 0 <= fraction <= 1:
        raise InvalidArgument("fraction", f"it is a fraction from 0 to 1, found {fraction:g}")
    types = [column.type for column in frame.columns]
    domains = [column.domain for column in frame.columns]
    columns = cloud.map_columns(frame, _gaps_block, fraction, seed, types=types, domains=domains, job=job)
    return Frame(frame.names, tuple(columns), frame.layout)


def _plans(recipe: Recipe) -> list[_Plan]:
    reach = {"integer": recipe.integer_range, "binary": recipe.binary_ones_fraction, "constant": recipe.value}
    kinds = recipe.kinds() if recipe.randomize else ["constant"] * recipe.cols
    plans = [
        _Plan(kind, reach.get(kind, recipe.real_range), recipe.factors, i + 1, recipe.missing_fraction)
        for i, kind in enumerate(kinds)
    ]
    if recipe.has_response:
        kind = "real" if recipe.response_factors == 1 else "categorical"
        plans.insert(
            0, _Plan(kind, recipe.real_range, recipe.response_factors, 0, 0.0, recipe.positive_response)
        )
    return plans


def _domain(plan: _Plan) -> tuple[str, ...] | None:
    if plan.kind != "categorical":
        return None
    return tuple(f"c{plan.stream}.l{i}" if plan.stream else str(i) for i in range(plan.levels))


def _uniform(plan: _Plan, seed: int, start: int, rows: int) -> Floats:
    return uniform_numbers(seed, start, rows, stream=2 * plan.stream + _VALUES)


def _reals(plan: _Plan, seed: int, start: int, rows: int) -> Values:
    found = _uniform(plan, seed, start, rows)
    return plan.reach * (found if plan.positive else 2 * found - 1)


def _integers(plan: _Plan, seed: int, start: int, rows: int) -> Values:
    return np.floor(_uniform(plan, seed, start, rows) * (2 * plan.reach + 1)) - plan.reach


def _texts(plan: _Plan, seed: int, start: int, rows: int) -> Values:
    letters = _uniform(plan, seed, start * TEXT_LENGTH, rows * TEXT_LENGTH) * 26 + ord("A")
    offsets = np.arange(rows + 1, dtype=np.int32) * TEXT_LENGTH
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(letters.astype(np.uint8)))


_MAKERS: dict[str, tuple[ColumnType, _Make]] = {
    "real": (ColumnType.NUMERIC, _reals),
    "integer": (ColumnType.NUMERIC, _integers),
    "binary": (ColumnType.NUMERIC, lambda p, *at: (_uniform(p, *at) < p.reach).astype(np.float64)),
    "constant": (ColumnType.NUMERIC, lambda plan, seed, start, rows: np.full(rows, float(plan.reach))),
    "categorical": (ColumnType.ENUM, lambda p, *at: (_uniform(p, *at) * p.levels).astype(np.int32)),
    "time": (ColumnType.TIME, lambda p, *at: (_uniform(p, *at) * LATEST_TIME).astype(np.int64)),
    "string": (ColumnType.STRING, _texts),
}
"""For each kind of column its type, and what makes its values (see `_Make`: plan, seed, first row, rows)."""


def _random_block(block: Block, plans: Sequence[_Plan], seed: int) -> list[Values]:
    made = []
    for plan in plans:
        type, make = _MAKERS[plan.kind]
        values = make(plan, seed, block.start, block.rows)
        made.append(_with_gaps(values, type, block, plan.missing, seed, plan.stream))
    return made


def _gaps_block(block: Block, fraction: float, seed: int) -> list[Values]:
    return [
        _with_gaps(block.decode(i), chunk.type, block, fraction, seed, i)
        for i, chunk in enumerate(block.chunks)
    ]


def _with_gaps(
    values: Values, type: ColumnType, block: Block, fraction: float, seed: int, column: int
) -> Values:
    if not fraction:
        return values
    missing = uniform_numbers(seed, block.start, block.rows, stream=2 * column + _GAPS) < fraction
    if type.dtype is None:
        return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), values)
    return np.where(missing, missing_values(1, type), values)
