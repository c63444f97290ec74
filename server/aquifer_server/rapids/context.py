"""What a running expression sees: the cloud, the store, and the names that it has bound so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Roots
from aquifer_cluster.store import Store

from aquifer_server.rapids.ast import MAX_DEPTH
from aquifer_server.rapids.errors import IllegalExpression, LookupFailed, WrongArgument


class TimeZone:
    """The time zone in which times are read and shown; one for the whole server."""

    def __init__(self, name: str = "UTC") -> None:
        self.name = name


@dataclass
class Context:
    """The surroundings of one evaluation.

    Names are bound here first and reach the store only when the whole expression has succeeded, so that a
    failure half-way leaves nothing behind.
    """

    cloud: Cloud
    store: Store
    session: str | None
    time_zone: TimeZone
    roots: Roots
    evaluate_call: Callable[[Context, Any, Sequence[Any]], Any]
    bound: dict[str, tuple[Frame, bool]] = field(default_factory=dict)
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
        if key in self.bound:
            return self.bound[key][0]
        return self.store.find(key, Frame)

    def bind(self, key: str, frame: Frame, temporary: bool) -> Frame:
        """Bind a key.

        Raises WrongArgument if it names something else than a frame, or if a temporary would take the
        place of what is none.
        """
        if self.find(key) is None and self.store.find(key, object) is not None:
            raise WrongArgument(f"'{key}' is the key of something that is not a Frame; choose another")
        if temporary and not self._is_free(key):
            raise WrongArgument(f"Temp ID {key} already exists, and is no temporary of this session")
        self.bound[key] = (frame, temporary)
        return frame

    def rebind(self, key: str, frame: Frame) -> None:
        """Let a key that is bound name another frame, as long-lived as the one before."""
        self.bind(key, frame, temporary=self._is_temporary(key))

    def _is_temporary(self, key: str) -> bool:
        if key in self.bound:
            return self.bound[key][1]
        return self.session is not None and key in self.store.sessions().get(self.session, ())

    def _is_free(self, key: str) -> bool:
        """Whether a temporary may have the key: nothing has it, or a temporary of the same session."""
        return self.find(key) is None or self._is_temporary(key)

    def remove(self, key: str) -> bool:
        """Unbind a key; whether it was bound."""
        pending = self.bound.pop(key, None) is not None
        return self.store.remove(key) or pending

    def rename(self, old: str, new: str) -> None:
        """Give what `old` names another key. Raises LookupFailed."""
        self.commit()
        try:
            self.store.rename(old, new)
        except AquiferError:
            raise LookupFailed(old) from None

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted({*self.store.keys(), *self.bound})

    def commit(self) -> None:
        """Let the store have what was bound."""
        for key, (frame, temporary) in self.bound.items():
            self.store.put(key, frame, self.session if temporary else None)
        self.bound.clear()
