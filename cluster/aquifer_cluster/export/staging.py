"""Writing beside the target and renaming: what is at the path is whole, or as it was before.

Object stores rename no folders: there the files of a folder are written in place, and deleted on failure.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem

from aquifer_cluster.errors import TargetRefused, TargetTaken

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
    if not has_folders(files):
        with _in_place(files, path):
            yield path
        return
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


@contextmanager
def _in_place(files: FileSystem, path: str) -> Iterator[None]:
    if not _is_free(files, path):
        files.delete_dir_contents(path)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            files.delete_dir(path)
        raise


def has_folders(files: FileSystem) -> bool:
    """Whether a folder is something of its own, which must be there and can be renamed."""
    return files.type_name in ("local", "hdfs")


def check_file(files: FileSystem, path: str, force: bool) -> None:
    """Raise TargetRefused unless a file can be put at `path`."""
    found = kind_at(files, path)
    if found is FileType.Directory:
        raise TargetRefused(path, "it is a folder")
    if found is not FileType.NotFound and not force:
        raise TargetTaken(path)
    _check_parent(files, path)


def check_folder(files: FileSystem, path: str, force: bool) -> None:
    """Raise TargetRefused unless a folder of files can be put at `path`."""
    if kind_at(files, path) is FileType.File:
        raise TargetRefused(path, "it is a file, and several files are to be written")
    if not _is_free(files, path) and not force:
        raise TargetRefused(path, "the folder is not empty; choose an empty one or one that is not there yet")
    _check_parent(files, path)


def _check_parent(files: FileSystem, path: str) -> None:
    parent = path.rpartition("/")[0] or "/"
    if has_folders(files) and kind_at(files, parent) is FileType.NotFound:
        raise TargetRefused(path, f"there is no folder {parent}")


def _is_free(files: FileSystem, path: str) -> bool:
    """Whether there is nothing at `path`, or an empty folder."""
    if kind_at(files, path) is FileType.NotFound:
        return True
    return not files.get_file_info(FileSelector(path))


def kind_at(files: FileSystem, path: str) -> FileType:
    """What is at a path. Raises TargetRefused if the file system does not tell."""
    try:
        return files.get_file_info(path).type
    except OSError as failure:
        raise TargetRefused(path, str(failure)) from failure


def _beside(path: str) -> str:
    parent, slash, name = path.rpartition("/")
    return f"{parent}{slash}.{name}.{secrets.token_hex(4)}"
