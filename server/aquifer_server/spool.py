"""The spool: uploads on disk between their arrival and their parse."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import anyio.to_thread
from aquifer_cluster.errors import readable_bytes
from aquifer_cluster.ingest import Source
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from aquifer_server.binding import BodyTooLarge, MalformedRequest

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PIECE_BYTES = 1 << 20


class Spool:
    """A folder of uploads. An upload that does not arrive whole leaves nothing."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    async def receive(self, request: Request, key: str | None) -> Source:
        """Write the file in a request's body, raw or multipart, to disk.

        Raises BodyTooLarge, or MalformedRequest if a multipart body has no file.
        """
        key = key or f"upload_{secrets.token_hex(16)}"
        self._require_space(int(request.headers.get("content-length", 0)))
        path = self._folder / secrets.token_hex(16)
        try:
            with path.open("wb") as file:
                await self._write(file_pieces(request), file)
            return Source.of_upload(key, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def discard(self, source: Source) -> None:
        """Delete the file if it is an upload; imported files are the user's own."""
        path = Path(source.path)
        if path.parent == self._folder:
            path.unlink(missing_ok=True)

    async def _write(self, pieces: AsyncIterator[bytes], file: BinaryIO) -> None:
        written, waiting = 0, bytearray()
        async for piece in pieces:
            waiting += piece
            written += len(piece)
            if written > self._max_bytes:
                raise BodyTooLarge(
                    f"The upload is larger than max_upload, {readable_bytes(self._max_bytes)}."
                )
            if len(waiting) >= PIECE_BYTES:
                await anyio.to_thread.run_sync(file.write, bytes(waiting))
                waiting.clear()
        await anyio.to_thread.run_sync(file.write, bytes(waiting))

    def _require_space(self, needed: int) -> None:
        free = min(self._max_bytes, shutil.disk_usage(self._folder).free)
        if needed > free:
            raise BodyTooLarge(
                f"The upload has {readable_bytes(needed)}, but the spool takes {readable_bytes(free)}: "
                "see the settings max_upload and spool_dir."
            )


def file_pieces(request: Request) -> AsyncIterator[bytes]:
    """The file in a request's body, piece by piece."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        return request.stream()
    boundary = options.get(b"boundary")
    if not boundary:
        raise MalformedRequest("The multipart body names no boundary.")
    return _first_file(request.stream(), boundary)


async def _first_file(body: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[bytes]:
    parts = _Parts()
    parser = MultipartParser(boundary, parts.callbacks())
    try:
        async for piece in body:
            parser.write(piece)
            yield bytes(parts.taken)
            parts.taken.clear()
    except FormParserError as failure:
        raise MalformedRequest(f"The multipart body cannot be read: {failure}.") from failure
    if not parts.ended:
        raise MalformedRequest("The multipart body holds no complete file.")


class _Parts:
    """Collects the data of the first part of a multipart body that is a file."""

    def __init__(self) -> None:
        self.taken = bytearray()
        self.ended = False
        self._headers = bytearray()
        self._inside = False

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._headers.clear,
            "on_header_value": lambda data, start, end: self._headers.extend(data[start:end]),
            "on_headers_finished": self._begin,
            "on_part_data": self._take,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._inside = b"filename" in self._headers and not self.ended

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self.taken += data[start:end]

    def _end(self) -> None:
        self.ended = self.ended or self._inside
        self._inside = False
