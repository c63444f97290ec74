"""Where data comes from: a file that any node can open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow.fs import LocalFileSystem

from aquifer_cluster.errors import SourceNotFound


class Files(Protocol):
    """Where files can be opened by a path; a `pyarrow.fs.FileSystem` is one. It can be pickled."""

    def open_input_file(self, path: str) -> pa.NativeFile:
        """The file, for reading at any place."""


LOCAL: Files = LocalFileSystem()
"""The files of this machine. They are not mapped: if a mapped file shrinks, whoever reads it dies."""


@dataclass(frozen=True)
class Source:
    """One file to import, or an upload that was spooled to disk; any node can open it.

    `key` is its name in the store (`nfs://data/x.csv` for `/data/x.csv`, `upload_…` for an upload), `name`
    what the user calls it, `path` the (resolved) file in `files`, `size` its bytes as they are stored, None
    where the server that has it does not say. `ranged` says whether opening it in the middle costs no more
    than what is read from there; else everything before has to be read as well. `member` names one file of
    an archive, `groups` some of the row groups of a file that has such.
    """

    key: str
    name: str
    path: str = field(repr=False)
    size: int | None
    files: Files = field(default_factory=lambda: LOCAL, repr=False, compare=False)
    ranged: bool = True
    member: str = ""
    groups: range | None = None

    @property
    def file_name(self) -> str:
        """The last part of the name, without what a web address has after it."""
        address = self.name.partition("?")[0] if "://" in self.name else self.name
        return address.rstrip("/").rpartition("/")[2]

    @classmethod
    def of_file(cls, path: Path, name: str) -> Source:
        """A file under the key that H2O gives it; `path` is resolved already."""
        return cls(f"nfs:/{name}", name, str(path), path.stat().st_size)

    @classmethod
    def of_upload(cls, key: str, path: Path) -> Source:
        """A spooled upload."""
        return cls(key, key, str(path), path.stat().st_size)

    def open_at(self, offset: int = 0) -> pa.NativeFile:
        """The stored bytes from `offset` on: a file that can be read and sought.

        Of a remote file, every `read` may be a request: read large pieces.

        Raises SourceNotFound if it cannot be opened (any more).
        """
        try:
            file = self.files.open_input_file(self.path)
            file.seek(offset)
        except OSError as failure:
            raise unreadable(self.name, failure) from failure
        return file


def part_read(sources: Sequence[Source], parts: Sequence[float]) -> float:
    """The part of all sources that is read when such `parts` of each are.

    Sources count by their sizes, or where one is not known, equally.
    """
    sizes = [source.size for source in sources]
    known = [size for size in sizes if size is not None]
    weights = [max(1, size) for size in known] if len(known) == len(sizes) else [1] * len(sizes)
    return sum(weight * part for weight, part in zip(weights, parts, strict=True)) / sum(weights)


def unreadable(name: str, failure: OSError | ValueError) -> SourceNotFound:
    """What a user is told of a failure to find or open a source; a ValueError may quote what is secret."""
    if isinstance(failure, ValueError):
        return SourceNotFound(name, "this is no valid address")
    return SourceNotFound(name, os.strerror(failure.errno) if failure.errno else str(failure).rstrip("."))
