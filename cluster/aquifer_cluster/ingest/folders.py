"""Columns from folders: what the path of a file says, as in `sales/year=2020/month=1/part.csv`."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_cluster.errors import InvalidArgument


def folder_values(path: str, names: Sequence[str]) -> tuple[str, ...]:
    """The values that folders of the path give to `names`, in that order.

    Raises InvalidArgument if there is no folder for a name.
    """
    folders = dict(folder.split("=", 1) for folder in path.split("/")[:-1] if "=" in folder)
    for name in names:
        if name not in folders:
            raise InvalidArgument("partition_by", f"{path} is in no folder '{name}=…'; leave {name} out")
    return tuple(folders[name] for name in names)
