"""Files of S3, Google Cloud Storage and Hadoop, by Arrow's file systems."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

from aquifer_cluster.errors import SourceNotFound
from aquifer_cluster.ingest.access import Access
from aquifer_cluster.ingest.source import Source, unreadable

_SECONDS = 60
_WILDCARDS = re.compile(r"[*?\[]")


def find_stored(url: str, access: Access, wanted: re.Pattern[str] | None) -> Iterator[Source]:
    """The files that a URL names: an object, a folder with all below it, or what matches a glob.

    `wanted` is to be found in the paths below a folder.
    """
    try:
        files, path = file_system(url, access)
        found = _found(files, path, wanted)
    except (OSError, ValueError) as failure:
        raise unreadable(url, failure) from failure
    scheme, _, rest = url.partition("://")
    start = f"{scheme}://{rest.partition('/')[0] if scheme == 'hdfs' else ''}"
    for information in found:
        name = start + information.path
        yield Source(name, name, information.path, information.size, files)


def file_system(url: str, access: Access) -> tuple[fs.FileSystem, str]:
    """The file system of a URL, for reading and writing, and the path in it.

    Raises SourceNotFound for a URL that makes no sense, OSError if the system is out of reach or not allowed.
    """
    scheme, _, rest = url.partition("://")
    place, _, path = rest.partition("/")
    if "@" in place:
        hidden = f"{scheme}://…@{rest.partition('@')[2]}"
        raise SourceNotFound(hidden, "credentials do not belong into an address; see set_s3_credentials")
    if scheme == "hdfs":
        return _hadoop(place, access), f"/{path}"
    if not place:
        raise SourceNotFound(url, f"it names no bucket; write {scheme}://bucket/path")
    access.hosts.check(place)
    return (_google() if scheme == "gs" else _s3(place, access)), rest.rstrip("/")


def _found(files: fs.FileSystem, path: str, wanted: re.Pattern[str] | None) -> list[fs.FileInfo]:
    here = files.get_file_info(path)
    if here.type is fs.FileType.File:
        return [here]
    if here.type is fs.FileType.Directory:
        return [
            file
            for file in _below(files, path)
            if wanted is None or wanted.search(_relative(file.path, path))
        ]
    if not (wildcard := _WILDCARDS.search(path)):
        return []
    folder = path[: wildcard.start()].rpartition("/")[0]
    return [file for file in _below(files, folder) if _matches(file.path, path)]


def _below(files: fs.FileSystem, folder: str) -> list[fs.FileInfo]:
    """All files below a folder that are not hidden."""
    found = files.get_file_info(fs.FileSelector(folder, allow_not_found=True, recursive=True))
    return sorted(
        (
            file
            for file in found
            if file.type is fs.FileType.File and not _hidden(_relative(file.path, folder))
        ),
        key=lambda file: file.path,
    )


def _relative(path: str, folder: str) -> str:
    return path.removeprefix(folder).lstrip("/")


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _matches(path: str, pattern: str) -> bool:
    """Whether a path matches a glob, in which a wildcard stays within one part."""
    return path.count("/") == pattern.count("/") and PurePosixPath(path).match(pattern)


def _s3(bucket: str, access: Access) -> fs.FileSystem:
    options: dict[str, Any] = {"connect_timeout": 10, "request_timeout": _SECONDS}
    endpoint = (
        access.s3_endpoint
        or os.environ.get("AWS_ENDPOINT_URL_S3")
        or os.environ.get("AWS_ENDPOINT_URL")
        or ""
    )
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if endpoint:
        address = urlsplit(endpoint)
        options |= {"scheme": address.scheme, "endpoint_override": address.netloc}
        region = region or "us-east-1"
    if given := access.s3_credentials:
        options |= {
            "access_key": given.access_key_id,
            "secret_key": given.secret_access_key,
            "session_token": given.session_token,
        }
    return fs.S3FileSystem(region=region or fs.resolve_s3_region(bucket), **options)


def _google() -> fs.FileSystem:
    return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=_SECONDS))


def _hadoop(place: str, access: Access) -> fs.FileSystem:
    name_node = urlsplit(f"//{place}")
    host, port = name_node.hostname or "default", name_node.port or 8020
    if place:
        access.hosts.addresses(host, port)
    return fs.HadoopFileSystem(host, port)
