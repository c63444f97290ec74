"""Write the first sheet of an Excel workbook as lines of JSON: `python workbook.py HEADER < WORKBOOK`.

HEADER is 1, -1 or 0 (guess) and says whether the first row names the columns. The first line says what was
found: {"header", "rows", "columns": [[name, type], …]}; each further one holds some rows, column by column.
Days and times are counted in the units of TYPES from their beginning.

This is a program of its own that needs little, because the library reads a workbook as a whole, and may end
its process where that is damaged.
"""

from __future__ import annotations

import datetime
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import python_calamine

MAX_BYTES = 4 << 30
"""What the process may take, and what a workbook may claim to unpack to."""

BATCH_ROWS = 4096
_ZIP_MAGIC = b"PK\x03\x04"
_LOOKED_AT = 10
_MIDNIGHT = datetime.time()
_EPOCH = datetime.datetime(1970, 1, 1)
_MILLISECOND, _MICROSECOND = datetime.timedelta(milliseconds=1), datetime.timedelta(microseconds=1)

Cells = Sequence[Any]


def main(header: str) -> None:
    """Convert what comes in."""
    limit_memory()
    content = sys.stdin.buffer.read()
    if content.startswith(_ZIP_MAGIC):
        check_size(content)
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    first = list(islice(sheet.iter_rows(), _LOOKED_AT))
    headed = bool(first) and (has_header(first) if header == "0" else header == "1")
    names = names_of(first[0] if headed else (), sheet.width)
    types = types_of(islice(sheet.iter_rows(), headed, None), sheet.width)
    columns = list(zip(names, types, strict=True))
    say({"header": 1 if headed else -1, "rows": sheet.height - headed, "columns": columns})
    rows = islice(sheet.iter_rows(), headed, None)
    while taken := list(islice(rows, BATCH_ROWS)):
        cells = zip(*taken, strict=True)
        say([[plain(cell, type) for cell in column] for column, type in zip(cells, types, strict=True)])


def say(line: Any) -> None:
    """Write a line."""
    json.dump(line, sys.stdout)
    sys.stdout.write("\n")


def limit_memory() -> None:
    """Let this process fail before the machine's memory is full, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    except (ImportError, ValueError, OSError):
        pass


def check_size(content: bytes) -> None:
    """Raise ValueError for an archive that unpacks to too much."""
    size = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(content)).infolist())
    if size > MAX_BYTES:
        raise ValueError(f"it unpacks to {size >> 20:,} MB; at most {MAX_BYTES >> 20:,} MB are read")


def has_header(first: Sequence[Cells]) -> bool:
    """Whether the first row holds nothing but words, and a row below it something else."""
    if not all(isinstance(cell, str) for cell in first[0]) or not any(first[0]):
        return False
    return len(first) == 1 or any(not isinstance(cell, str) for row in first[1:] for cell in row)


def names_of(row: Cells, width: int) -> list[str]:
    """A name for each column: one without a name is called by its number."""
    given = [text_of(cell) for cell in row]
    return [(i < len(given) and given[i]) or f"C{i + 1}" for i in range(width)]


def types_of(rows: Iterator[Cells], width: int) -> list[str]:
    """The type of each column: that of all of its cells, else text."""
    seen: list[set[type]] = [set() for _ in range(width)]
    for row in rows:
        for types, cell in zip(seen, row, strict=True):
            if cell != "":
                types.add(type(cell))
    return [next(name for name, (known, _) in TYPES.items() if types <= known) for types in seen]


def plain(cell: Any, type: str) -> Any:
    """A cell as JSON has it; an empty one is null."""
    return None if cell == "" else TYPES[type][1](cell)


def text_of(cell: Any) -> str:
    """A cell as text; a whole number without its point."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _milliseconds(moment: datetime.date) -> int:
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, _MIDNIGHT)
    return (moment - _EPOCH) // _MILLISECOND


def _of_day(time: datetime.time) -> int:
    return (datetime.datetime.combine(_EPOCH, time) - _EPOCH) // _MICROSECOND


def _same(cell: Any) -> Any:
    return cell


_OF_TIME = (datetime.date, datetime.datetime, datetime.time, datetime.timedelta)

TYPES: dict[str, tuple[frozenset[type], Callable[[Any], Any]]] = {
    "nothing": (frozenset(), _same),
    "number": (frozenset({int, float}), _same),
    "boolean": (frozenset({bool}), _same),
    "milliseconds": (frozenset({datetime.date, datetime.datetime}), _milliseconds),
    "microseconds of the day": (frozenset({datetime.time}), _of_day),
    "microseconds": (frozenset({datetime.timedelta}), lambda span: span // _MICROSECOND),
    "text": (frozenset({str, int, float, bool, *_OF_TIME}), text_of),
}
"""What a column may hold: the types that all of its cells then have, and how a cell becomes JSON."""


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BaseException as failure:  # the library's panics are no Exceptions
        sys.exit(f"{failure}")
