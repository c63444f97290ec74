"""Sessions: whose temporaries are whose, and which clients have long been silent."""

from __future__ import annotations

import secrets
import threading
import time

import structlog
from aquifer_cluster.store import Store

_log = structlog.get_logger("aquifer.sessions")


class Sessions:
    """The sessions of one server. One that was silent for `hours` ends by itself."""

    def __init__(self, store: Store, hours: float) -> None:
        self._store = store
        self._seconds = hours * 3600
        self._last_heard: dict[str, float] = {}
        self._properties: dict[str, dict[str, str | None]] = {}
        self._lock = threading.Lock()

    def begin(self) -> str:
        """A new session."""
        session = f"_sid_{secrets.token_hex(4)}"
        self._store.open_session(session)
        self.heard(session)
        return session

    def heard(self, session: str) -> None:
        """Note that a client of `session` is alive."""
        with self._lock:
            self._last_heard[session] = time.monotonic()

    def end(self, session: str) -> None:
        """End a session: its temporaries go. An unknown one is fine."""
        with self._lock:
            self._last_heard.pop(session, None)
            self._properties.pop(session, None)
        gone = self._store.end_session(session)
        _log.info("session ended", session=session, temporaries=len(gone))

    def end_silent(self) -> list[str]:
        """End the sessions that have been silent for too long; returns them."""
        limit = time.monotonic() - self._seconds
        with self._lock:
            silent = [session for session, heard in self._last_heard.items() if heard < limit]
        for session in silent:
            self.end(session)
        return silent

    def set_property(self, session: str, key: str, value: str | None) -> None:
        """Keep a property for a session."""
        with self._lock:
            self._properties.setdefault(session, {})[key] = value

    def get_property(self, session: str, key: str) -> str | None:
        """A property that was kept for a session."""
        with self._lock:
            return self._properties.get(session, {}).get(key)
