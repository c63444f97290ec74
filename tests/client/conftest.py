"""A client for each kind of test: one whose answers are written down, and one on a real server."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import h2o
import pytest
from h2o._connection import replace_current

SERVER_IN_USE = os.environ.get("AQUIFER_TEST_URL")


class ScriptedTransport:
    """Answers from a table "METHOD path" → content, (status, content), or a function of the request."""

    url = "http://scripted"

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers: dict[str, Any] = {
            "POST /4/sessions": {"session_key": "_sid_1"},
            "DELETE /4/sessions/_sid_1": {},
            "POST /99/Rapids": rapids_frame,
            **(answers or {}),
        }
        self.requests: list[h2o.Request] = []
        self.closed = False

    def handle(self, request: h2o.Request) -> h2o.Response:
        self.requests.append(request)
        answer = self.answers.get(f"{request.method} {request.path}", (404, {"msg": "nothing here"}))
        if callable(answer):
            answer = answer(request)
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        if isinstance(content, str):
            return h2o.Response(status, "text/plain", content.encode())
        return h2o.Response(status, "application/json", json.dumps(content).encode())

    def close(self) -> None:
        self.closed = True

    @property
    def expressions(self) -> list[str]:
        """The Rapids expressions that were sent."""
        return [request.form["ast"] for request in self.requests if request.form and "ast" in request.form]


def rapids_frame(request: h2o.Request) -> dict[str, Any]:
    """The answer to an expression that makes a frame."""
    return {"key": {"name": "made"}, "num_rows": 3, "num_cols": 1}


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[h2o.Connection, ScriptedTransport]]]:
    """Makes a connection whose answers are given by "METHOD path", and which is the one in use."""
    opened = []

    def connect(answers: dict[str, Any] | None = None) -> tuple[h2o.Connection, ScriptedTransport]:
        transport = ScriptedTransport(answers)
        connection = h2o.Connection(transport, transport.url)
        opened.append(connection)
        replace_current(connection)
        return connection, transport

    yield connect
    for connection in opened:
        connection.close()
    replace_current(None)


@pytest.fixture(autouse=True)
def _no_progress() -> Iterator[None]:
    h2o.no_progress()
    yield
    h2o.show_progress()


@pytest.fixture(params=["socket"] if SERVER_IN_USE else ["socket", "in-process"])
def server(request: pytest.FixtureRequest) -> Iterator[h2o.Connection]:
    """A connection to a server, over a socket and in this process; it is left empty.

    AQUIFER_TEST_URL names a running server to use instead, for instance a real H2O.
    """
    transport = None
    if request.param == "in-process":
        transport = h2o.AppTransport(request.getfixturevalue("asgi_app"))
        connection = h2o.connect(transport=transport, verbose=False)
    else:
        url = SERVER_IN_USE or request.getfixturevalue("server_url")
        connection = h2o.connect(url, verbose=False)
    h2o.remove_all()
    yield connection
    h2o.remove_all()
    connection.close()
    replace_current(None)
