"""What is to be imported."""

from __future__ import annotations

from aquifer_flow.page import ViewModel, Visit


class ImportPage(ViewModel):
    """The form: `places` are the kinds of places that files may come from, `roots` the folders.

    `path` and `pattern` are what was asked for, and `fault` why that could not be.
    """

    places: tuple[str, ...]
    roots: tuple[str, ...]
    path: str = ""
    pattern: str = ""
    fault: str = ""


def import_page(visit: Visit) -> ImportPage:
    """The empty form."""
    settings = visit.coordinator.settings
    return ImportPage(places=settings.import_schemes, roots=tuple(map(str, settings.import_roots)))
