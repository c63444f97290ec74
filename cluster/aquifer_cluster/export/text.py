"""Rows as separated text, formatted as H2O's DownloadDataset does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.compilation import Kernels
from aquifer_cluster.export.batches import domain_array
from aquifer_cluster.frame import Column, Frame

KERNELS = Kernels("aquifer_cluster.export.kernels")

Ints = np.ndarray[Any, np.dtype[np.int64]]
_MISSING = np.iinfo(np.int64).min


@dataclass(frozen=True)
class CsvFormat:
    """How the text is to look.

    `separator` is one ASCII character, `hex_string` writes real numbers as hexadecimal floats (as R asks),
    `escape_quotes` doubles the quotes within text.
    """

    separator: str = ","
    header: bool = True
    quote_header: bool = True
    hex_string: bool = False
    escape_quotes: bool = True


@dataclass(frozen=True)
class TextColumn:
    """What the text of a column's values depends on, besides the values; `levels` is an enum's domain."""

    type: ColumnType
    whole: bool
    levels: pa.Array | None

    @classmethod
    def of(cls, column: Column) -> TextColumn:
        """Describe a column, in a form that travels cheaply."""
        return cls(column.type, column.rollups.whole, domain_array(column))


def header_line(frame: Frame, format: CsvFormat) -> bytes:
    """The names of the columns, as a line; empty if the format has no header."""
    if not format.header:
        return b""
    names = [_quoted(name, format) if format.quote_header else name for name in frame.names]
    return (format.separator.join(names) + "\n").encode()


def _quoted(text: str, format: CsvFormat) -> str:
    return '"' + (text.replace('"', '""') if format.escape_quotes else text) + '"'


def lines(values: Sequence[Values], columns: Sequence[TextColumn], format: CsvFormat) -> bytes:
    """Rows of decoded `values` as lines.

    Text and categories are quoted, whole columns have no point, missing values are empty.
    """
    kernels = KERNELS.load()
    table = _Table(len(columns), len(values[0]))
    for position, (decoded, column) in enumerate(zip(values, columns, strict=True)):
        _fill(table, position, decoded, column, format.hex_string)
    out = np.empty(table.most_bytes, np.uint8)
    text, bounds = table.texts()
    size = kernels.write_rows(
        table.kinds, table.cells, text, bounds, table.first, ord(format.separator), format.escape_quotes, out
    )
    return out[:size].tobytes()


@dataclass
class _Table:
    """The arguments of the kernel that writes rows; texts of all columns share one buffer."""

    columns: int
    rows: int
    most_bytes: int = field(init=False)
    kinds: Ints = field(init=False)
    cells: Ints = field(init=False)
    first: Ints = field(init=False)
    pools: list[pa.Array] = field(default_factory=list)
    pooled: int = 0

    def __post_init__(self) -> None:
        self.kinds = np.zeros(self.columns, np.int64)
        self.cells = np.empty((self.columns, self.rows), np.int64)
        self.first = np.zeros(self.columns, np.int64)
        self.most_bytes = self.rows * self.columns * (KERNELS.load().WIDEST_NUMBER + 1) + self.rows

    def refer(self, position: int, kind: int, texts: pa.Array, indices: Ints) -> None:
        """Make a column's cells point at `texts`."""
        self.kinds[position] = kind
        self.cells[position] = indices
        self.first[position] = self.pooled
        self.pools.append(texts)
        self.pooled += len(texts)

    def texts(self) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Ints]:
        """The bytes of all texts, and where each begins; the end of the last comes after them."""
        if not self.pools:
            return np.empty(0, np.uint8), np.zeros(1, np.int64)
        joined = pa.concat_arrays([pool.cast(pa.large_string()) for pool in self.pools])
        _, offsets, content = joined.buffers()
        bounds = np.frombuffer(offsets, np.int64, len(joined) + 1, 8 * joined.offset)
        return np.frombuffer(content or b"", np.uint8), bounds


def _fill(table: _Table, position: int, values: Values, column: TextColumn, hexadecimal: bool) -> None:
    """Describe the cells of one column to the kernel."""
    kernels = KERNELS.load()
    if column.type.dtype is None:
        known = np.where(is_missing(values, column.type), _MISSING, np.arange(len(values)))
        kind = kernels.QUOTED if column.type is ColumnType.STRING else kernels.BARE
        table.refer(position, kind, values, known)
        table.most_bytes += 2 * values.nbytes
    elif column.levels is not None:
        codes = np.where(values < 0, _MISSING, values.astype(np.int64))
        table.refer(position, kernels.QUOTED, column.levels, codes)
        table.most_bytes += 2 * _bytes_of_levels(column.levels, values)
    elif values.dtype == np.int64:
        table.kinds[position] = kernels.WHOLE
        table.cells[position] = values
    elif column.whole:
        missing = np.isnan(values)
        table.kinds[position] = kernels.WHOLE
        table.cells[position] = np.where(missing, 0, values)
        table.cells[position][missing] = _MISSING
    elif hexadecimal:
        table.kinds[position] = kernels.HEXADECIMAL
        table.cells[position] = values.view(np.int64)
    elif kernels.as_decimals(values, table.cells[position]):
        table.kinds[position] = kernels.DECIMAL
    else:
        texts = pa.array(values).cast(pa.string())
        known = np.where(np.isnan(values), _MISSING, np.arange(len(values)))
        table.refer(position, kernels.REAL, texts, known)


def _bytes_of_levels(levels: pa.Array, codes: np.ndarray[Any, Any]) -> int:
    used = np.bincount(codes[codes >= 0], minlength=len(levels))
    lengths = pa.compute.binary_length(levels).to_numpy(zero_copy_only=False)
    return int(lengths @ used) if len(levels) else 0
