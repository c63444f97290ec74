"""The compressions that are undone while a source is read, told by its first bytes: one table."""

from __future__ import annotations

import bz2
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol, cast

import pyarrow as pa
from isal import igzip, isal_zlib

LONGEST_BEGINNING = 10
"""How many bytes tell a compression."""

DAMAGE: tuple[type[Exception], ...] = (  # type: ignore[assignment]  # isal's stub is wrong
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    isal_zlib.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    pa.ArrowInvalid,
)
"""What the libraries raise for data that is damaged, cut off, encrypted, or packed by an unknown method."""

_HIDDEN = re.compile(r"(^|/)(\.|__MACOSX/)")


class Readable(Protocol):
    """A stream of bytes, forwards."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""


@dataclass(frozen=True)
class Compression:
    """One kind of compression: `begins` matches its first bytes, `opened` gives what is in a file of it.

    That takes memory that does not grow with the file. Members that follow each other are read as one; of an
    archive of several files the second argument names the one that is wanted (empty: the first).
    """

    name: str
    begins: re.Pattern[bytes]
    opened: Callable[[BinaryIO, str], Readable]


def compression_of(beginning: bytes) -> Compression | None:
    """The compression of a file that begins so; None if it is not compressed."""
    return next((known for known in COMPRESSIONS if known.begins.match(beginning)), None)


def table_files(archive: zipfile.ZipFile) -> Sequence[zipfile.ZipInfo]:
    """The files of an archive that make one table: the first that is not hidden, and all with its ending."""
    files = [file for file in archive.infolist() if not file.is_dir() and not _HIDDEN.search(file.filename)]
    if not files:
        raise zipfile.BadZipFile("the archive holds no file")
    ending = PurePosixPath(files[0].filename).suffix
    return [file for file in files if PurePosixPath(file.filename).suffix == ending]


def _zip(file: BinaryIO, member: str) -> Readable:
    archive = zipfile.ZipFile(file)
    return archive.open(member or table_files(archive)[0])


def _whole(opened: Callable[[BinaryIO], Readable]) -> Callable[[BinaryIO, str], Readable]:
    return lambda file, _member: opened(file)


def _arrow(codec: str) -> Callable[[BinaryIO], Readable]:
    return lambda file: cast(Readable, pa.CompressedInputStream(pa.PythonFile(file, "r"), codec))


COMPRESSIONS = (
    Compression("gzip", re.compile(rb"\x1f\x8b"), _whole(igzip.open)),
    Compression("zip", re.compile(rb"PK(?:\x03\x04|\x05\x06)"), _zip),
    Compression("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), _whole(bz2.open)),
    Compression("xz", re.compile(rb"\xfd7zXZ\x00"), _whole(lzma.open)),
    Compression("zstd", re.compile(rb"\x28\xb5\x2f\xfd"), _whole(_arrow("zstd"))),
    Compression("lz4", re.compile(rb"\x04\x22\x4d\x18"), _whole(_arrow("lz4"))),
)
