"""A frame as a stream of bytes; a slow reader costs no memory."""

from __future__ import annotations

import io
from collections.abc import Iterator

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.export.encoders import Encoder
from aquifer_cluster.frame import Frame


def stream(cloud: Cloud, frame: Frame, encoder: Encoder) -> Iterator[bytes]:
    """The frame in the format of `encoder`, piece by piece as they are taken."""
    written = io.BytesIO()
    writer = encoder.open(written)
    yield _taken(written)
    for encoded in cloud.stream(frame, encoder.encode, rows=encoder.rows):
        writer.put(encoded)
        yield _taken(written)
    writer.close()
    yield _taken(written)


def _taken(written: io.BytesIO) -> bytes:
    """What was written since the last time."""
    content = written.getvalue()
    written.seek(0)
    written.truncate()
    return content
