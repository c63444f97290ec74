"""Reading a frame as a model's input: which column is which, in whose levels, and what is missing.

`adapt` compares a frame with a `DataInfo` on the coordinator; the `Reader` it returns goes to the nodes and
turns rows of a block into inputs, targets and weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from aquifer_cluster.chunk import ColumnType, NumberChunk
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from numpy.typing import NDArray

from aquifer_algos.datainfo import DataInfo, Predictor
from aquifer_algos.encoding import OTHER_LEVEL, Encoded, OneHot

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]
Mask: TypeAlias = NDArray[np.bool_]

SHOWN_LEVELS = 20
"""How many unseen levels of a column, or absent columns, are listed."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where one column of the model is found in a block, and in which levels.

    position: the chunk, or None if the frame has no such column: then every value is missing.
    recoding: the model's code for each code of the frame, and -1 at the end for missing; None if the same.
    level_numbers: for a numeric column read as levels: the number that each level of the model spells.
    unseen: the code of other numbers than these.
    """

    position: int | None
    recoding: Codes | None = None
    level_numbers: Floats | None = None
    unseen: int = -1

    def numbers(self, block: Block, start: int, stop: int) -> Floats:
        """Rows `start:stop` as numbers; missing and infinite ones are NaN."""
        values = np.empty(stop - start)
        self.fill(values, block, start)
        known = np.isfinite(values)
        return values if known.all() else np.where(known, values, np.nan)

    def fill(self, out: Floats, block: Block, start: int) -> None:
        """Write the `len(out)` rows from `start` on into `out` as numbers; missing ones are NaN."""
        if self.position is None:
            out[:] = np.nan
            return
        chunk = block.chunks[self.position]
        assert isinstance(chunk, NumberChunk), "adapt() refuses text"
        chunk.fill(out, start)

    def codes(self, block: Block, start: int, stop: int) -> Codes:
        """Rows `start:stop` as codes into the model's domain; missing is -1.

        Levels that training did not see have the code after the last, or in a response -1.
        """
        if self.position is None:
            return np.full(stop - start, -1, np.int32)
        values = block.chunks[self.position].decode(start, stop)
        if self.level_numbers is not None:
            return _match(values, self.level_numbers, self.unseen)
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

    A column that is absent counts as missing, with a warning; so do levels that training did not see, with a
    warning that lists them. Raises InvalidArgument if no predictor or not the offset is there, or if a column
    is of a type that cannot be read as the model's.
    """
    _require_columns(data, frame, role)
    sources, warnings = _sources(data, frame, role)
    absent = [predictor.name for predictor in data.predictors if predictor.name not in sources]
    warnings += [
        f"Test/Validation dataset is missing column '{name}': substituting in a column of NaN"
        for name in absent
    ]
    reader = Reader(
        data,
        tuple(sources.get(predictor.name, Source(None)) for predictor in data.predictors),
        None if data.response.name is None else sources.get(data.response.name),
        None if data.weights is None else sources.get(data.weights),
        None if data.offset is None else sources[data.offset],
    )
    return Adapted(frame.select(list(sources)), reader, tuple(warnings))


def _require_columns(data: DataInfo, frame: Frame, role: str) -> None:
    names = [predictor.name for predictor in data.predictors]
    if not set(names) & set(frame.names):
        raise InvalidArgument(
            role,
            "Test/Validation dataset has no columns in common with the training set: it has none of the "
            f"model's {len(names)} predictors {_listed(names)}; give a frame that does",
        )
    if data.offset is not None and data.offset not in frame.names:
        raise InvalidArgument(
            role, f"has no offset column '{data.offset}'; the model adds it to each prediction"
        )


def _sources(data: DataInfo, frame: Frame, role: str) -> tuple[dict[str, Source], list[str]]:
    """Where each column that is there is found, in the order of the model, and what to warn of."""
    encoded = {predictor.name: predictor.encoded for predictor in data.predictors}
    sources: dict[str, Source] = {}
    warnings = []
    for name, domain in zip(data.names, data.domains, strict=True):
        if name not in frame.names:
            continue
        column = frame.column(name)
        wrong = mismatch(name, column, domain is not None)
        if wrong:
            raise InvalidArgument(role, wrong)
        unseen = [] if domain is None else sorted(set(column.domain or ()) - set(domain))
        if unseen and name in encoded:
            warnings.append(_unseen_warning(name, unseen, encoded[name]))
        sources[name] = _source(
            len(sources), column, domain, len(domain) if domain and name in encoded else -1
        )
    return sources, warnings


def mismatch(name: str, column: Column, categorical: bool) -> str | None:
    """Why a column cannot be read as the categories, or the numbers, that training had there; None if it can.

    Numbers are read as the levels that they spell.
    """
    allowed = {ColumnType.NUMERIC, ColumnType.ENUM if categorical else ColumnType.TIME}
    if column.type in allowed:
        return None
    if categorical:
        return (
            f"Test/Validation dataset has a non-categorical column '{name}' ({column.wire_type}) which is "
            "categorical in the training data; convert it (asfactor)"
        )
    kind = column.wire_type if column.domain is None else "categorical"
    return (
        f"Test/Validation dataset has {kind} column '{name}' which is real-valued in the training data; "
        "convert it (asnumeric)"
    )


def _source(position: int, column: Column, domain: tuple[str, ...] | None, unseen: int) -> Source:
    if domain is None or column.domain == domain:
        return Source(position)
    if column.domain is None:
        return Source(position, level_numbers=_numbers_of(domain), unseen=unseen)
    codes = {level: code for code, level in enumerate(domain)}
    return Source(position, np.array([*(codes.get(level, unseen) for level in column.domain), -1], np.int32))


def _unseen_warning(name: str, levels: Sequence[str], encoded: Encoded | None) -> str:
    taken = f"'{OTHER_LEVEL}'" if isinstance(encoded, OneHot) and encoded.has_other else "missing"
    return (
        f"Test/Validation dataset column '{name}' has levels not trained on: {_listed(levels)}, "
        f"taken as {taken}"
    )


def _numbers_of(domain: Sequence[str]) -> Floats:
    return np.array([_number(level) for level in domain])


def _number(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        return np.nan


def _match(values: Floats, level_numbers: Floats, unseen: int) -> Codes:
    order = np.argsort(level_numbers, kind="stable")  # NaN last
    ordered = level_numbers[order]
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    other = np.where(np.isnan(values), -1, unseen)
    return np.where(ordered[place] == values, order[place], other).astype(np.int32)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:SHOWN_LEVELS])
    return f"[{shown}]" + (f" and {len(names) - SHOWN_LEVELS} more" if len(names) > SHOWN_LEVELS else "")
