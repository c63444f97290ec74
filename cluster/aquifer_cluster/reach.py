"""How a node is reached: in this process, or (see `ray_reach`) in a Ray actor.

Everything else in the cluster speaks to this one seam and does not know which it is.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from aquifer_cluster.node import GROUPS, Node


class Pending(Protocol):
    """The coming result of a call. It may be an argument of another call: then it goes node to node."""

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the result; raises what the call raised, or TimeoutError."""


class Reach(Protocol):
    """The way to one node."""

    def send(self, method: str, *arguments: Any) -> Pending:
        """Call a method of the node; `Pending` arguments are given to it resolved."""

    def close(self) -> None:
        """End the node."""


class EmbeddedReach:
    """A node in this process. Each group of calls has threads of its own, so none waits for another."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._pools = {
            group: ThreadPoolExecutor(8, thread_name_prefix=f"{group}-{node.index}")
            for group in sorted(set(GROUPS.values()))
        }

    def send(self, method: str, *arguments: Any) -> Pending:
        """Call a method of the node in a thread of the method's group."""
        call: Callable[..., Any] = getattr(self._node, method)
        return self._pools[GROUPS[method]].submit(_resolve_and_call, call, arguments)

    def close(self) -> None:
        """End the node and the threads."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        self._node.close()


def _resolve_and_call(call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return call(*(value.result() if isinstance(value, Future) else value for value in arguments))
