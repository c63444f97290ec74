"""Frames as CSV text, formatted as H2O's DownloadDataset does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Column, Frame

CELLS_AT_ONCE = 1_000_000
ROWS_AT_ONCE = 16_384
"""What one step formats, column by column in Arrow: each call is short, and none makes an object of a cell
(but for numbers that need an exponent)."""

_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7  # Java writes numbers outside with an exponent


@dataclass(frozen=True)
class CsvFormat:
    """How the text is to look.

    `hex_string` writes real numbers as hexadecimal floats (as R asks), `escape_quotes` doubles the quotes
    within text.
    """

    separator: str = ","
    header: bool = True
    quote_header: bool = True
    hex_string: bool = False
    escape_quotes: bool = True


def csv_blocks(cloud: Cloud, frame: Frame, format: CsvFormat | None = None) -> Iterator[bytes]:
    """The frame as CSV, piece by piece: whole lines, the header first.

    Text and categories are quoted, whole columns have no point, missing values are empty.
    """
    format = format or CsvFormat()
    if format.header:
        yield _header(frame, format)
    quoted = [_quoted_domain(column, format) for column in frame.columns]
    step = max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(1, len(frame.columns))))
    for start in range(0, frame.rows, step):
        values = cloud.read(frame, start, start + step)
        fields = [
            _fields(decoded, column, domain, format)
            for decoded, column, domain in zip(values, frame.columns, quoted, strict=True)
        ]
        yield _lines(fields, format.separator)


def java_double(value: float) -> str:
    """A number as Java's Double.toString writes it (shortest digits): `1.0E-5`, `12.5`, `Infinity`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return repr(value)
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if exponent:
        return f"{sign}{whole}.{fraction or '0'}E{int(exponent)}"
    if whole != "0":
        digits = (whole + fraction).rstrip("0")
        return f"{sign}{digits[0]}.{digits[1:] or '0'}E{len(whole) - 1}"
    digits = fraction.lstrip("0")
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{len(digits) - len(fraction) - 1}"


def java_hex(value: float) -> str:
    """A number as Java's Double.toHexString writes it: `0x1.8p1`."""
    if not math.isfinite(value):
        return java_double(value)
    mantissa, _, exponent = value.hex().partition("p")
    whole, _, fraction = mantissa.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}p{int(exponent)}"


def _header(frame: Frame, format: CsvFormat) -> bytes:
    names = [_quoted(name, format) if format.quote_header else name for name in frame.names]
    return (format.separator.join(names) + "\n").encode()


def _quoted(text: str, format: CsvFormat) -> str:
    return '"' + (text.replace('"', '""') if format.escape_quotes else text) + '"'


def _quoted_domain(column: Column, format: CsvFormat) -> pa.Array | None:
    if column.domain is None:
        return None
    return pa.array([_quoted(level, format) for level in column.domain], pa.string())


def _fields(values: Values, column: Column, domain: pa.Array | None, format: CsvFormat) -> pa.Array:
    """The values of a column as text; null where missing."""
    if column.type is ColumnType.STRING:
        text = pc.replace_substring(values, '"', '""') if format.escape_quotes else values
        return pc.binary_join_element_wise('"', text, '"', "")
    if column.type is ColumnType.UUID:
        return values
    missing = is_missing(values, column.type)
    if domain is not None:
        return domain.take(pa.array(values, mask=missing))
    if column.type is ColumnType.TIME or column.rollups.whole:
        whole = np.where(missing, 0, values) if missing.any() else values
        return pa.array(whole.astype(np.int64), mask=missing).cast(pa.string())
    return _reals(values, missing, format)


def _reals(values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any], format: CsvFormat) -> pa.Array:
    magnitude = np.abs(values)
    plain = missing | (magnitude == 0) | ((magnitude >= _PLAIN_FROM) & (magnitude < _PLAIN_BELOW))
    if format.hex_string:
        plain = missing
    text = pa.array(values, mask=missing).cast(pa.string())
    pointed = pc.if_else(pc.match_substring(text, "."), text, pc.binary_join_element_wise(text, ".0", ""))
    if plain.all():
        return pointed
    write = java_hex if format.hex_string else java_double
    special = pa.array([write(value) for value in values[~plain].tolist()], pa.string())
    return pc.replace_with_mask(pointed, pa.array(~plain), special)


def _lines(fields: list[pa.Array], separator: str) -> bytes:
    rows = pc.binary_join_element_wise(*fields, separator, null_handling="replace", null_replacement="")
    return bytes(pc.binary_join(pa.ListArray.from_arrays([0, len(rows)], rows), "\n")[0].as_buffer()) + b"\n"
