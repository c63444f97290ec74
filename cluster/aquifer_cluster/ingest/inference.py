"""What type a column of text has, told from a sample of it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.dialect import NUMBER
from aquifer_cluster.ingest.values import NUMERIC_MISSING

_MOSTLY_DISTINCT = 0.95
_NUMBER = f"^{NUMBER}$"
_ZERO = r"^[+-]?0*\.?0*$"


@dataclass(frozen=True)
class Inferred:
    """The type of a column, and the words in it that seem to mean missing."""

    type: ColumnType
    na_strings: tuple[str, ...] = ()


def infer(fields: pa.Array) -> Inferred:
    """The type of a column from some of its fields (strings).

    It is numeric if at least half of what is there are numbers, or if all else says missing; string if
    nearly every word is another; else enum. Zeros among the words of an enum mean missing, as in H2O.
    """
    counted = pc.value_counts(pc.utf8_trim_whitespace(fields))
    values, counts = counted.field("values"), counted.field("counts")
    present = pc.fill_null(pc.not_equal(values, ""), False)
    values, counts = values.filter(present), counts.filter(present)
    numeric = pc.match_substring_regex(values, _NUMBER)
    words = values.filter(pc.invert(numeric))
    numbers = _total(counts.filter(numeric))
    among = _total(counts) - numbers
    if numbers >= among or _all_missing(words, numbers):
        return Inferred(ColumnType.NUMERIC)
    if len(words) > 1 and len(words) >= _MOSTLY_DISTINCT * among:
        return Inferred(ColumnType.STRING)
    zeros = numbers and pc.all(pc.match_substring_regex(values.filter(numeric), _ZERO)).as_py()
    return Inferred(ColumnType.ENUM, ("0",) if zeros else ())


def _all_missing(words: pa.Array, numbers: int) -> bool:
    known = NUMERIC_MISSING if numbers else ("NA",)
    return bool(pc.all(pc.is_in(words, value_set=pa.array(known, pa.string()))).as_py())


def _total(counts: pa.Array) -> int:
    return int(pc.sum(counts).as_py() or 0)
