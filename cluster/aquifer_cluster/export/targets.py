"""Where frames may be written to: the places that they may be imported from, but for web servers."""

from __future__ import annotations

from pyarrow.fs import FileSystem

from aquifer_cluster.errors import SourceNotFound, TargetRefused
from aquifer_cluster.export.staging import LOCAL
from aquifer_cluster.ingest import SCHEMES, Access, public_name
from aquifer_cluster.ingest.object_stores import file_system, find_stored


def target_of(path: str, access: Access) -> tuple[FileSystem, str]:
    """The file system that a path or URL is in, and the (resolved) path there.

    Raises TargetRefused for what `access` does not allow.
    """
    shown = public_name(path)
    scheme = next((known for known in SCHEMES if path.startswith(known.beginnings)), SCHEMES[-1])
    if not access.allows(scheme.name):
        raise TargetRefused(shown, f"the setting import_schemes does not allow {scheme.name}")
    try:
        if scheme.find is find_stored:
            return file_system(path, access)
        if scheme is SCHEMES[-1]:
            return LOCAL, str(access.roots.resolve(path))
    except (OSError, ValueError) as failure:
        raise TargetRefused(shown, str(failure)) from failure
    except SourceNotFound as outside:
        allowed = ", ".join(map(str, access.roots.folders))
        raise TargetRefused(shown, f"it is outside of what the server may use ({allowed})") from outside
    raise TargetRefused(shown, "a web server takes no files")
