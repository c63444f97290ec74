"""The server, or cluster of servers, that the program is connected to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from h2o._connection import Connection
from h2o._expression import Expression, write
from h2o.display import Table, to_html, to_text
from h2o.exceptions import H2OConnectionError, H2OError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["H2OCluster", "fetch_cluster"]

SHUTDOWN_SECONDS = 15.0
_UNITS = ("B", "KB", "MB", "GB", "TB")


class H2OCluster:
    """What the server tells about itself."""

    def __init__(self, connection: Connection, wire: Mapping[str, Any]) -> None:
        self.connection = connection
        self._wire = wire

    @property
    def cloud_name(self) -> str:
        """The cluster's name."""
        return str(self._wire["cloud_name"])

    @property
    def cloud_size(self) -> int:
        """The number of nodes."""
        return int(self._wire["cloud_size"])

    @property
    def version(self) -> str:
        """The version of H2O that the server presents."""
        return str(self._wire["version"])

    @property
    def healthy(self) -> bool:
        """Whether all nodes answer."""
        return bool(self._wire["cloud_healthy"]) and bool(self._wire["consensus"])

    @property
    def nodes(self) -> list[Mapping[str, Any]]:
        """The nodes, as the server describes them."""
        return list(self._wire["nodes"])

    @property
    def timezone(self) -> str:
        """The time zone by whose clocks the server reads and takes apart times. Assign to change it."""
        return str(self.connection.rapids("(getTimeZone)")["string"])

    @timezone.setter
    def timezone(self, tz: str) -> None:
        self.connection.rapids(f"(setTimeZone {write(tz)})")

    def list_timezones(self) -> H2OFrame:
        """The time zones that the server knows, with their offsets outside of summer time."""
        from h2o.frame import H2OFrame

        return H2OFrame._of(Expression("listTimeZones", connection=self.connection))

    def is_running(self) -> bool:
        """Whether the server answers now."""
        try:
            self.connection.call("GET /3/Cloud", timeout=3.0)
        except H2OError:
            return False
        return True

    def shutdown(self, prompt: bool = False) -> None:
        """End the server; frames and models in its memory are lost. ``prompt`` asks first."""
        if prompt and input(f"Stop the server at {self.connection.url}? [y/N] ").strip().lower() not in (
            "y",
            "yes",
        ):
            return
        self.connection.call("POST /3/Shutdown")
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.connection.close()

    def table(self) -> Table:
        """The facts that a user wants to see."""
        nodes = self.nodes
        rows: list[list[object]] = [
            ["server", self.connection.url],
            ["name", self.cloud_name],
            ["speaks H2O version", self.version],
            ["up", _duration(self._wire["cloud_uptime_millis"])],
            ["nodes", self.cloud_size],
            ["free memory", _size(sum(node["free_mem"] for node in nodes))],
            ["threads", sum(node["cpus_allowed"] for node in nodes)],
            ["healthy", "yes" if self.healthy else "no"],
        ]
        return Table(["cluster", ""], rows)

    def show_status(self) -> None:
        """Print what the server tells about itself."""
        print(self)

    def __repr__(self) -> str:
        return to_text(self.table())

    def _repr_html_(self) -> str:
        return to_html(self.table())


def fetch_cluster(connection: Connection, timeout: float | None = None) -> H2OCluster:
    """Ask the server about itself; raises H2OConnectionError for one that does not speak H2O's protocol."""
    answer = connection.call("GET /3/Cloud", timeout=timeout)
    if not isinstance(answer, dict) or "cloud_name" not in answer:
        raise H2OConnectionError(f"what answers at {connection.url} is not an Aquifer or H2O server")
    return H2OCluster(connection, answer)


def _duration(milliseconds: int) -> str:
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {seconds} s" if hours else f"{minutes} min {seconds} s"


def _size(count: float) -> str:
    for unit in _UNITS:
        if count < 1024 or unit == _UNITS[-1]:
            break
        count /= 1024
    return f"{count:.4g} {unit}"
