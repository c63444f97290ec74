"""Saving a frame to the server's disk, and loading it again."""

from __future__ import annotations

from aquifer_server.schemas.base import Answer
from aquifer_server.schemas.jobs import JobV3


class FrameSaveV3(Answer):
    """The job that saves a frame."""

    dir: str
    force: bool
    job: JobV3


class FrameLoadV3(Answer):
    """The job that loads a frame."""

    dir: str
    force: bool
    job: JobV3
