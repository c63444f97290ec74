"""Progress bars for background jobs: rich in a terminal that has it, else plain text."""

from __future__ import annotations

import importlib.util
import sys
import time
from typing import Any, Protocol

from h2o.display import in_notebook

__all__ = ["no_progress", "progress_bar", "show_progress"]

WIDTH = 40
RICH_WIDTH = 20
_BESIDES = 20  # characters for the percentage, the time and the gaps
_enabled = True


class Bar(Protocol):
    """Shows how far a job is: a fraction from 0 to 1 and the server's words."""

    def update(self, fraction: float, message: str) -> None:
        """Show the present state."""
        ...

    def finish(self, status: str) -> None:
        """Show the last state, which stays on the screen."""
        ...


def no_progress() -> None:
    """Show no progress bars from now on."""
    global _enabled
    _enabled = False


def show_progress() -> None:
    """Show progress bars again."""
    global _enabled
    _enabled = True


def progress_bar(title: str) -> Bar:
    """The bar that suits the place where the program runs."""
    if not _enabled:
        return _NoBar()
    if sys.stdout.isatty() and importlib.util.find_spec("rich") is not None:
        return _RichBar(title)
    return _PlainBar(title, redraw=sys.stdout.isatty() or in_notebook())


class _NoBar:
    def update(self, fraction: float, message: str) -> None:
        pass

    def finish(self, status: str) -> None:
        pass


class _PlainBar:
    """One line, drawn again and again where that is possible, else printed once at the end."""

    def __init__(self, title: str, *, redraw: bool) -> None:
        self._title = title
        self._redraw = redraw
        self._fraction = 0.0
        self._longest = 0
        self._start = time.monotonic()

    def update(self, fraction: float, message: str) -> None:
        self._fraction = fraction
        if self._redraw:
            self._print(message, end="")

    def finish(self, status: str) -> None:
        if status == "DONE":
            self._fraction = 1.0
        self._print(f"{status.lower()} in {time.monotonic() - self._start:.1f} s", end="\n")

    def _print(self, message: str, end: str) -> None:
        full = "█" * round(WIDTH * self._fraction)
        line = f"{self._title}: |{full:<{WIDTH}}| {self._fraction:4.0%} {message}".rstrip()
        self._longest = max(self._longest, len(line))
        start = "\r" if self._redraw else ""
        print(f"{start}{line:<{self._longest if self._redraw else 0}}", end=end, flush=True)


class _RichBar:
    def __init__(self, title: str) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        self._progress: Any = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=RICH_WIDTH),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[message]}", markup=False),
        )
        self._room = max(0, self._progress.console.width - len(title) - RICH_WIDTH - _BESIDES)
        self._task = self._progress.add_task(title, total=1.0, message="")
        self._progress.start()

    def update(self, fraction: float, message: str) -> None:
        self._progress.update(self._task, completed=fraction, message=message[: self._room])

    def finish(self, status: str) -> None:
        if status == "DONE":
            self._progress.update(self._task, completed=1.0)
        self._progress.update(self._task, message=status.lower())
        self._progress.stop()
