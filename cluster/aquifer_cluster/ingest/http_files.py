"""Files of HTTP servers, read in one go or from any place."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Self

import httpcore
import pyarrow as pa

from aquifer_cluster.ingest.http_access import BROKEN, TIMEOUTS, HttpAccess, header, refusal

RESUMPTIONS = 3
"""How often in a row a transfer that broke off is taken up again without getting any further."""

_PIECE_BYTES = 1 << 18
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


@dataclass(frozen=True)
class HttpFiles:
    """Files by their URLs, to be read only.

    `version` is the ETag (or the date) of the one file that this is for: no other version of it is read.
    """

    access: HttpAccess = field(default_factory=HttpAccess)
    version: str | None = None

    def open_input_file(self, path: str) -> pa.NativeFile:
        """The file at a URL. Where the server gives no parts of it, it is copied if it has to be sought in.

        Reading raises OSError if the server cannot be reached, refuses, stalls or breaks off.
        """
        return pa.PythonFile(io.BufferedReader(HttpFile(self, path), _PIECE_BYTES), "r")

    def look(self, url: str) -> tuple[HttpFiles, int | None, bool]:
        """What reads the present version of a file; its size, if the server says it; and whether the server
        gives parts of it. Raises OSError.
        """
        with HttpFile(self, url) as file:
            file.connect()
            return replace(self, version=file.version), file.size, file.ranged


class HttpFile(io.RawIOBase):
    """One file of an HTTP server. A transfer goes on from where it is read; after a seek a new one begins."""

    def __init__(self, files: HttpFiles, url: str) -> None:
        self._files = files
        self._url = url
        self._connections = files.access.connections()
        self._response: httpcore.Response | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._piece = memoryview(b"")
        self._position = 0
        self._copy: IO[bytes] | None = None
        self.version = files.version
        self.size: int | None = None
        self.ranged = True

    def connect(self) -> None:
        """Begin a transfer at the present position. Raises OSError."""
        headers = {"Accept-Encoding": "identity", "Range": f"bytes={self._position}-"}
        response = self._response = self._files.access.get(self._connections, self._url, headers)
        found = _CONTENT_RANGE.fullmatch(header(response, "Content-Range"))
        if response.status == 416 and found is not None:  # the position is the end of the file
            self.size, self.ranged = self._size(found[2]), True
            return
        if response.status not in (200, 206):
            raise refusal(response.status)
        self.ranged = found is not None
        self.size = self._size(found[2] if found else header(response, "Content-Length"))
        self._check_version(header(response, "ETag") or header(response, "Last-Modified") or None)
        self._pieces = response.iter_stream()
        self._skip(self._position - int((found and found[1]) or 0))

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, one way or the other."""
        return True

    def tell(self) -> int:
        """The position in the file."""
        return self._copy.tell() if self._copy else self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        if whence == io.SEEK_END and self._response is None:
            self.connect()
        if not self.ranged and self._copy is None:
            self._copy = self._copied()
        if self._copy is not None:
            return self._copy.seek(offset, whence)
        if whence == io.SEEK_END and self.size is None:
            raise OSError("the server does not say how long the file is")
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size or 0}[whence]
        if start + offset != self._position:
            self._disconnect()
            self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        """Read what has arrived, waiting for it if there is nothing yet; 0 at the end. Raises OSError."""
        if self._copy is not None:
            return self._copy.readinto(buffer)  # type: ignore[attr-defined, no-any-return]
        if not self._piece:
            self._piece = memoryview(self._next_piece())
        length = min(len(buffer), len(self._piece))
        buffer[:length] = self._piece[:length]
        self._piece = self._piece[length:]
        self._position += length
        return length

    def close(self) -> None:
        """End the transfer."""
        self._disconnect()
        self._connections.close()
        if self._copy is not None:
            self._copy.close()
        super().close()

    def __enter__(self) -> Self:
        """Use the file until the block ends."""
        return self

    def _next_piece(self) -> bytes:
        for attempt in range(RESUMPTIONS + 1):
            try:
                if self._response is None:
                    self.connect()
                return next(self._pieces, b"")
            except httpcore.TimeoutException as stalled:
                raise TimeoutError(f"the server sent nothing for {TIMEOUTS['read']:g} seconds") from stalled
            except BROKEN as broken:
                self._disconnect()
                if not self.ranged or attempt == RESUMPTIONS:
                    raise ConnectionError(f"the connection broke off ({broken})") from broken
        return b""

    def _skip(self, size: int) -> None:
        """Pass over what comes before the position, where a server sends it all the same."""
        if size < 0:
            raise OSError("the server sends another part of the file than it was asked for")
        try:
            while size and (piece := memoryview(next(self._pieces, b""))):
                self._piece, size = piece[size:], max(0, size - len(piece))
        except BROKEN as broken:
            raise ConnectionError(f"the connection broke off ({broken})") from broken

    def _check_version(self, version: str | None) -> None:
        if self.version not in (None, version):
            raise OSError("it has changed since its import began; import it again")
        self.version = version

    def _disconnect(self) -> None:
        if self._response is not None:
            self._response.close()
        self._response, self._pieces, self._piece = None, iter(()), memoryview(b"")

    def _copied(self) -> IO[bytes]:
        """The whole file in a temporary one, at the same position."""
        position = self._position
        self._disconnect()
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as this file is open
        try:
            with io.BufferedReader(HttpFile(self._files, self._url), _PIECE_BYTES) as whole:
                shutil.copyfileobj(whole, copy, _PIECE_BYTES)
            copy.seek(position)
        except BaseException:
            copy.close()
            raise
        return copy

    @staticmethod
    def _size(text: str) -> int | None:
        return int(text) if text.isdecimal() else None
