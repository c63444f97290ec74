"""The kinds of places that data comes from, by the beginning of an address: one table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aquifer_cluster.errors import InvalidArgument, SourceNotFound
from aquifer_cluster.ingest.access import Access
from aquifer_cluster.ingest.local_files import find_local
from aquifer_cluster.ingest.object_stores import find_stored
from aquifer_cluster.ingest.source import Source
from aquifer_cluster.ingest.web import find_on_web, public_name

Find = Callable[[str, Access, re.Pattern[str] | None], Iterator[Source]]


@dataclass(frozen=True)
class Scheme:
    """A kind of place. `name` is what the setting calls it, `beginnings` how addresses of it begin.

    `find` gives the sources that an address names. `credentials` says where they come from.
    """

    name: str
    title: str
    beginnings: tuple[str, ...]
    find: Find
    credentials: str = ""


SCHEMES = (
    Scheme("http", "web server", ("http://",), find_on_web, "`http://user:password@host/…`"),
    Scheme("https", "web server", ("https://",), find_on_web, "`https://user:password@host/…`"),
    Scheme(
        "s3",
        "Amazon S3, or a server that speaks like it",
        ("s3://", "s3a://", "s3n://"),
        find_stored,
        "`AWS_…` of the environment, or `h2o.persist.set_s3_credentials`",
    ),
    Scheme(
        "gs", "Google Cloud Storage", ("gs://",), find_stored, "`GOOGLE_APPLICATION_CREDENTIALS` and the like"
    ),
    Scheme("hdfs", "Hadoop", ("hdfs://",), find_stored, "of the Hadoop client"),
    Scheme("file", "file or folder that all nodes see", ("file://", "nfs:/"), find_local),
)
"""What begins like none of them is a path, so of the last kind."""


def find_sources(paths: Sequence[str], access: Access, pattern: str | None = None) -> list[Source]:
    """The files that `paths` name, in order: files, globs, and folders with all below them.

    `pattern` is a regular expression to be found in the paths below a folder. Raises SourceNotFound for a
    path that names nothing, or nothing that `access` allows.
    """
    wanted = _compiled(pattern) if pattern else None
    found: dict[str, Source] = {}
    for path in paths:
        if not path:
            raise SourceNotFound("''", "the path is empty")
        sources = list(_find(path, access, wanted))
        if not sources:
            glob = wanted or any(mark in path for mark in "*?[")
            raise SourceNotFound(path, "nothing there matches" if glob else "no such file")
        found |= {source.key: source for source in sources if source.key not in found}
    return list(found.values())


def _find(path: str, access: Access, wanted: re.Pattern[str] | None) -> Iterator[Source]:
    scheme = _scheme_of(path)
    if not access.allows(scheme.name):
        raise SourceNotFound(public_name(path), f"the setting import_schemes does not allow {scheme.name}")
    return scheme.find(path, access, wanted)


def _scheme_of(path: str) -> Scheme:
    for scheme in SCHEMES:
        if path.startswith(scheme.beginnings):
            return scheme
    if "://" in path:
        known = ", ".join(beginning for scheme in SCHEMES for beginning in scheme.beginnings)
        raise SourceNotFound(public_name(path), f"it begins like none of {known}")
    return SCHEMES[-1]


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as wrong:
        raise InvalidArgument("pattern", f"'{pattern}' is not a regular expression ({wrong})") from wrong
