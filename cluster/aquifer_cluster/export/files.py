"""Frames written to files: one, or several parts in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
from pyarrow.fs import FileSystem

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, JobCancelled
from aquifer_cluster.export.compression import compression_of
from aquifer_cluster.export.encoders import CsvEncoder, Encoder, ParquetEncoder
from aquifer_cluster.export.staging import LOCAL, check_file, check_folder, staged_file, staged_folder
from aquifer_cluster.export.text import CsvFormat
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.node import Block, Workspace

PARQUET_CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")
_SINGLE_PARQUET = ".parquet"


@dataclass(frozen=True)
class Export:
    """How a frame is to be written to `path`.

    `parts` is the most files to write, −1 for one of each block; more than one are `part-m-00000` … in a
    folder. Parquet goes into such a folder, a part of each block, unless `path` ends in `.parquet`.
    `compression` is the name of a method; None leaves it to the ending of `path`, Parquet to snappy.
    `checksum` adds one to every Parquet page. Without `force` no file is replaced; a folder is only taken
    when it is empty.
    """

    path: str
    format: str = "csv"
    parts: int = 1
    compression: str | None = None
    look: CsvFormat | None = None
    checksum: bool = True
    force: bool = False
    files: FileSystem = field(default_factory=lambda: LOCAL)

    def check(self) -> None:
        """Raise InvalidArgument or TargetRefused if this cannot be done."""
        if self.parts < -1 or self.parts == 0:
            raise InvalidArgument("num_parts", "is the number of files to write, or -1 for one of each block")
        if self.format == "parquet":
            _codec(self.compression)
        else:
            compression_of(self.compression, self.path)
        if self.one_file:
            check_file(self.files, self.path, self.force)
        else:
            check_folder(self.files, self.path, force=False)

    @property
    def one_file(self) -> bool:
        """Whether a file is to be written, not a folder of parts."""
        return self.parts == 1 and (self.format != "parquet" or self.path.endswith(_SINGLE_PARQUET))

    def encoder(self, frame: Frame) -> Encoder:
        """The format, set up for a frame."""
        if self.format == "parquet":
            codec = _codec(self.compression)
            return ParquetEncoder.of(frame, compression=codec, checksum=self.checksum)
        return CsvEncoder.of(frame, self.look, compression_of(self.compression, self.path).name)


def export(cloud: Cloud, frame: Frame, how: Export, job: Job) -> None:
    """Write a frame as `how` says; what fails or is cancelled leaves nothing behind.

    Parts of one block are written by the nodes that own the blocks (on a file system that all nodes share);
    everything else passes by here.
    """
    how.check()
    encoder = how.encoder(frame)
    if how.one_file:
        with staged_file(how.files, how.path, how.force) as path:
            _Export(cloud, frame, how.files, encoder, job).whole(path, range(frame.layout.blocks))
        return
    with staged_folder(how.files, how.path, force=False) as folder:
        parts = _parts(frame, 0 if how.parts in (-1, 1) else how.parts)
        _Export(cloud, frame, how.files, encoder, job).parts(folder, parts)


def _parts(frame: Frame, most: int) -> list[tuple[int, ...]]:
    """The blocks of each part, in order: at most so many parts, or (0) one of each block that has rows."""
    blocks = [block for block, rows in enumerate(frame.layout.block_rows) if rows] or [0]
    count = min(most or len(blocks), len(blocks))
    return [tuple(part.tolist()) for part in np.array_split(blocks, count)]


def _codec(name: str | None) -> str:
    codec = (name or "snappy").lower()
    if codec not in PARQUET_CODECS:
        raise InvalidArgument("compression", f'"{name}" is none of {", ".join(PARQUET_CODECS)} for Parquet')
    return codec


@dataclass(frozen=True)
class _Export:
    """One export on its way."""

    cloud: Cloud
    frame: Frame
    files: FileSystem
    encoder: Encoder
    job: Job

    def whole(self, path: str, blocks: Sequence[int], done: int = 0) -> int:
        """Write a file of some blocks; `done` are the rows written before it, and returned those after."""
        total = max(1, self.frame.rows)
        with self.files.open_output_stream(path, compression=None) as sink:
            writer = self.encoder.open(sink)
            runs = self.frame.layout.runs(blocks, self.encoder.rows)
            encoded = self.cloud.stream(
                self.frame, self.encoder.encode, rows=self.encoder.rows, blocks=blocks
            )
            for (_, first, last), rows in zip(runs, encoded, strict=True):
                self.job.check()
                writer.put(rows)
                done += last - first
                self.job.update(done / total)
            writer.close()
        return done

    def parts(self, folder: str, parts: Sequence[tuple[int, ...]]) -> None:
        """Write a folder of files."""
        names = [f"{folder}/part-m-{number:05}" for number in range(len(parts))]
        if all(len(part) == 1 for part in parts):
            self._blocks({part[0]: name for part, name in zip(parts, names, strict=True)})
            return
        done = 0
        for part, name in zip(parts, names, strict=True):
            done = self.whole(name, part, done)

    def _blocks(self, paths: dict[int, str]) -> None:
        """Have the nodes write a file of each block."""
        total, done = max(1, self.frame.rows), 0
        written = self.cloud.run_each(
            self.job.key, write_block, self.encoder, self.files, paths, frame=self.frame
        )
        with closing(written):  # so that nobody still writes when the folder is removed
            for rows in written:
                self.job.check()
                done += rows
                self.job.update(done / total)


def write_block(
    workspace: Workspace,
    blocks: Sequence[Block],
    encoder: Encoder,
    files: FileSystem,
    paths: dict[int, str],
) -> int:
    """Write a block to its path, if it has one; returns its rows. Raises JobCancelled."""
    (block,) = blocks
    if block.index not in paths:
        return 0
    with files.open_output_stream(paths[block.index], compression=None) as sink:
        writer = encoder.open(sink)
        for start in range(0, block.rows, encoder.rows):
            if workspace.stop[0]:
                raise JobCancelled("the export was cancelled")
            writer.put(encoder.encode(block.read(start, start + encoder.rows)))
        writer.close()
    return block.rows
