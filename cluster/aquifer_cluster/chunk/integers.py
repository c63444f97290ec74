"""Whole numbers of a narrow range, enum codes and times, as unsigned offsets from the smallest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from aquifer_cluster.chunk.base import MISSING_CODE, MISSING_TIME, Chunk, ColumnType, Values, is_missing

_EXACT = 2.0**53  # beyond it float64 no longer tells neighbouring integers apart
_WIDTHS = (np.uint8, np.uint16, np.uint32)
_MISSING: dict[ColumnType, float | int] = {
    ColumnType.NUMERIC: np.nan,
    ColumnType.ENUM: MISSING_CODE,
    ColumnType.TIME: MISSING_TIME,
}


@dataclass(frozen=True, slots=True)
class IntegerChunk(Chunk):
    """`offset + code` for each row; the largest code of the width stands for missing, if any is."""

    name: ClassVar[str] = "integers"
    codes: np.ndarray[Any, Any]
    offset: int
    has_missing: bool
    type: ColumnType

    @property
    def rows(self) -> int:  # type: ignore[override]
        """Number of rows."""
        return len(self.codes)

    @classmethod
    def fit(cls, values: Values, type: ColumnType) -> Self | None:
        """Hold `values` if all are whole, exact, and span at most 32 bits."""
        if type.dtype is None:
            return None
        values = np.asarray(values, type.dtype)
        missing = is_missing(values, type)
        has_missing = bool(missing.any())
        known = values[~missing] if has_missing else values
        if type is ColumnType.NUMERIC and not _is_whole(known):
            return None
        low, high = (int(known.min()), int(known.max())) if len(known) else (0, 0)
        width = _narrowest(high - low + 1 + has_missing)
        if width is None or (type is ColumnType.NUMERIC and max(-low, high) >= _EXACT):
            return None
        codes = np.full(len(values), np.iinfo(width).max, width)
        if has_missing:
            codes[~missing] = (known - low).astype(width)
        else:
            codes[:] = known - low
        return cls(codes, low, has_missing, type)

    def decode(self, start: int = 0, stop: int | None = None) -> Values:
        """Rows `start:stop` in the decoded form of the type."""
        codes = self.codes[start:stop]
        dtype = self.type.dtype
        values = codes.astype(np.int64 if self.type is not ColumnType.NUMERIC else np.float64)
        values += self.offset
        if self.has_missing:
            values[codes == np.iinfo(codes.dtype).max] = _MISSING[self.type]
        return values.astype(dtype, copy=False)

    def take(self, rows: np.ndarray[Any, Any]) -> Self:
        """The `rows` (indices), in that order."""
        return replace(self, codes=self.codes[rows])

    def tally(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
        """The different known values, ascending, and how often each occurs; None where no shortcut."""
        if not self.rows or self.codes.max() > max(255, 2 * self.rows):
            return None
        counts = np.bincount(self.codes)
        found = np.flatnonzero(counts)
        if self.has_missing and len(found) and found[-1] == np.iinfo(self.codes.dtype).max:
            found = found[:-1]
        return (found + self.offset).astype(np.float64), counts[found]

    @property
    def nbytes(self) -> int:
        """The size of the codes."""
        return self.codes.nbytes


def _is_whole(values: np.ndarray[Any, Any]) -> bool:
    if not len(values):
        return True
    if values[0] != np.rint(values[0]):  # most real columns are found out by their first value
        return False
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(values) & (values == np.rint(values))
    return bool(whole.all()) and not bool(np.signbit(values[values == 0]).any())


def _narrowest(codes: int) -> type[np.unsignedinteger[Any]] | None:
    """The narrowest width with room for so many codes."""
    for width in _WIDTHS:
        if codes <= np.iinfo(width).max + 1:
            return width
    return None
