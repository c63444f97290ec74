"""Where each page is. A key may hold any character, so it is always quoted, its slashes too."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

HOME = "/"
IMPORT = "/flow/import"
COMPLETIONS = "/3/Typeahead/files"
"""What a path can be completed to, from the server's REST interface."""

JOBS = "/flow/jobs"
FRAMES = "/flow/frames"
MODELS = "/flow/models"
LOGS = "/flow/logs"
LOG_DOWNLOAD = "/3/Logs/download"
STATIC = "/flow/static"
EVENTS = "/flow/events/jobs"
"""The server's event stream of all jobs; that of one job is below it."""

CURVES = "/flow/curves"
"""Below it, by the key of a job: the drawing of what was scored so far, for the live page."""

NAVIGATION = (("Import", IMPORT), ("Jobs", JOBS), ("Frames", FRAMES), ("Models", MODELS), ("Logs", LOGS))


def quoted(key: str) -> str:
    """A key as one segment of a path."""
    return quote(key, safe="")


def job_page(key: str) -> str:
    """The page of a job."""
    return f"{JOBS}/{quoted(key)}"


def job_events(key: str) -> str:
    """The event stream of a job."""
    return f"{EVENTS}/{quoted(key)}"


def curves(key: str) -> str:
    """The drawing of a job's scores so far."""
    return f"{CURVES}/{quoted(key)}"


def frame_page(key: str) -> str:
    """The page of a frame."""
    return f"{FRAMES}/{quoted(key)}"


def windowed(page: str, begins: Mapping[str, int], parameter: str, first: int) -> str:
    """A page whose windows begin where `begins` says, but that of `parameter` at `first`."""
    query = {name: value for name, value in {**begins, parameter: first}.items() if value}
    return page + (f"?{urlencode(query)}" if query else "")


def model_page(key: str) -> str:
    """The page of a model."""
    return f"{MODELS}/{quoted(key)}"


def frame_download(key: str) -> str:
    """The frame as CSV, from the server's REST interface."""
    return f"/3/DownloadDataset?{urlencode({'frame_id': key})}"


def twin(path: str) -> str:
    """The JSON twin of a page."""
    return f"{path}.json"
