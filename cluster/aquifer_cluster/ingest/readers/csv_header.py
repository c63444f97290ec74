"""Whether the first record of a file names columns: every file of an import may begin with a header."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.inference import Kind, holds_values, kinds
from aquifer_cluster.ingest.setup import ParseSetup
from aquifer_cluster.ingest.values import NUMERIC_MISSING

_VALUES = (ColumnType.NUMERIC, ColumnType.TIME, ColumnType.UUID)


def is_header(fields: Sequence[str], setup: ParseSetup, first: bool) -> bool:
    """Whether the first record of a file is a header, given that some file of the import has one.

    What repeats the names is one. Otherwise it is one in the first file unless it holds values, and in a
    further file if it has a word in every column of numbers, times or uuids, of which there are some.
    """
    if repeats_names(fields, setup.column_names):
        return True
    if first:
        return setup.column_names is None or not holds_values(fields)
    shown = [field for field, type in zip(fields, setup.column_types, strict=False) if type in _VALUES]
    words = kinds(pa.array([field or None for field in shown], pa.string())) == Kind.WORD
    return bool(shown) and bool(words.all()) and not np.isin(shown, NUMERIC_MISSING).any()


def repeats_names(fields: Sequence[str], names: Sequence[str] | None) -> bool:
    """Whether the fields are the names, perhaps in another case of letters."""
    return names is not None and [field.strip().lower() for field in fields] == [
        name.lower() for name in names
    ]
