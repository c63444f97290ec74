"""The bytes of a source, decompressed: told by its content, not by its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO, Self, cast

import pyarrow as pa

from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.ingest.compression import (
    DAMAGE,
    LONGEST_BEGINNING,
    Readable,
    compression_of,
    table_files,
)
from aquifer_cluster.ingest.source import LOCAL, Source

PIECE_BYTES = 1 << 20
"""The most that is decompressed at once, or read of a local file."""

REMOTE_BYTES = 4 << 20
"""What is read at once of any other: each time may be a request."""

_TYPICAL_BYTES = 4 << 20
_SUPPOSED_BYTES = 64 << 20


class SourceStream:
    """The decompressed bytes of one source, read forwards in pieces.

    Of an archive these are the bytes of the member that the source names, or else of the first.
    Raises SourceNotFound if the source cannot be opened, ParseFailure if its compression is damaged.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._file = _stored(source)
        self._begun = False
        compression = compression_of(self._file.read(LONGEST_BEGINNING))
        self._file.seek(0)
        self.compressed = compression is not None
        self._data: Readable = self._file
        if compression is not None:
            try:
                self._data = compression.opened(cast(BinaryIO, self._file), source.member)
            except DAMAGE as broken:
                raise self._failure(broken) from broken

    @property
    def consumed(self) -> int:
        """Bytes of the stored file that were read so far."""
        return self._file.tell() if self._begun else 0

    def read(self) -> bytes:
        """The next piece, of at most PIECE_BYTES; empty at the end. Raises ParseFailure for broken data."""
        self._begun = True
        try:
            return self._data.read(PIECE_BYTES)
        except DAMAGE as broken:
            raise self._failure(broken) from broken

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """Use the stream until the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _failure(self, broken: Exception) -> ParseFailure:
        reason = f"the compressed data is damaged ({broken})"
        if isinstance(broken, EOFError) or "not a zip file" in str(broken) or "Truncated" in str(broken):
            reason = "the compressed data ends early; the file was probably cut off"
        elif isinstance(broken, RuntimeError | NotImplementedError):
            reason = f"it cannot be decompressed ({broken})"
        return ParseFailure(self.source.name, f"at byte {self.consumed:,}", reason)


class _Stored(io.RawIOBase):
    """The stored bytes of a source. What fails while they are read is told from damage within them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._file: pa.NativeFile = source.open_at()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        try:
            return int(self._file.readinto(buffer))
        except OSError as failure:
            raise ParseFailure(self._source.name, f"at byte {self.tell():,}", f"{failure}") from failure

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._file.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        self._file.close()
        super().close()


def _stored(source: Source) -> io.BufferedReader:
    return io.BufferedReader(_Stored(source), PIECE_BYTES if source.files == LOCAL else REMOTE_BYTES)


def parts(source: Source) -> Sequence[Source]:
    """The tables of a source, to be read one after the other: the files of a zip archive, else itself."""
    with _stored(source) as file:
        compression = compression_of(file.read(LONGEST_BEGINNING))
        if compression is None or compression.name != "zip" or source.member:
            return [source]
        try:
            names = [member.filename for member in table_files(zipfile.ZipFile(file))]
        except zipfile.BadZipFile:
            return [source]  # whoever reads it will say what is wrong
    if len(names) == 1:
        return [source]
    return [replace(source, member=name, name=f"{source.name} ({name})") for name in names]


def head(source: Source, size: int) -> tuple[bytes, bool]:
    """The first `size` decompressed bytes, and whether that is all there is."""
    with SourceStream(source) as stream:
        text, ended = _beginning(stream, size + 1)
    return text[:size], ended


def text_bytes(source: Source) -> int:
    """About how many bytes the source decompresses to; where nothing tells, a guess."""
    with SourceStream(source) as stream:
        if not stream.compressed and source.size is not None:
            return source.size
        text, ended = _beginning(stream, _TYPICAL_BYTES)
        if ended:
            return len(text)
        if source.size is None:
            return _SUPPOSED_BYTES
        return int(source.size * len(text) / max(1, stream.consumed))


def _beginning(stream: SourceStream, size: int) -> tuple[bytes, bool]:
    """At least the first `size` bytes of a stream, and whether it has ended."""
    pieces: list[bytes] = []
    have = 0
    while have < size:
        piece = stream.read()
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces), False
