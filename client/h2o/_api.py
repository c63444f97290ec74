"""The functions about the server as a whole: ask it anything, end it."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2o._cluster import H2OCluster, fetch_cluster
from h2o._connection import Connection, current

if TYPE_CHECKING:
    from h2o.frame import H2OFrame


def connection() -> Connection:
    """The connection in use; raises H2OConnectionError before init() or connect()."""
    return current()


def cluster() -> H2OCluster:
    """The server as it is now."""
    return fetch_cluster(current())


def shutdown(prompt: bool = False) -> None:
    """End the server; frames and models in its memory are lost. ``prompt`` asks first."""
    cluster().shutdown(prompt)


def get_timezone() -> str:
    """The server's time zone; see :attr:`H2OCluster.timezone`."""
    return cluster().timezone


def set_timezone(value: str) -> None:
    """Set the server's time zone; see :attr:`H2OCluster.timezone`."""
    cluster().timezone = value


def list_timezones() -> H2OFrame:
    """The time zones that the server knows."""
    return cluster().list_timezones()


def log_and_echo(message: str = "") -> None:
    """Write a message to the server's log."""
    current().call("POST /3/LogAndEcho", form={"message": message})


def flow() -> None:
    """Open Flow, the server's pages, in a browser."""
    webbrowser.open(current().url)


def api(endpoint: str, data: dict[str, Any] | None = None, *, filename: str | Path | None = None) -> Any:
    """Ask any endpoint ("GET /3/About"); ``data`` goes to the query of a GET or DELETE, else to the form.

    ``filename`` is a file whose content is sent.
    """
    literal = endpoint.replace("{", "{{").replace("}", "}}")
    if filename is not None:
        return current().call(literal, query=data, body=Path(filename).expanduser())
    if endpoint.startswith(("GET ", "DELETE ")):
        return current().call(literal, query=data)
    return current().call(literal, form=data)


def rapids(expr: str) -> dict[str, Any]:
    """Evaluate an expression of Rapids, the server's language, and return the raw answer.

    For what this client has no method for: ``h2o.rapids(f"(tmp= sorted (sort {frame.frame_id} [0] [1]))")``,
    then ``h2o.get_frame("sorted")``.
    """
    return current().rapids(expr)
