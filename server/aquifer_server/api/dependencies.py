"""What routes share: the coordinator, the sessions, and the pool of those that only look."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ParamSpec, TypeVar

import anyio.to_thread
from aquifer_cluster.ingest import Roots
from fastapi import Depends
from starlette.requests import Request

from aquifer_server.binding import parameters_of
from aquifer_server.coordinator import Coordinator
from aquifer_server.rapids.interpreter import Interpreter
from aquifer_server.sessions import Sessions
from aquifer_server.spool import Spool

LOOKING_THREADS = 8

P = ParamSpec("P")
R = TypeVar("R")


async def _coordinator(request: Request) -> Coordinator:
    coordinator: Coordinator = request.app.state.coordinator
    return coordinator


async def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


class Looker:
    """Runs what only looks in threads of its own, so that it never waits for what computes."""

    def __init__(self, limiter: anyio.CapacityLimiter) -> None:
        self._limiter = limiter

    async def look(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """`function(*arguments)` in a looking thread."""
        return await anyio.to_thread.run_sync(partial(function, *arguments, **named), limiter=self._limiter)


async def _looker(request: Request) -> Looker:
    looker: Looker = request.app.state.looker
    return looker


async def _interpreter(request: Request) -> Interpreter:
    interpreter: Interpreter = request.app.state.interpreter
    return interpreter


async def _spool(request: Request) -> Spool:
    spool: Spool = request.app.state.spool
    return spool


Given = Annotated[dict[str, Any], Depends(parameters_of)]
Coordinated = Annotated[Coordinator, Depends(_coordinator)]
InSession = Annotated[Sessions, Depends(_sessions)]
Interpreting = Annotated[Interpreter, Depends(_interpreter)]
Spooling = Annotated[Spool, Depends(_spool)]
Looking = Annotated[Looker, Depends(_looker)]


_CLIENTS = (("python client", "python"), ("r client", "R"), ("mozilla", "flow"), ("curl", "curl"))


async def _client(request: Request) -> str:
    """Who asks, as automatic keys name it."""
    agent = request.headers.get("user-agent", "").lower()
    return next((kind for mark, kind in _CLIENTS if mark in agent), "rest")


Client = Annotated[str, Depends(_client)]


def state_of(coordinator: Coordinator) -> dict[str, Any]:
    """What an application keeps for its routes."""
    return {
        "coordinator": coordinator,
        "sessions": Sessions(coordinator.store, coordinator.settings.session_hours),
        "interpreter": Interpreter(
            coordinator.cloud, coordinator.store, roots=Roots(coordinator.settings.import_roots)
        ),
        "spool": Spool(coordinator.spool, coordinator.settings.max_upload),
        "looker": Looker(anyio.CapacityLimiter(LOOKING_THREADS)),
    }
