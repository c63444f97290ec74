"""ORC, by Arrow: stripe by stripe, only the columns that are kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

import pyarrow as pa
import pyarrow.orc as arrow_orc

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.setup import Header

MAGIC = b"ORC"
_TAIL_BYTES = 1 << 20
"""What the description of a file takes at most, at its end."""

_CHECKED_TAILS = 8
_PROGRAM = "import sys, pyarrow.orc; pyarrow.orc.ORCFile(sys.argv[1]).schema"


class OrcColumns:
    """An open ORC file."""

    header = Header.PRESENT
    told: ClassVar[dict[str, ColumnType]] = {}

    def __init__(self, file: pa.NativeFile, header: Header) -> None:
        _check(file)
        self._opened = arrow_orc.ORCFile(file)
        self.schema: pa.Schema = self._opened.schema
        self.rows: int = self._opened.nrows
        self.nbytes: int = max(self._opened.content_length, self.rows)

    def batches(
        self, columns: Sequence[str], encoded: Collection[str], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """The columns of each stripe."""
        for stripe in range(self._opened.nstripes):
            batch = self._opened.read_stripe(stripe, columns=list(columns))
            batch.validate(full=True)
            yield batch.select(list(columns))


def _check(file: pa.NativeFile) -> None:
    """Raise ValueError if the schema makes Arrow end its process, as a decimal of 50 digits does."""
    size = file.size()
    file.seek(max(0, size - _TAIL_BYTES))
    _check_schema(file.read(), size)
    file.seek(0)


@lru_cache(_CHECKED_TAILS)
def _check_schema(tail: bytes, size: int) -> None:
    """Have a process of its own read the schema of a file that is nothing but its end."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(MAGIC)
        file.seek(size - len(tail))
        file.write(tail)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM, file.name], capture_output=True, check=False
        )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")
        raise ValueError(said[-1] if done.returncode > 0 else said[0])
