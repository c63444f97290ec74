"""The end of the server's log."""

from __future__ import annotations

import os
from pathlib import Path

from aquifer_flow.page import ViewModel, Visit

LINES_SHOWN = 400
_BYTES_READ = 200_000


class LogsPage(ViewModel):
    """The last lines of the log file, oldest first; `path` is None where the server logs to no file."""

    path: str | None
    lines: tuple[str, ...]


def logs_page(visit: Visit) -> LogsPage:
    """The last lines, however long the log is."""
    file = visit.coordinator.log_file
    if file is None or not file.exists():
        return LogsPage(path=None if file is None else str(file), lines=())
    return LogsPage(path=str(file), lines=tuple(_last_lines(file)))


def _last_lines(file: Path) -> list[str]:
    with file.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        log.seek(max(0, size - _BYTES_READ))
        lines = log.read().decode("utf-8", "replace").splitlines()
    return lines[1 if size > _BYTES_READ else 0 :][-LINES_SHOWN:]
