"""Background jobs of the server: waited for, watched, cancelled."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from h2o._connection import Connection
from h2o.exceptions import H2OJobCancelled, H2OJobFailed, warn
from h2o.progress import progress_bar

__all__ = ["H2OJob"]

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.25
PAUSE_GROWTH = 1.3
_ENDED = ("DONE", "CANCELLED", "FAILED")


class H2OJob:
    """One job. ``status``: CREATED, RUNNING, DONE, CANCELLED or FAILED; ``dest_key`` names what it makes."""

    def __init__(self, wire: Mapping[str, Any], title: str, connection: Connection) -> None:
        self.title = title
        self.connection = connection
        self.job_key: str = wire["key"]["name"]
        self.dest_key: str = (wire.get("dest") or {}).get("name", "")
        self._read(wire)

    def _read(self, wire: Mapping[str, Any]) -> None:
        self.status: str = wire["status"]
        self.progress = float(wire.get("progress") or 0.0)
        self.progress_message: str = wire.get("progress_msg") or ""
        self.warnings: list[str] = list(wire.get("warnings") or [])
        self.exception: str = wire.get("exception") or ""

    def __repr__(self) -> str:
        return f"<{self.title}: {self.status}, {self.progress:.0%}, job {self.job_key}>"

    def refresh(self) -> H2OJob:
        """Ask the server how far the job is."""
        self._read(self.connection.call("GET /3/Jobs/{}", self.job_key)["jobs"][0])
        return self

    def cancel(self) -> None:
        """Ask the server to stop the job; what it has made so far is the server's to keep or drop."""
        self.connection.call("POST /3/Jobs/{}/cancel", self.job_key)

    def wait(self, told: Collection[str] = ()) -> H2OJob:
        """Wait for the end, showing progress. Ctrl-C cancels the job.

        Raises H2OJobCancelled or H2OJobFailed unless the job is done. Its warnings become H2OWarning, except
        those the user was ``told`` of before.
        """
        bar = progress_bar(self.title)
        try:
            self._watch(bar)
        except KeyboardInterrupt:
            self.cancel()
            bar.finish("CANCELLED")
            raise H2OJobCancelled(f"{self.title}: cancelled by the user (job {self.job_key})") from None
        except BaseException:
            bar.finish("LOST")
            raise
        bar.finish(self.status)
        return self._conclude(told)

    def _watch(self, bar: Any) -> None:
        pause = FIRST_PAUSE
        while self.refresh().status not in _ENDED:
            bar.update(self.progress, self.progress_message)
            time.sleep(pause)
            pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
        bar.update(self.progress, self.progress_message)

    def _conclude(self, told: Collection[str]) -> H2OJob:
        for text in self.warnings:
            if text not in told:
                warn(text)
        if self.status == "CANCELLED":
            raise H2OJobCancelled(f"{self.title}: cancelled (job {self.job_key})")
        if self.status == "FAILED":
            reason = self.exception.strip() or self.progress_message or "no reason was given"
            raise H2OJobFailed(f"{self.title}: {reason} (job {self.job_key})")
        return self
