"""What a frame looks like: its first rows, its statistics, how it is held; in a terminal or a notebook."""

from __future__ import annotations

from typing import Any

from h2o._description import (
    PREVIEW_ROWS,
    describe,
    layout_tables,
    preview_table,
    structure_table,
    summaries,
    summary_table,
)
from h2o._expression import Removed
from h2o._operation import Operable
from h2o.display import Table, show, to_html, to_text

__all__ = ["Overview"]


class Overview(Operable):
    """The ways to look at a frame."""

    def show(
        self,
        use_pandas: bool | None = None,
        rows: int = PREVIEW_ROWS,
        cols: int = 200,
        verbosity: str | None = None,
        fmt: str | None = None,
    ) -> None:
        """Show the first rows and columns.

        ``use_pandas``, ``verbosity`` and ``fmt`` are taken for H2O's sake, and make no difference.
        """
        description = self._description()
        if rows != PREVIEW_ROWS:
            description = describe(self._expression.connection, self.frame_id, rows)
        show(preview_table(description, cols))

    def describe(self, chunk_summary: bool = False) -> None:
        """Show each column's type and statistics, then the first rows.

        With ``chunk_summary`` first how the frame is held: in which encodings, and on which nodes.
        """
        held = layout_tables(self._expression.connection, self.frame_id) if chunk_summary else ()
        show(*(table.table() for table in held), summary_table(self._description()), self._preview())

    def show_summary(self) -> None:
        """Show each column's type and statistics."""
        show(summary_table(self._description()))

    def get_summary(self) -> dict[str, dict[str, Any]]:
        """Name → what the server tells about the column: type, mins, maxs, mean, sigma, first values …"""
        return summaries(self._expression.connection, self.frame_id)

    def summary(self, return_data: bool = False) -> dict[str, dict[str, Any]] | None:
        """The older name of :meth:`show_summary`, or with ``return_data`` of :meth:`get_summary`."""
        if return_data:
            return self.get_summary()
        self.show_summary()
        return None

    def structure(self) -> None:
        """Show each column's type with its levels or first values."""
        show(structure_table(self.frame_id, self._description()))

    def _preview(self) -> Table:
        return preview_table(self._description())

    def __repr__(self) -> str:
        return _REMOVED if isinstance(self._expression, Removed) else to_text(self._preview())

    def _repr_html_(self) -> str:
        return _REMOVED if isinstance(self._expression, Removed) else to_html(self._preview())


_REMOVED = "H2OFrame, removed from the server"
