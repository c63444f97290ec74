"""What a page is: a view that makes a frozen view-model, rendered twice, as HTML and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from aquifer_cluster.errors import AquiferError, KeyNotFound, WrongKind
from aquifer_server.coordinator import Coordinator
from pydantic import BaseModel, ConfigDict


class ViewModel(BaseModel):
    """The data of a page or a part of one; numbers are plain, the template makes them readable."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


@dataclass(frozen=True)
class Visit:
    """What is asked for: the server's own address, a key, and where a table's window begins."""

    coordinator: Coordinator
    server: str
    key: str = ""
    row: int = 0
    column: int = 0


View: TypeAlias = Callable[[Visit], ViewModel]


@dataclass(frozen=True)
class Page:
    """One page: its path (keyed ones are followed by `/{key}`), its template and its view."""

    path: str
    template: str
    view: View
    keyed: bool = False


class ErrorPage(ViewModel):
    """Shown in place of a page that cannot be: what was wrong, and what one can do."""

    title: str
    message: str
    remedy: str


def error_page(error: AquiferError) -> tuple[ErrorPage, int]:
    """What is shown in place of a page that cannot be, and the HTTP status."""
    if isinstance(error, KeyNotFound | WrongKind):
        remedy = "It may have been removed, or the server was restarted since. The lists show what there is."
        return ErrorPage(title="Not here", message=str(error), remedy=remedy), 404
    remedy = "Try again in a moment; the logs say more."
    return ErrorPage(title="This page cannot be shown", message=str(error), remedy=remedy), 503
