"""Tables for a terminal and for a notebook: aligned, cut to the window, safe to print."""

from __future__ import annotations

import html as _html
import importlib
import math
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Table", "cell", "in_notebook", "shorten", "show", "to_html", "to_text"]

GAP = "  "
ELLIPSIS = "…"
NOTEBOOK_COLUMNS = 20


@dataclass(frozen=True)
class Table:
    """What is shown: rows of plain values under a header, a title above, a footnote below."""

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""
    footnote: str = ""


def cell(value: object) -> str:
    """The text of one value: missing is empty, numbers have six digits, control characters are visible."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value))


def _width(text: str) -> int:
    return len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in text)


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _right_aligned(column: Sequence[object]) -> bool:
    return any(map(_is_number, column)) and all(
        value in (None, ELLIPSIS) or _is_number(value) for value in column
    )


def _fitting(widths: Sequence[int], window: int) -> tuple[int, int]:
    """How many columns from the left and from the right fit in ``window`` characters."""
    if sum(widths) + len(GAP) * (len(widths) - 1) <= window:
        return len(widths), 0
    left = right = 0
    room = window - len(ELLIPSIS)
    while left + right < len(widths):
        index = left if left <= right else len(widths) - 1 - right
        room -= widths[index] + len(GAP)
        if room < 0 and left:
            break
        left, right = (left + 1, right) if left <= right else (left, right + 1)
    return left, right


def _cut(table: Table, left: int, right: int) -> Table:
    """The table with the columns between the first ``left`` and the last ``right`` shown as an ellipsis."""
    count = len(table.header)
    if left + right >= count:
        return table

    def line(items: Sequence[object]) -> list[object]:
        return [*items[:left], ELLIPSIS, *items[count - right :]]

    header = [str(item) for item in line(table.header)]
    hidden = count - left - right
    note = f"({hidden} {'column' if hidden == 1 else 'columns'} not shown)"
    footnote = f"{table.footnote} {note}".lstrip()
    return Table(header, [line(row) for row in table.rows], table.title, footnote)


def to_text(table: Table, window: int | None = None) -> str:
    """The table in monospaced text, at most ``window`` characters wide (default: the terminal's width)."""
    window = window or shutil.get_terminal_size((120, 24)).columns
    widths = [
        max([_width(cell(name)), *(_width(cell(row[i])) for row in table.rows)])
        for i, name in enumerate(table.header)
    ]
    left, right = _fitting(widths, window)
    shown = _cut(table, left, right)
    if shown is not table:
        widths = [*widths[:left], len(ELLIPSIS), *widths[len(widths) - right :]]
    columns = [[row[i] for row in shown.rows] for i in range(len(shown.header))]
    aligned = [_right_aligned(column) for column in columns]

    def line(items: Sequence[object]) -> str:
        cells = zip(items, widths, aligned, strict=True)
        parts = (_pad(cell(item), width, to_right) for item, width, to_right in cells)
        return GAP.join(parts).rstrip()

    rule = GAP.join("─" * width for width in widths)
    lines = [table.title, line(shown.header), rule, *map(line, shown.rows), shown.footnote]
    return "\n".join(text for index, text in enumerate(lines) if text or index not in (0, len(lines) - 1))


def to_html(table: Table) -> str:
    """The table as HTML; every text in it is escaped."""
    half = NOTEBOOK_COLUMNS // 2
    shown = _cut(table, half, half) if len(table.header) > NOTEBOOK_COLUMNS else table
    columns = [[row[i] for row in shown.rows] for i in range(len(shown.header))]
    styles = [' style="text-align:right"' if _right_aligned(column) else "" for column in columns]

    def line(items: Sequence[object], tag: str) -> str:
        cells = zip(items, styles, strict=True)
        return "<tr>" + "".join(f"<{tag}{style}>{_escape(item)}</{tag}>" for item, style in cells) + "</tr>"

    caption = f"<caption>{_escape(shown.title)}</caption>" if shown.title else ""
    body = "".join(line(row, "td") for row in shown.rows)
    footnote = f"<p>{_escape(shown.footnote)}</p>" if shown.footnote else ""
    return f"<table>{caption}<thead>{line(shown.header, 'th')}</thead><tbody>{body}</tbody></table>{footnote}"


def _escape(value: object) -> str:
    return _html.escape(cell(value))


def show(*tables: Table) -> None:
    """Show tables: as HTML in a notebook, else as text."""
    if in_notebook():
        ipython = importlib.import_module("IPython.display")
        ipython.display(ipython.HTML("".join(map(to_html, tables))))
    else:
        print("\n\n".join(map(to_text, tables)))


def shorten(text: str, most: int = 80) -> str:
    """The text, or its beginning if it is longer than ``most`` characters."""
    return text if len(text) <= most else text[: most - len(ELLIPSIS)] + ELLIPSIS


def in_notebook() -> bool:
    """Whether the program runs in a Jupyter kernel."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
