"""Rapids: expressions, evaluated in the pool of requests that compute."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from aquifer_server.api.dependencies import InSession, Interpreting
from aquifer_server.api.responses import json_response
from aquifer_server.binding import Parameters, bound
from aquifer_server.rapids.interpreter import (
    FrameResult,
    FunctionResult,
    NumberResult,
    NumbersResult,
    Result,
    StringResult,
)
from aquifer_server.schemas.keys import FrameKeyV3
from aquifer_server.schemas.rapids import (
    RapidsFrameV3,
    RapidsFunctionV3,
    RapidsNumbersV3,
    RapidsNumberV3,
    RapidsSchemaV3,
    RapidsStringsV3,
    RapidsStringV3,
)

router = APIRouter(tags=["rapids"])


class RapidsRequest(Parameters):
    """POST /99/Rapids."""

    ast: str
    session_id: str | None = None
    id: str | None = None


@router.post("/99/Rapids", response_model=None)
def evaluate(
    interpreter: Interpreting,
    sessions: InSession,
    request: Annotated[RapidsRequest, Depends(bound(RapidsRequest))],
) -> Response:
    """Evaluate an expression; `(tmp= key …)` makes temporaries of the session."""
    if request.session_id:
        sessions.heard(request.session_id)
    return json_response(_on_wire(interpreter.evaluate(request.ast, request.session_id)))


def _on_wire(result: Result) -> RapidsSchemaV3:
    if isinstance(result, FrameResult):
        return RapidsFrameV3(
            key=FrameKeyV3.of(result.key) if result.key is not None else None,
            num_rows=result.frame.rows,
            num_cols=len(result.frame.columns),
        )
    if isinstance(result, NumberResult):
        return RapidsNumberV3(scalar=result.value)
    if isinstance(result, NumbersResult):
        return RapidsNumbersV3(scalar=list(result.values))
    if isinstance(result, StringResult):
        return RapidsStringV3(string=result.value)
    if isinstance(result, FunctionResult):
        return RapidsFunctionV3(funstr=result.text)
    return RapidsStringsV3(string=list(result.values))
