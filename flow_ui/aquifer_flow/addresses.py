"""Where each page is. A key may hold any character, so it is always quoted, its slashes too."""

from __future__ import annotations

from urllib.parse import quote, urlencode

HOME = "/"
JOBS = "/flow/jobs"
FRAMES = "/flow/frames"
MODELS = "/flow/models"
LOGS = "/flow/logs"
STATIC = "/flow/static"
EVENTS = "/flow/events/jobs"
"""The server's event stream of all jobs; that of one job is below it."""

CURVES = "/flow/curves"
"""Below it, by the key of a job: the drawing of what was scored so far, for the live page."""

NAVIGATION = (("Jobs", JOBS), ("Frames", FRAMES), ("Models", MODELS), ("Logs", LOGS))


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


def frame_page(key: str, **window: int) -> str:
    """The page of a frame, from the given first `row` and first `column` on."""
    shown = {name: value for name, value in window.items() if value}
    return f"{FRAMES}/{quoted(key)}" + (f"?{urlencode(shown)}" if shown else "")


def model_page(key: str) -> str:
    """The page of a model."""
    return f"{MODELS}/{quoted(key)}"


def frame_download(key: str) -> str:
    """The frame as CSV, from the server's REST interface."""
    return f"/3/DownloadDataset?{urlencode({'frame_id': key})}"


def twin(path: str) -> str:
    """The JSON twin of a page."""
    return f"{path}.json"
