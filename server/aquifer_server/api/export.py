"""Export: a frame written to files that the server can reach; saved there, and loaded again."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from aquifer_cluster.errors import InvalidArgument, KeyTaken
from aquifer_cluster.export import CsvFormat, Export, export
from aquifer_cluster.export.saved import check_free, load, read_manifest, save, saved_path
from aquifer_cluster.export.targets import target_of
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from fastapi import APIRouter, Depends
from pyarrow.fs import FileSystem

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.frames import FramesV3
from aquifer_server.schemas.jobs import job_v3
from aquifer_server.schemas.storage import FrameLoadV3, FrameSaveV3

router = APIRouter(tags=["frames"])


class ExportRequest(Parameters):
    """POST /3/Frames/{key}/export.

    `num_parts` −1 is one file of each block; `parallel` has nothing to choose here: the nodes always work at
    once; `write_checksum` is about Parquet.
    """

    path: str
    force: bool = False
    num_parts: int = 1
    parallel: bool = False
    format: Literal["csv", "parquet"] = "csv"
    compression: str | None = None
    separator: int = ord(",")
    header: bool = True
    quote_header: bool = True
    write_checksum: bool = True
    tz_adjust_from_local: bool = False

    @property
    def look(self) -> CsvFormat:
        """How CSV is to look."""
        if not 0 < self.separator < 128:
            raise InvalidArgument("separator", f"{self.separator} is no ASCII character")
        return CsvFormat(chr(self.separator), self.header, self.quote_header)


class FrameSaveRequest(Parameters):
    """POST /3/Frames/{key}/save: `dir` is a folder of saved frames."""

    dir: str
    force: bool = True


class FrameLoadRequest(Parameters):
    """POST /3/Frames/load: the frame that was saved in `dir` under the key."""

    frame_id: str
    dir: str
    force: bool = True


@router.post("/3/Frames/load", response_model=FrameLoadV3)
def load_frame(
    coordinator: Coordinated, request: Annotated[FrameLoadRequest, Depends(bound(FrameLoadRequest))]
) -> FrameLoadV3:
    """Load a frame that was saved."""
    key, store = request.frame_id, coordinator.store
    if not request.force and store.find(key, Frame) is not None:
        raise KeyTaken(key)
    files, folder = _target(coordinator, request.dir)
    path = saved_path(folder, key)
    read_manifest(path, files)

    def work(job: Job) -> None:
        frame = load(coordinator.cloud, path, job, files)
        job.check()
        store.put(key, frame)

    job = coordinator.jobs.start("Load frame", key, "frame", work)
    return FrameLoadV3(dir=request.dir, force=request.force, job=job_v3(job))


@router.post("/3/Frames/{key:path}/save", response_model=FrameSaveV3)
def save_frame(
    key: str,
    coordinator: Coordinated,
    request: Annotated[FrameSaveRequest, Depends(bound(FrameSaveRequest))],
) -> FrameSaveV3:
    """Save a frame, to be loaded again."""
    frame = coordinator.store.get(key, Frame)
    files, folder = _target(coordinator, request.dir)
    path = saved_path(folder, key)
    check_free(path, request.force, files)
    work = partial(save, coordinator.cloud, frame, path, request.force, files=files)
    job = coordinator.jobs.start("Save frame", key, "frame", work)
    return FrameSaveV3(dir=request.dir, force=request.force, job=job_v3(job))


@router.post("/3/Frames/{key:path}/export", response_model=FramesV3)
def export_frame(
    key: str, coordinator: Coordinated, request: Annotated[ExportRequest, Depends(bound(ExportRequest))]
) -> FramesV3:
    """Write a frame to a file, or to several in a folder."""
    if request.tz_adjust_from_local:
        raise InvalidArgument("tz_adjust_from_local", "times are UTC already; leave it out")
    frame = coordinator.store.get(key, Frame)
    files, path = _target(coordinator, request.path)
    how = Export(
        path=path,
        files=files,
        format=request.format,
        parts=request.num_parts,
        compression=request.compression,
        look=request.look,
        checksum=request.write_checksum,
        force=request.force,
    )
    how.check()
    job = coordinator.jobs.start(
        "Export dataset", key, "frame", partial(export, coordinator.cloud, frame, how)
    )
    return FramesV3(
        compression=request.compression,
        write_checksum=request.write_checksum,
        separator=request.separator,
        header=request.header,
        quote_header=request.quote_header,
        job=job_v3(job),
    )


def _target(coordinator: Coordinator, path: str) -> tuple[FileSystem, str]:
    """The file system and the path in it, of a path or URL that a frame is written to or read from."""
    if not path:
        raise InvalidArgument("path", "is empty; give the path of a file or folder on the server")
    return target_of(path, coordinator.access)
