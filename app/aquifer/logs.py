"""The log: structured lines with request and job ids, to the terminal and to a file."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog

_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def write_log(folder: Path, level: str) -> Path:
    """Send the log to the terminal (stderr) and to `aquifer.log` in `folder`; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "aquifer.log"
    file = path.open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[*_SHARED, _lines()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=_Both(sys.stderr, file)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    return path


def _lines() -> structlog.dev.ConsoleRenderer:
    """Lines for people; tracebacks without the values of variables, which may be whole data sets."""
    return structlog.dev.ConsoleRenderer(
        colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
    )


class _Both:
    """Text written to two streams; a closed terminal does not end the log."""

    def __init__(self, terminal: TextIO, file: TextIO) -> None:
        self._terminal = terminal
        self._file = file

    def write(self, text: str) -> int:
        try:
            self._terminal.write(text)
        except (OSError, ValueError):
            self._terminal = self._file
            return len(text)
        return self._file.write(text)

    def flush(self) -> None:
        for stream in (self._terminal, self._file):
            try:
                stream.flush()
            except (OSError, ValueError):
                continue


class _Forward(logging.Handler):
    """What libraries log goes into the same log."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        logger.log(record.levelno, record.getMessage(), exc_info=record.exc_info)
