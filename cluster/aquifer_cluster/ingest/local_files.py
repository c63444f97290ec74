"""Files of this machine, or of a file system that all nodes share."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from aquifer_cluster.errors import SourceNotFound
from aquifer_cluster.ingest.access import Access
from aquifer_cluster.ingest.roots import Roots, without_prefix
from aquifer_cluster.ingest.source import Source


def find_local(path: str, access: Access, wanted: re.Pattern[str] | None) -> Iterator[Source]:
    """The files that a path names: a file, a folder with all below it, or what matches a glob.

    `wanted` is to be found in the paths below a folder.
    """
    real = access.roots.resolve(path)
    name = os.path.abspath(os.path.expanduser(without_prefix(path)))
    if real.is_file():
        yield _readable(real, name)
    elif real.is_dir():
        for inside in _below(name):
            if wanted is None or wanted.search(os.path.relpath(inside, name)):
                yield _readable(access.roots.resolve(inside), inside)
    else:
        for match in sorted(glob.glob(name)):
            yield from find_local(match, access, wanted)


def complete(beginning: str, roots: Roots, limit: int) -> Sequence[str]:
    """At most `limit` paths that a path can become: what is in a folder, or begins like the last part.

    What is hidden, or outside the roots, is not shown.
    """
    name = os.path.abspath(os.path.expanduser(without_prefix(beginning))) if beginning else os.sep
    folder, start = (name, "") if os.path.isdir(name) else os.path.split(name)
    try:
        entries = sorted(os.listdir(roots.resolve(folder)))
    except (OSError, SourceNotFound):
        return [str(root) for root in roots.folders if str(root).startswith(name)][:limit]
    begun = (entry for entry in entries if entry.lower().startswith(start.lower()))
    paths = (os.path.join(folder, entry) for entry in begun if not entry.startswith("."))
    return list(islice((path for path in paths if roots.holds(path)), limit))


def _below(name: str) -> Iterator[str]:
    for folder, folders, files in os.walk(name):
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        yield from (os.path.join(folder, file) for file in sorted(files) if not file.startswith("."))


def _readable(real: Path, name: str) -> Source:
    if not os.access(real, os.R_OK):
        raise SourceNotFound(name, "the server may not read it")
    return Source.of_file(real, name)
