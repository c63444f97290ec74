"""The log."""

from __future__ import annotations

from aquifer_server.schemas.base import Answer


class LogAndEchoV3(Answer):
    """A message that was written to the log."""

    message: str


class LogsV3(Answer):
    """The end of a log file."""

    nodeidx: int
    name: str
    log: str
