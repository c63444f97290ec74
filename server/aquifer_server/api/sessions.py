"""Sessions: begun by the first expression or by `init`, ended by the client or by silence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from aquifer_server.api.dependencies import InSession
from aquifer_server.binding import Parameters, bound
from aquifer_server.schemas.sessions import InitIDV3, SessionIdV4, SessionPropertyV3

router = APIRouter(tags=["sessions"])


class SessionPropertyRequest(Parameters):
    """GET and POST /3/SessionProperties."""

    session_key: str
    key: str
    value: str | None = None


@router.post("/4/sessions", response_model=SessionIdV4)
async def begin_session(sessions: InSession) -> SessionIdV4:
    """Begin a session."""
    return SessionIdV4(session_key=sessions.begin())


@router.delete("/4/sessions/{session}", response_model=InitIDV3)
async def end_session(session: str, sessions: InSession) -> InitIDV3:
    """End a session; its temporaries go."""
    sessions.end(session)
    return InitIDV3(session_key=session)


@router.get("/3/InitID", response_model=InitIDV3)
async def init_id(sessions: InSession) -> InitIDV3:
    """Begin a session, as the R client does."""
    return InitIDV3(session_key=sessions.begin())


@router.delete("/3/InitID", response_model=InitIDV3)
async def end_init_id(sessions: InSession, session_key: str = "") -> InitIDV3:
    """End a session, as the R client does."""
    sessions.end(session_key)
    return InitIDV3(session_key=session_key)


@router.post("/3/SessionProperties", response_model=SessionPropertyV3)
async def set_property(
    sessions: InSession, request: Annotated[SessionPropertyRequest, Depends(bound(SessionPropertyRequest))]
) -> SessionPropertyV3:
    """Keep a property for a session."""
    sessions.set_property(request.session_key, request.key, request.value)
    return SessionPropertyV3(session_key=request.session_key, key=request.key, value=request.value)


@router.get("/3/SessionProperties", response_model=SessionPropertyV3)
async def get_property(
    sessions: InSession, request: Annotated[SessionPropertyRequest, Depends(bound(SessionPropertyRequest))]
) -> SessionPropertyV3:
    """A property kept for a session."""
    value = sessions.get_property(request.session_key, request.key)
    return SessionPropertyV3(session_key=request.session_key, key=request.key, value=value)
