"""What type a column of text has, told from a sample of it."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.dialect import is_number

_MOSTLY_DISTINCT = 0.95


def infer_type(fields: Sequence[str]) -> ColumnType:
    """Numeric if at least half of what is there are numbers; string if nearly every word is another."""
    present = [field for field in map(str.strip, fields) if field]
    words = [field for field in present if not is_number(field)]
    if 2 * len(words) <= len(present):
        return ColumnType.NUMERIC
    if len(set(words)) >= _MOSTLY_DISTINCT * len(words):
        return ColumnType.STRING
    return ColumnType.ENUM
