"""Nodes in Ray actors: one actor for each node of a local cloud.

Object references never outlive a call, actors are not detached, and arrays that arrive are read-only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

import psutil

from aquifer_cluster.compilation import load_in_background
from aquifer_cluster.errors import NodeLost
from aquifer_cluster.node import GROUPS, Node

_INLINE_BYTES = 1 << 18  # answers up to this size go without the object store, which the caller would map
_CALLS_AT_ONCE = {"control": 4, "data": 8, "work": 8}


class RayPending:
    """The coming result of a call to an actor.

    nodes: all nodes by their actor's id, since what fails may be another node, whose answer is an argument.
    """

    def __init__(self, reference: Any, node: int, nodes: Mapping[str, int]) -> None:
        self.reference = reference
        self._node = node
        self._nodes = nodes

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the result; raises what the call raised, TimeoutError, or NodeLost."""
        import ray

        try:
            return ray.get(self.reference, timeout=timeout)
        except ray.exceptions.GetTimeoutError as late:
            raise TimeoutError(f"node {self._node} did not answer within {timeout} s") from late
        except ray.exceptions.RayTaskError as failure:
            cause = failure.cause if isinstance(failure.cause, Exception) else failure
            if isinstance(cause, ray.exceptions.RayActorError):
                raise self._lost(cause) from failure
            raise cause from failure
        except ray.exceptions.RayActorError as gone:
            raise self._lost(gone) from gone

    def _lost(self, gone: Any) -> NodeLost:
        return NodeLost(self._nodes.get(gone.actor_id, self._node))


class RayReach:
    """A node in an actor."""

    def __init__(self, actor: Any, node: int, nodes: Mapping[str, int]) -> None:
        self._actor = actor
        self._node = node
        self._nodes = nodes

    def send(self, method: str, *arguments: Any) -> RayPending:
        """Call a method of the node; what another node returned goes there directly."""
        given = [value.reference if isinstance(value, RayPending) else value for value in arguments]
        call = getattr(self._actor, GROUPS[method])
        return RayPending(call.remote(method, *given), self._node, self._nodes)

    def close(self) -> None:
        """End the actor."""
        import ray

        ray.kill(self._actor)


class NodeActor:
    """The actor's body: a node, with one entry for each group of calls."""

    def __init__(self, index: int, threads: int) -> None:
        self._node = Node(index, threads)
        load_in_background()

    def control(self, method: str, *arguments: Any) -> Any:
        """Run a call of the control group."""
        return getattr(self._node, method)(*arguments)

    data = control
    work = control


def start_ray_nodes(count: int, threads: int) -> list[RayReach]:
    """Start `count` node actors of `threads` threads each, in this process's local Ray."""
    _start_ray(count)
    import ray

    remote: Any = ray.remote  # its stubs do not know concurrency groups
    body = remote(
        num_cpus=0,
        concurrency_groups=_CALLS_AT_ONCE,
        runtime_env={"env_vars": _environment(threads)},
    )(_grouped(NodeActor))
    actors = [body.remote(index, threads) for index in range(count)]
    nodes = {actor._actor_id.hex(): index for index, actor in enumerate(actors)}
    reaches = [RayReach(actor, index, nodes) for index, actor in enumerate(actors)]
    for reach in reaches:
        reach.send("ping").result()
    return reaches


def _start_ray(cores: int) -> None:
    """Start a local Ray unless there is one, with a token: no other process can join it or give it work."""
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    if ray.is_initialized():
        return
    ray.init(
        address="local",
        num_cpus=cores,
        include_dashboard=False,
        log_to_driver=False,
        configure_logging=False,
        object_store_memory=_object_store_bytes(),
        _node_ip_address="127.0.0.1",
        _system_config={"max_direct_call_object_size": _INLINE_BYTES},
    )


def stop_ray() -> None:
    """Shut the local Ray down, if there is one."""
    import ray

    if ray.is_initialized():
        ray.shutdown()


def _environment(threads: int) -> dict[str, str]:
    """The environment of a node's process.

    One arena for all threads: glibc gives back no memory from the top of any arena but the first.
    """
    return {
        "OMP_NUM_THREADS": str(threads),
        "NUMBA_NUM_THREADS": str(threads),
        "MALLOC_ARENA_MAX": "1",
    }


def _object_store_bytes() -> int:
    """Room for blocks in flight only: the frames are in the actors' own memory."""
    return int(min(1 << 30, psutil.virtual_memory().available // 5))


def _grouped(body: type[NodeActor]) -> type[NodeActor]:
    import ray

    methods = {}
    for group in _CALLS_AT_ONCE:

        def entry(self: NodeActor, method: str, *arguments: Any) -> Any:
            return NodeActor.control(self, method, *arguments)

        entry.__name__ = group
        methods[group] = ray.method(concurrency_group=group)(entry)
    return type("AquiferNode", (body,), methods)
