"""Where data comes from: files of this machine (or of a file system that all nodes share)."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow.fs import LocalFileSystem

from aquifer_cluster.errors import InvalidArgument, SourceNotFound

_FILE_PREFIXES = ("file://", "nfs:/")


class Files(Protocol):
    """Where files can be opened by a path; a `pyarrow.fs.FileSystem` is one. It can be pickled."""

    def open_input_file(self, path: str) -> pa.NativeFile:
        """The file, for reading at any place."""


LOCAL: Files = LocalFileSystem(use_mmap=True)
"""The files of this machine, as memory maps."""


@dataclass(frozen=True)
class Source:
    """One file to import, or an upload that was spooled to disk; any node can open it.

    `key` is its name in the store (`nfs://data/x.csv` for `/data/x.csv`, `upload_…` for an upload), `name`
    what the user calls it, `path` the (resolved) file in `files`, `size` its bytes as they are stored, None
    where the server that has it does not say. `ranged` says whether opening it in the middle costs no more
    than what is read from there; else everything before has to be read as well. `member` names one file of
    an archive.
    """

    key: str
    name: str
    path: str
    size: int | None
    files: Files = field(default_factory=lambda: LOCAL, repr=False, compare=False)
    ranged: bool = True
    member: str = ""

    @classmethod
    def of_file(cls, path: Path, name: str) -> Source:
        """A file under the key that H2O gives it; `path` is resolved already."""
        return cls(f"nfs:/{name}", name, str(path), path.stat().st_size)

    @classmethod
    def of_upload(cls, key: str, path: Path) -> Source:
        """A spooled upload."""
        return cls(key, key, str(path), path.stat().st_size)

    def open_at(self, offset: int = 0) -> pa.NativeFile:
        """The stored bytes from `offset` on: a file that can be read and sought; `read_buffer` of a local one
        copies nothing. Of a remote file, every `read` may be a request: read large pieces.

        Raises SourceNotFound if it cannot be opened (any more).
        """
        try:
            file = self.files.open_input_file(self.path)
            file.seek(offset)
        except OSError as failure:
            reason = os.strerror(failure.errno) if failure.errno else str(failure)
            raise SourceNotFound(self.name, reason) from failure
        return file


def part_read(sources: Sequence[Source], number: int, consumed: int) -> float:
    """The part of all sources that is read when `consumed` bytes of the one with that number are.

    Where a size is not known, sources count as equal, and the one that is being read as half done.
    """
    sizes = [source.size for source in sources]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return (number + 0.5) / len(sizes)
    return (sum(known[:number]) + consumed) / max(1, sum(known))


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
        real = Path(os.path.realpath(os.path.expanduser(_without_prefix(path))))
        if not any(real.is_relative_to(os.path.realpath(folder)) for folder in self.folders):
            allowed = ", ".join(str(folder) for folder in self.folders)
            raise SourceNotFound(path, f"it is outside the folders that the server may read ({allowed})")
        return real


def find_sources(paths: Sequence[str], roots: Roots, pattern: str | None = None) -> list[Source]:
    """The files that `paths` name, in order: files, globs, and folders (with all below them).

    `pattern` is a regular expression to be found in the paths below a folder. Raises
    SourceNotFound for a path that names nothing.
    """
    wanted = _compiled(pattern) if pattern else None
    found: dict[str, Source] = {}
    for path in paths:
        before = len(found)
        for file in _files(path, roots, wanted):
            found.setdefault(file.key, file)
        if len(found) == before and not _already(path, found):
            raise SourceNotFound(
                path, "nothing there matches" if wanted or _is_glob(path) else "no such file"
            )
    return list(found.values())


def _files(path: str, roots: Roots, wanted: re.Pattern[str] | None) -> Iterator[Source]:
    real = roots.resolve(path)
    name = os.path.abspath(os.path.expanduser(_without_prefix(path)))
    if real.is_file():
        yield _readable(real, name)
    elif real.is_dir():
        for folder, folders, files in os.walk(name):
            folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
            for file in sorted(files):
                inside = os.path.join(folder, file)
                below = os.path.relpath(inside, name)
                if not file.startswith(".") and (wanted is None or wanted.search(below)):
                    yield _readable(roots.resolve(inside), inside)
    elif _is_glob(path):
        for match in sorted(glob.glob(name)):
            yield from _files(match, roots, wanted)


def _readable(real: Path, name: str) -> Source:
    if not os.access(real, os.R_OK):
        raise SourceNotFound(name, "the server may not read it")
    return Source.of_file(real, name)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as wrong:
        raise InvalidArgument("pattern", f"'{pattern}' is not a regular expression ({wrong})") from wrong


def _already(path: str, found: dict[str, Source]) -> bool:
    return f"nfs:/{os.path.abspath(_without_prefix(path))}" in found


def _is_glob(path: str) -> bool:
    return any(mark in path for mark in "*?[")


def _without_prefix(path: str) -> str:
    for prefix in _FILE_PREFIXES:
        if path.startswith(prefix):
            return path[len(prefix) :]
    return path
