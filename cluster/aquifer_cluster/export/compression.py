"""How exported text is compressed: piece by piece, on the nodes.

Every method makes of each piece something complete (a gzip member, a frame, a block), and of those, one after
the other, a file that its readers understand.
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from aquifer_cluster.errors import InvalidArgument

_SNAPPY_BLOCK = 32 << 10
GZIP_LEVEL = 5


@dataclass(frozen=True)
class Compression:
    """A method: its name, the ending of its files, what a file begins with, and how a piece is compressed."""

    name: str
    ending: str
    magic: bytes
    compress: Callable[[bytes], bytes]


def _plain(piece: bytes) -> bytes:
    return piece


def _gzip(piece: bytes) -> bytes:
    return gzip.compress(piece, GZIP_LEVEL, mtime=0)


def _zstd(piece: bytes) -> bytes:
    compressed: bytes = pa.compress(piece, "zstd", asbytes=True)
    return compressed


def _snappy(piece: bytes) -> bytes:
    """Blocks with their lengths, as snappy-java's SnappyOutputStream writes them for H2O."""
    blocks = []
    for start in range(0, len(piece), _SNAPPY_BLOCK):
        block = pa.compress(piece[start : start + _SNAPPY_BLOCK], "snappy", asbytes=True)
        blocks.append(len(block).to_bytes(4) + block)
    return b"".join(blocks)


COMPRESSIONS = {
    method.name: method
    for method in (
        Compression("none", "", b"", _plain),
        Compression("gzip", ".gz", b"", _gzip),
        Compression("bzip2", ".bz2", b"", bz2.compress),
        Compression("zstd", ".zst", b"", _zstd),
        Compression("snappy", ".snappy", b"\x82SNAPPY\0" + (1).to_bytes(4) + (1).to_bytes(4), _snappy),
    )
}
"""By name."""


def compression_of(name: str | None, path: str) -> Compression:
    """The method called `name` or, without a name, the one that the ending of `path` says.

    Raises InvalidArgument for a name that is none.
    """
    if name:
        if name.lower() not in COMPRESSIONS:
            raise InvalidArgument("compression", f'"{name}" is none of {", ".join(COMPRESSIONS)}')
        return COMPRESSIONS[name.lower()]
    by_ending = (method for method in COMPRESSIONS.values() if method.ending and path.endswith(method.ending))
    return next(by_ending, COMPRESSIONS["none"])
