"""Writing beside the target and renaming: what is at the path is whole, or as it was before."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem

from aquifer_cluster.errors import TargetRefused

LOCAL: FileSystem = LocalFileSystem()


@contextmanager
def staged_file(files: FileSystem, path: str, force: bool) -> Iterator[str]:
    """A path to write a file to, which becomes `path` at the end, unless there is an exception.

    Raises TargetRefused if there is a file already (without `force`), or a folder.
    """
    check_file(files, path, force)
    beside = _beside(path)
    try:
        yield beside
        files.move(beside, path)
    except BaseException:
        with suppress(OSError):
            files.delete_file(beside)
        raise


@contextmanager
def staged_folder(files: FileSystem, path: str, force: bool) -> Iterator[str]:
    """A folder to fill, which becomes `path` at the end, unless there is an exception.

    Raises TargetRefused if there is a file, or a folder that is not empty; `force` replaces the latter.
    """
    check_folder(files, path, force)
    beside, before = _beside(path), _beside(path)
    try:
        files.create_dir(beside)
        yield beside
        replaced = not _is_free(files, path)
        if replaced:
            files.move(path, before)
        files.move(beside, path)
    except BaseException:
        with suppress(OSError):
            files.delete_dir(beside)
        raise
    if replaced:
        files.delete_dir(before)


def check_file(files: FileSystem, path: str, force: bool) -> None:
    """Raise TargetRefused unless a file can be put at `path`."""
    found = files.get_file_info(path).type
    if found is FileType.Directory:
        raise TargetRefused(path, "it is a folder")
    if found is not FileType.NotFound and not force:
        raise TargetRefused(path, "the file already exists; force=True replaces it")
    _check_parent(files, path)


def check_folder(files: FileSystem, path: str, force: bool) -> None:
    """Raise TargetRefused unless a folder of files can be put at `path`."""
    if files.get_file_info(path).type is FileType.File:
        raise TargetRefused(path, "it is a file, and several files are to be written")
    if not _is_free(files, path) and not force:
        raise TargetRefused(path, "the folder is not empty; choose an empty one or one that is not there yet")
    _check_parent(files, path)


def _check_parent(files: FileSystem, path: str) -> None:
    parent = path.rpartition("/")[0] or "/"
    if files.get_file_info(parent).type is FileType.NotFound:
        raise TargetRefused(path, f"there is no folder {parent}")


def _is_free(files: FileSystem, path: str) -> bool:
    """Whether there is nothing at `path`, or an empty folder."""
    if files.get_file_info(path).type is FileType.NotFound:
        return True
    return not files.get_file_info(FileSelector(path))


def _beside(path: str) -> str:
    parent, slash, name = path.rpartition("/")
    return f"{parent}{slash}.{name}.{secrets.token_hex(4)}"
