"""The folders of this machine that users may read and write."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from aquifer_cluster.errors import SourceNotFound

_PREFIXES = ("file://", "nfs:/")


@dataclass(frozen=True)
class Roots:
    """The folders that may be read and written; everything else does not exist for a user."""

    folders: tuple[Path, ...] = (Path("/"),)

    def resolve(self, path: str) -> Path:
        """The real path of `path` (links and `..` followed), which need not exist.

        Raises SourceNotFound if it is in none of the folders.
        """
        if "\0" in path:
            raise SourceNotFound(path.replace("\0", "\\0"), "a path has no NUL characters")
        real = Path(os.path.realpath(os.path.expanduser(without_prefix(path))))
        if not self.holds(real):
            allowed = ", ".join(str(folder) for folder in self.folders)
            raise SourceNotFound(path, f"it is outside the folders that the server may read ({allowed})")
        return real

    def holds(self, path: str | Path) -> bool:
        """Whether a path (links and `..` followed) is in one of the folders."""
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(os.path.realpath(folder)) for folder in self.folders)


def without_prefix(path: str) -> str:
    """A local path without `file://`, or the `nfs:/` that keys begin with."""
    for prefix in _PREFIXES:
        if path.startswith(prefix):
            return path[len(prefix) :]
    return path
