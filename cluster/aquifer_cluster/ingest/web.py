"""Files of the web, named by their addresses."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

from aquifer_cluster.ingest.access import Access
from aquifer_cluster.ingest.http_access import HttpAccess
from aquifer_cluster.ingest.http_files import HttpFiles
from aquifer_cluster.ingest.source import Source, unreadable

SCHEMES = ("http", "https")


def find_on_web(url: str, access: Access, wanted: re.Pattern[str] | None) -> Iterator[Source]:
    """The file at an address; the web has no folders and no globs.

    Name and password in the address are sent to its host and shown to nobody; nor is the query, which often
    holds a signature.
    """
    name = public_name(url)
    try:
        address = urlsplit(url)
        host = address.netloc.rpartition("@")[2]
        schemes = tuple(scheme for scheme in SCHEMES if access.allows(scheme))
        files = HttpFiles(
            HttpAccess(access.hosts, schemes, _authorization(address.username, address.password))
        )
        path = urlunsplit((address.scheme, host, address.path, address.query, ""))
        present, size, ranged = files.look(path)
    except (OSError, ValueError) as failure:
        raise unreadable(name, failure) from failure
    yield Source(name, name, path, size, present, ranged)


def public_name(url: str) -> str:
    """An address without what may be secret in it: user, password, and query; of that a digest is left."""
    if "://" not in url:
        return url
    before, _, query = url.partition("#")[0].partition("?")
    scheme, _, rest = before.partition("://")
    host, slash, path = rest.partition("/")
    digest = f"?{hashlib.sha256(query.encode()).hexdigest()[:8]}" if query else ""
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{digest}"


def _authorization(user: str | None, password: str | None) -> str | None:
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
