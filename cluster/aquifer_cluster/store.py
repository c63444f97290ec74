"""The key → value store of the coordinator: frames, models, jobs, metrics, uploads.

A key is re-bound, never mutated. Temporaries belong to a session and go with it. Removing a key that a
job still reads is fine: the job holds the value, and the memory is freed when it lets go.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, TypeVar

from aquifer_cluster.errors import KeyNotFound, WrongKind

T = TypeVar("T")


class Store:
    """Values by key, in the order in which the keys were first bound."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._sessions: dict[str, set[str]] = {}
        self._lock = threading.RLock()

    def put(self, key: str, value: Any, session: str | None = None) -> None:
        """Bind `key`; with a session, as a temporary of it."""
        with self._lock:
            self._values[key] = value
            self._forget_temporary(key)
            if session is not None:
                self._sessions.setdefault(session, set()).add(key)

    def get(self, key: str, kind: type[T]) -> T:
        """The value of `key`. Raises KeyNotFound, or WrongKind if it is not a `kind`."""
        with self._lock:
            if key not in self._values:
                raise KeyNotFound(key, kind.__name__.lower())
            value = self._values[key]
        if not isinstance(value, kind):
            raise WrongKind(key, kind.__name__.lower(), type(value).__name__.lower())
        return value

    def find(self, key: str, kind: type[T]) -> T | None:
        """The value of `key` if it is there and of that kind."""
        value = self._values.get(key)
        return value if isinstance(value, kind) else None

    def remove(self, key: str) -> bool:
        """Unbind `key`; whether it was bound. An unknown key is fine."""
        with self._lock:
            self._forget_temporary(key)
            return self._values.pop(key, None) is not None

    def items(self, kind: type[T]) -> list[tuple[str, T]]:
        """All keys and values of a kind."""
        with self._lock:
            return [(key, value) for key, value in self._values.items() if isinstance(value, kind)]

    def keys(self) -> list[str]:
        """All keys, sorted."""
        with self._lock:
            return sorted(self._values)

    def clear(self, kinds: tuple[type, ...], retained: Iterable[str] = ()) -> list[str]:
        """Remove all values of the `kinds` but the `retained` keys; returns what was removed."""
        kept = set(retained)
        with self._lock:
            gone = [
                key for key, value in self._values.items() if isinstance(value, kinds) and key not in kept
            ]
            for key in gone:
                self.remove(key)
        return gone

    # sessions

    def open_session(self, session: str) -> None:
        """Begin a session."""
        with self._lock:
            self._sessions.setdefault(session, set())

    def end_session(self, session: str) -> list[str]:
        """Remove the temporaries of a session; returns their keys. An unknown session is fine."""
        with self._lock:
            gone = sorted(self._sessions.pop(session, ()))
            for key in gone:
                self._values.pop(key, None)
        return gone

    def sessions(self) -> dict[str, frozenset[str]]:
        """The temporaries of each session."""
        with self._lock:
            return {session: frozenset(keys) for session, keys in self._sessions.items()}

    def _forget_temporary(self, key: str) -> None:
        for keys in self._sessions.values():
            keys.discard(key)
