"""Windows of long lists and tables: pages show as much as fits, whatever there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from aquifer_flow.page import ViewModel

T = TypeVar("T")

LISTED = 100
"""How many entries a list shows at once."""


class Window(ViewModel):
    """Entries `first` to `last` (not included) of `total`; a page shows up to `size` of them."""

    first: int
    last: int
    total: int
    size: int

    @property
    def before(self) -> int | None:
        """Where the window before begins."""
        return max(0, self.first - self.size) if self.first > 0 else None

    @property
    def after(self) -> int | None:
        """Where the window after begins."""
        return self.last if self.last < self.total else None


def window(first: int, total: int, size: int = LISTED) -> Window:
    """The window that begins at `first`, or at the beginning if that is beyond the end."""
    first = first if 0 <= first < total else 0
    return Window(first=first, last=min(first + size, total), total=total, size=size)


def shown(items: Sequence[T], of: Window) -> Sequence[T]:
    """The items that a window shows."""
    return items[of.first : of.last]
