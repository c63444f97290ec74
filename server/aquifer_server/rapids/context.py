"""What a running expression sees: the cloud, the store, and the names that it has bound so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Roots
from aquifer_cluster.store import Store

from aquifer_server.belongings import belongings
from aquifer_server.rapids.ast import MAX_DEPTH
from aquifer_server.rapids.errors import IllegalExpression, LookupFailed, WrongArgument


class TimeZone:
    """The time zone in which times are read and shown; one for the whole server."""

    def __init__(self, name: str = "UTC") -> None:
        self.name = name


@dataclass
class Context:
    """The surroundings of one evaluation.

    What an expression changes is noted here and reaches the store only when the whole of it has succeeded, so
    that a failure half-way leaves everything as it was. `changed` holds, by key, a value and whether it is a
    temporary, or None for a key that is removed.
    """

    cloud: Cloud
    store: Store
    session: str | None
    time_zone: TimeZone
    roots: Roots
    evaluate_call: Callable[[Context, Any, Sequence[Any]], Any]
    changed: dict[str, tuple[Any, bool] | None] = field(default_factory=dict)
    depth: int = 0
    of_rows: bool = False

    def call(self, function: Any, values: Sequence[Any]) -> Any:
        """What a function gives for values that are evaluated."""
        return self.evaluate_call(self, function, values)

    def by_rows(self) -> Context:
        """The same surroundings where reducers take each row by itself."""
        return replace(self, of_rows=True)

    @contextmanager
    def one_deeper(self) -> Iterator[None]:
        """Count a call within calls. Raises IllegalExpression beyond MAX_DEPTH of them."""
        if self.depth >= MAX_DEPTH:
            raise IllegalExpression(f"The expression calls more than {MAX_DEPTH} deep; split it up")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def find(self, key: str) -> Frame | None:
        """The frame of that key, bound by this expression or in the store."""
        value = self._value(key)
        return value if isinstance(value, Frame) else None

    def bind(self, key: str, frame: Frame, temporary: bool) -> Frame:
        """Bind a key.

        Raises WrongArgument if it names something else than a frame, or if a temporary would take the
        place of what is none.
        """
        if self.find(key) is None and self._value(key) is not None:
            raise WrongArgument(f"'{key}' is the key of something that is not a Frame; choose another")
        if temporary and not self._is_free(key):
            raise WrongArgument(f"Temp ID {key} already exists, and is no temporary of this session")
        self.changed[key] = (frame, temporary)
        return frame

    def rebind(self, key: str, frame: Frame) -> None:
        """Let a key that is bound name another frame, as long-lived as the one before."""
        self.bind(key, frame, temporary=self._is_temporary(key))

    def _is_temporary(self, key: str) -> bool:
        if change := self.changed.get(key):
            return change[1]
        return self.session is not None and key in self.store.sessions().get(self.session, ())

    def _is_free(self, key: str) -> bool:
        """Whether a temporary may have the key: nothing has it, or a temporary of the same session."""
        return self.find(key) is None or self._is_temporary(key)

    def remove(self, key: str) -> bool:
        """Unbind a key; whether it was bound."""
        there = self._value(key) is not None
        self.changed[key] = None
        return there

    def rename(self, old: str, new: str) -> None:
        """Give what `old` names another key. Raises LookupFailed."""
        value = self._value(old)
        if value is None:
            raise LookupFailed(old)
        self.changed[old] = None
        self.changed[new] = (value, False)

    def keys(self) -> list[str]:
        """All keys, sorted."""
        keys = {*self.store.keys(), *self.changed}
        return sorted(key for key in keys if self.changed.get(key, True) is not None)

    def commit(self) -> None:
        """Let the store have what was changed."""
        for key, change in self.changed.items():
            if change is None:
                for removed in (*belongings(self.store, key), key):
                    self.store.remove(removed)
            else:
                value, temporary = change
                self.store.put(key, value, self.session if temporary else None)

    def _value(self, key: str) -> Any:
        """What a key holds, None if nothing."""
        if key not in self.changed:
            return self.store.find(key, object)
        change = self.changed[key]
        return None if change is None else change[0]
