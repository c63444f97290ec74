"""The bytes of a source, decompressed: told by its content, not by its name."""

from __future__ import annotations

import zlib
from typing import Any, Protocol, Self

from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.ingest.source import Source

_RAW_BYTES = 1 << 17
_GZIP_START = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib: the largest window, with a gzip header


class Decompressor(Protocol):
    """One format of compression, fed piece by piece."""

    def feed(self, raw: bytes) -> bytes:
        """What `raw` decompresses to."""

    @property
    def complete(self) -> bool:
        """Whether the data may end here."""


class Plain:
    """No compression."""

    complete = True

    def feed(self, raw: bytes) -> bytes:
        """The bytes as they are."""
        return raw


class Gzip:
    """Gzip, of one member or several."""

    def __init__(self) -> None:
        self._member: Any = None
        self._ended = False

    def feed(self, raw: bytes) -> bytes:
        """Decompress; padding after the last member is left out."""
        pieces = []
        while raw and not (self.complete and not raw.startswith(_GZIP_START)):
            if self._member is None:
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            pieces.append(self._member.decompress(raw))
            raw = self._member.unused_data
            if self._member.eof:
                self._member, self._ended = None, True
        return b"".join(pieces)

    @property
    def complete(self) -> bool:
        """Whether at least one member has ended and none is open."""
        return self._ended and self._member is None


COMPRESSIONS: dict[bytes, type[Gzip]] = {_GZIP_START: Gzip}
"""The first bytes of a compressed file, and what undoes it."""


class SourceStream:
    """The decompressed bytes of one source, read forwards."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._file = source.open_at()
        head = self._file.read(2)
        self._file.seek(0)
        self.compressed = head in COMPRESSIONS
        self._decompressor: Decompressor = COMPRESSIONS[head]() if self.compressed else Plain()

    @property
    def consumed(self) -> int:
        """Bytes of the file that were read so far."""
        return int(self._file.tell())

    def read(self) -> bytes:
        """The next piece, of some size; empty at the end. Raises ParseFailure for broken data."""
        while raw := self._file.read(_RAW_BYTES):
            try:
                piece = self._decompressor.feed(raw)
            except zlib.error as broken:
                raise self._failure(f"the compressed data is damaged ({broken})") from broken
            if piece:
                return piece
        if not self._decompressor.complete:
            raise self._failure("the compressed data ends early; the file was probably cut off")
        return b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """Use the stream until the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _failure(self, reason: str) -> ParseFailure:
        return ParseFailure(self.source.name, f"at byte {self.consumed:,}", reason)


def head(source: Source, size: int) -> tuple[bytes, bool]:
    """The first `size` decompressed bytes, and whether that is all there is."""
    with SourceStream(source) as stream:
        pieces: list[bytes] = []
        have = 0
        while have <= size:
            piece = stream.read()
            if not piece:
                return b"".join(pieces), True
            pieces.append(piece)
            have += len(piece)
        return b"".join(pieces)[:size], False


def text_bytes(source: Source) -> int:
    """About how many bytes the source decompresses to.

    A gzip file of one member below 4 GB says so in its last four bytes (RFC 1952, ISIZE); where that
    cannot be right, its first piece is taken as typical.
    """
    with SourceStream(source) as stream:
        if not stream.compressed:
            return source.size or 0
        typical = len(stream.read()) / max(1, stream.consumed)
    size = source.size or 0
    with source.open_at(max(0, size - 4)) as file:
        stated = int.from_bytes(file.read(4), "little")
    guessed = int(size * typical)
    return stated if guessed / 3 <= stated <= guessed * 3 else guessed
