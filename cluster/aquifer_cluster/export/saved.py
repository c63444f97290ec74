"""Frames saved, to be loaded again bit for bit, on a cloud of any size.

A saved frame is a folder:

    frame.json          format, version, the columns' names and types, and where each block of rows is
    part-00000.arrow …  Arrow IPC files, one of each node, with a record batch for each block

Numbers are float64 (int64 where a column has some beyond 2^53), categories are dictionaries of all their
levels, times are timestamps in UTC, missing values are null: pyarrow alone reads it
(`pyarrow.ipc.open_file(part).read_all()`). Nothing in it is executed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import quote

import numpy as np
import pyarrow as pa
from pyarrow.fs import FileSystem, FileType

from aquifer_cluster.chunk import ColumnType, Values, concatenate
from aquifer_cluster.chunk.base import MISSING_CODE, MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import JobCancelled, ParseFailure, SourceNotFound, TargetRefused, TargetTaken
from aquifer_cluster.export.batches import arrow_arrays, arrow_type, domain_array, record_batch
from aquifer_cluster.export.staging import LOCAL, has_folders, kind_at, staged_folder
from aquifer_cluster.frame import Column, Frame, Layout, even_layout
from aquifer_cluster.jobs import Job
from aquifer_cluster.node import Block, Workspace

FORMAT, VERSION = "aquifer.frame", 1
_MANIFEST = "frame.json"
_COMPRESSION = "zstd"


@dataclass(frozen=True)
class Place:
    """Where a block of a saved frame is: which record batch of which part, and its rows."""

    part: int
    batch: int
    rows: int


_PLACE = ("part", "batch", "rows")


@dataclass(frozen=True)
class Manifest:
    """What `frame.json` says."""

    names: tuple[str, ...]
    types: tuple[ColumnType, ...]
    blocks: tuple[Place, ...]

    def to_json(self) -> bytes:
        """The text of the file."""
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes, path: str) -> Manifest:
        """Read the text of the file at `path`. Raises ParseFailure."""
        try:
            content = json.loads(text)
            if (content["format"], content["version"]) != (FORMAT, VERSION):
                raise ValueError(f"this release reads version {VERSION} of {FORMAT}")
            return cls(
                tuple(map(str, content["names"])),
                tuple(map(ColumnType, content["types"])),
                tuple(Place(*(int(block[field]) for field in _PLACE)) for block in content["blocks"]),
            )
        except (ValueError, KeyError, TypeError) as wrong:
            raise ParseFailure(
                path, _MANIFEST, f"not the description of a saved frame ({wrong!r})"
            ) from wrong


def saved_path(folder: str, key: str) -> str:
    """Where the frame called `key` is in a folder of saved frames."""
    name = quote(key, safe="")
    return f"{folder.rstrip('/')}/{name if name.strip('.') else name.replace('.', '%2E')}"


def check_free(path: str, force: bool, files: FileSystem = LOCAL) -> None:
    """Raise TargetRefused if something is at `path`; with `force` a saved frame may be."""
    if kind_at(files, path) is FileType.NotFound:
        return
    if kind_at(files, f"{path}/{_MANIFEST}") is FileType.NotFound:
        raise TargetRefused(path, "something is there that is no saved frame")
    if not force:
        raise TargetTaken(path)


def save(cloud: Cloud, frame: Frame, path: str, force: bool, job: Job, files: FileSystem = LOCAL) -> None:
    """Save a frame as the folder `path`, whole or not at all; every node writes what it holds.

    The folders above are made. Raises TargetRefused if something is at `path`, unless `force` replaces it, or
    if they cannot be made.
    """
    check_free(path, force, files)
    if has_folders(files):
        _make_folder(path.rpartition("/")[0] or "/", files)
    domains = [domain_array(column) for column in frame.columns]
    types = tuple(column.type for column in frame.columns)
    kinds = [(column.type, _beyond_float(column)) for column in frame.columns]
    schema = pa.schema(zip(frame.names, [arrow_type(*kind) for kind in kinds], strict=True))
    with staged_folder(files, path, force) as beside:
        cloud.run(job.key, save_blocks, files, beside, kinds, domains, schema, frame=frame)
        job.check()
        with files.open_output_stream(f"{beside}/{_MANIFEST}", compression=None) as sink:
            sink.write(Manifest(frame.names, types, _places(frame.layout)).to_json())


def _make_folder(path: str, files: FileSystem) -> None:
    try:
        files.create_dir(path)
    except OSError as failure:
        raise TargetRefused(path, f"the folder cannot be made ({failure})") from failure


def _beyond_float(column: Column) -> bool:
    """Whether a column has whole numbers that float64 cannot tell from their neighbours."""
    rollups = column.rollups
    return bool(rollups.whole and max(-rollups.minimum, rollups.maximum) > 2.0**53)


def _places(layout: Layout) -> tuple[Place, ...]:
    """Each node has written its blocks in order."""
    batches = {
        block: batch for node in set(layout.owners) for batch, block in enumerate(layout.blocks_of(node))
    }
    return tuple(
        Place(owner, batches[block], rows)
        for block, (owner, rows) in enumerate(zip(layout.owners, layout.block_rows, strict=True))
    )


def save_blocks(
    workspace: Workspace,
    blocks: Sequence[Block],
    files: FileSystem,
    folder: str,
    kinds: Sequence[tuple[ColumnType, bool]],
    domains: Sequence[pa.Array | None],
    schema: pa.Schema,
) -> None:
    """Write a node's blocks into its part. Raises JobCancelled."""
    if not blocks:
        return
    options = pa.ipc.IpcWriteOptions(compression=_COMPRESSION)
    with (
        files.open_output_stream(_part(folder, workspace.node), compression=None) as sink,
        pa.ipc.new_file(sink, schema, options=options) as writer,
    ):
        for block in blocks:
            if workspace.stop[0]:
                raise JobCancelled("saving the frame was cancelled")
            arrays = arrow_arrays(block.read(0, block.rows), kinds)
            writer.write_batch(record_batch(arrays, domains, schema))


def load(cloud: Cloud, path: str, job: Job, files: FileSystem = LOCAL) -> Frame:
    """The frame that was saved as the folder `path`, spread over this cloud.

    Raises SourceNotFound if there is none, ParseFailure if it is damaged.
    """
    manifest = read_manifest(path, files)
    saved = Layout(tuple(block.rows for block in manifest.blocks), (0,) * len(manifest.blocks))
    domains = read_domains(files, path, manifest)
    layout = even_layout(saved.rows, cloud.size, cloud.threads)
    written = cloud.new_columns(manifest.types)
    pending = []
    for block, owner in enumerate(layout.owners):
        start = int(layout.starts[block])
        pieces = saved.pieces(start, start + layout.block_rows[block])
        places = [(manifest.blocks[piece], first, last) for piece, first, last in pieces]
        pending.append(cloud.write(written, block, owner, read_rows, files, path, places, manifest.types))
    statistics = []
    try:
        for call in pending:
            statistics.append(call.result()[0])
            job.check()
            job.update(len(statistics) / len(pending))
    except BaseException:
        cloud.discard(written, pending)
        raise
    return Frame(manifest.names, tuple(cloud.make_columns(written, statistics, layout, domains)), layout)


def read_manifest(path: str, files: FileSystem = LOCAL) -> Manifest:
    """What a saved frame says of itself. Raises SourceNotFound or ParseFailure."""
    try:
        with files.open_input_stream(f"{path}/{_MANIFEST}") as source:
            return Manifest.from_json(source.read(), path)
    except OSError as missing:
        raise SourceNotFound(path, "there is no saved frame") from missing


def read_domains(files: FileSystem, path: str, manifest: Manifest) -> list[tuple[str, ...] | None]:
    """The levels of each enum. Raises ParseFailure."""
    batch = _batch(files, path, manifest.blocks[0], manifest.types)
    return [
        tuple(column.dictionary.to_pylist()) if type is ColumnType.ENUM else None
        for column, type in zip(batch.columns, manifest.types, strict=True)
    ]


def read_rows(
    files: FileSystem, path: str, places: Sequence[tuple[Place, int, int]], types: Sequence[ColumnType]
) -> tuple[list[Values], None]:
    """The rows first:last of some blocks, joined, in the decoded form. Raises ParseFailure."""
    batches = [_batch(files, path, place, types).slice(first, last - first) for place, first, last in places]
    columns = [
        concatenate([_values(batch.column(i), type) for batch in batches], type)
        for i, type in enumerate(types)
    ]
    return columns, None


def _part(folder: str, part: int) -> str:
    return f"{folder}/part-{part:05}.arrow"


def _batch(files: FileSystem, path: str, place: Place, types: Sequence[ColumnType]) -> pa.RecordBatch:
    """One record batch, looked through so that nothing in it can do harm."""
    part = _part(path, place.part)
    try:
        with files.open_input_file(part) as source:
            batch = pa.ipc.open_file(source).get_batch(place.batch)
            batch.validate(full=True)
    except (OSError, pa.ArrowException, IndexError) as damaged:
        raise ParseFailure(part, f"block {place.batch}", str(damaged)) from damaged
    fitting = [
        column.type in (arrow_type(type), arrow_type(type, whole=True))
        for column, type in zip(batch.columns, types, strict=False)
    ]
    if not all(fitting) or len(batch.columns) != len(types) or batch.num_rows != place.rows:
        raise ParseFailure(part, f"block {place.batch}", f"it does not hold what {_MANIFEST} says")
    return batch


def _values(array: pa.Array, type: ColumnType) -> Values:
    """The decoded form of what `arrow_arrays` made."""
    match type:
        case ColumnType.ENUM:
            return array.indices.fill_null(MISSING_CODE).to_numpy()
        case ColumnType.TIME:
            return array.cast(pa.int64()).fill_null(MISSING_TIME).to_numpy()
        case ColumnType.NUMERIC:
            return array.fill_null(MISSING_TIME if array.type == pa.int64() else np.nan).to_numpy()
    return array
