"""Reading a frame as a model's input: which column is which, in whose levels, and what is missing.

`adapt` compares a frame with a `DataInfo` on the coordinator; the `Reader` it returns goes to the nodes and
turns rows of a block into inputs, targets and weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from aquifer_cluster.chunk import ColumnType, NumberChunk
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from numpy.typing import NDArray

from aquifer_algos.datainfo import DataInfo, Predictor

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]
Mask: TypeAlias = NDArray[np.bool_]

SHOWN_LEVELS = 20
"""How many unseen levels of a column a warning lists."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where one column of the model is found in a block, and in which levels.

    position: the chunk, or None if the frame has no such column: then every value is missing.
    recoding: the model's code for each code of the frame, and -1 at the end for missing; None if the same.
    level_numbers: for a numeric column read as levels: the number that each level of the model spells.
    """

    position: int | None
    recoding: Codes | None = None
    level_numbers: Floats | None = None

    def numbers(self, block: Block, start: int, stop: int) -> Floats:
        """Rows `start:stop` as numbers; missing and infinite ones are NaN."""
        if self.position is None:
            return np.full(stop - start, np.nan)
        chunk = block.chunks[self.position]
        assert isinstance(chunk, NumberChunk), "adapt() refuses text"
        values = chunk.numbers(start, stop)
        known = np.isfinite(values)
        return values if known.all() else np.where(known, values, np.nan)

    def codes(self, block: Block, start: int, stop: int) -> Codes:
        """Rows `start:stop` as codes into the model's domain; missing and unseen levels are -1."""
        if self.position is None:
            return np.full(stop - start, -1, np.int32)
        values = block.chunks[self.position].decode(start, stop)
        if self.level_numbers is not None:
            return _match(values, self.level_numbers)
        return values if self.recoding is None else self.recoding[values]


@dataclass(frozen=True, eq=False)
class Reader:
    """A model's view of the blocks of one frame; a picklable value."""

    data: DataInfo
    predictors: tuple[Source, ...]
    response: Source | None
    weights: Source | None
    offsets: Source | None = None

    def predictor_sources(self) -> Sequence[tuple[Predictor, Source]]:
        """Each predictor with its source."""
        return tuple(zip(self.data.predictors, self.predictors, strict=True))

    def target(self, block: Block, start: int, stop: int) -> Codes | Floats:
        """The response: codes with -1 for missing, or numbers in their own units with NaN for missing.

        Without a response column every value is missing.
        """
        source = self.response or Source(None)
        read = source.numbers if self.data.response.domain is None else source.codes
        return read(block, start, stop)

    def weight(self, block: Block, start: int, stop: int) -> Floats | None:
        """Observation weights, missing ones 0; None if all are 1."""
        if self.weights is None:
            return None
        return np.nan_to_num(self.weights.numbers(block, start, stop), nan=0.0)

    def offset(self, block: Block, start: int, stop: int) -> Floats | None:
        """What is added to the output of each row, in the units that are learnt, NaN if missing; or None."""
        if self.offsets is None:
            return None
        return self.data.response.learnt(self.offsets.numbers(block, start, stop))


@dataclass(frozen=True, eq=False)
class Adapted:
    """A frame reduced to the columns a model reads, the reader of its blocks, and what to warn of."""

    frame: Frame
    reader: Reader
    warnings: tuple[str, ...]


def adapt(data: DataInfo, frame: Frame, role: str = "frame") -> Adapted:
    """Find the model's columns in `frame`.

    A column that is absent counts as missing, with a warning; levels that the model does not know count as
    missing, with a warning that lists them. Raises InvalidArgument if no predictor or not the offset is
    there, or if a column is categorical where the model has numbers.
    """
    absent = [predictor.name for predictor in data.predictors if predictor.name not in frame.names]
    if len(absent) == len(data.predictors):
        raise InvalidArgument(
            role,
            f"has none of the model's {len(absent)} predictors ({_listed(absent)}); give a frame that does",
        )
    if data.offset is not None and data.offset not in frame.names:
        raise InvalidArgument(
            role, f"has no offset column '{data.offset}'; the model adds it to each prediction"
        )
    warnings = [f"The {role} has no column '{name}': it is taken as missing in every row." for name in absent]
    wanted = [name for name in data.names if name in frame.names]
    selected = frame.select(wanted)
    found = {}
    for name, domain in zip(data.names, data.domains, strict=True):
        if name in frame.names:
            found[name] = _source(name, selected.index(name), selected.column(name), domain, role, warnings)
    reader = Reader(
        data,
        tuple(found.get(predictor.name, Source(None)) for predictor in data.predictors),
        found.get(data.response.name),
        None if data.weights is None else found.get(data.weights),
        None if data.offset is None else found[data.offset],
    )
    return Adapted(selected, reader, tuple(warnings))


def _source(
    name: str, position: int, column: Column, domain: tuple[str, ...] | None, role: str, warnings: list[str]
) -> Source:
    if domain is None:
        if column.type not in (ColumnType.NUMERIC, ColumnType.TIME):
            raise InvalidArgument(
                role, f"column '{name}' is {column.wire_type}, but the model was trained on numbers there"
            )
        return Source(position)
    if column.type is ColumnType.NUMERIC:
        return Source(position, level_numbers=_numbers_of(domain))
    if column.domain is None:
        raise InvalidArgument(
            role, f"column '{name}' is {column.wire_type}, but the model was trained on categories there"
        )
    if column.domain == domain:
        return Source(position)
    codes = {level: code for code, level in enumerate(domain)}
    unseen = [level for level in column.domain if level not in codes]
    if unseen:
        warnings.append(
            f"Column '{name}' of the {role} has levels that training did not see, taken as missing: "
            + _listed(unseen)
        )
    return Source(position, np.array([*(codes.get(level, -1) for level in column.domain), -1], np.int32))


def _numbers_of(domain: Sequence[str]) -> Floats:
    return np.array([_number(level) for level in domain])


def _number(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        return np.nan


def _match(values: Floats, level_numbers: Floats) -> Codes:
    order = np.argsort(level_numbers, kind="stable")  # NaN last
    ordered = level_numbers[order]
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.where(ordered[place] == values, order[place], -1).astype(np.int32)


def _listed(names: Sequence[Any]) -> str:
    shown = ", ".join(str(name) for name in names[:SHOWN_LEVELS])
    return shown + (f", … ({len(names)} in all)" if len(names) > SHOWN_LEVELS else "")
