"""Frames are written to files: whole or in parts, and never by halves."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, TargetRefused
from aquifer_cluster.export import CsvEncoder, CsvFormat, Export, encoders, export, stream
from aquifer_cluster.export.compression import COMPRESSIONS
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job, JobStatus

RunJob = Callable[[Cloud, Callable[[Job], Any]], Job]


def unsnapped(content: bytes) -> bytes:
    """What snappy-java's stream holds: after the magic bytes and two versions, blocks with their lengths."""
    assert content.startswith(b"\x82SNAPPY\0")
    text, at = b"", 16
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        block = content[at + 4 : at + 4 + size]
        length = shift = place = 0
        while True:  # a raw block begins with its size as a varint
            length |= (block[place] & 127) << shift
            shift, place = shift + 7, place + 1
            if block[place - 1] < 128:
                break
        text += pa.decompress(block, length, "snappy", asbytes=True)
        at += 4 + size
    return text


DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda content: content,
    "gzip": gzip.decompress,
    "bzip2": bz2.decompress,
    "zstd": lambda content: pa.CompressedInputStream(pa.BufferReader(content), "zstd").read(),
    "snappy": unsnapped,
}


def csv_of(cloud: Cloud, frame: Frame, **look: Any) -> bytes:
    return b"".join(stream(cloud, frame, CsvEncoder.of(frame, CsvFormat(**look))))


def written(cloud: Cloud, frame: Frame, run_job: RunJob, path: Path, **how: Any) -> Job:
    job = run_job(cloud, lambda job: export(cloud, frame, Export(str(path), **how), job))
    assert (job.status, job.exception, job.progress) == (JobStatus.DONE, None, 1.0)
    assert not [left for left in path.parent.iterdir() if left.name.startswith(".")]
    return job


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("by", ["name", "ending"])
def test_every_compression_gives_the_text_back(
    cloud: Cloud,
    mixed: Frame,
    run_job: RunJob,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    by: str,
) -> None:
    monkeypatch.setattr(encoders, "MOST_TEXT_ROWS", 90)
    path = tmp_path / f"frame.csv{COMPRESSIONS[name].ending if by == 'ending' else ''}"
    written(cloud, mixed, run_job, path, compression=name if by == "name" else None)
    assert DECOMPRESS[name](path.read_bytes()) == csv_of(cloud, mixed)


def test_the_look_of_csv_can_be_chosen(cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path) -> None:
    look = {"separator": ";", "quote_header": False}
    written(cloud, mixed, run_job, tmp_path / "f.csv", look=CsvFormat(**look))
    assert (tmp_path / "f.csv").read_bytes() == csv_of(cloud, mixed, **look)


@pytest.mark.parametrize("parts", [2, 3, 100, -1])
def test_parts_put_together_are_the_frame(
    cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path, parts: int
) -> None:
    written(cloud, mixed, run_job, tmp_path / "csv", parts=parts)
    files = sorted((tmp_path / "csv").iterdir())
    assert [file.name for file in files] == [f"part-m-{i:05}" for i in range(len(files))]
    assert len(files) == (parts if parts in (2, 3) and mixed.layout.blocks >= parts else mixed.layout.blocks)
    header = csv_of(cloud, mixed).partition(b"\n")[0] + b"\n"
    bodies = [file.read_bytes() for file in files]
    assert all(body.startswith(header) for body in bodies)
    assert header + b"".join(body[len(header) :] for body in bodies) == csv_of(cloud, mixed)


@pytest.mark.parametrize("name", ["one.parquet", "folder"])
@pytest.mark.parametrize("compression", [None, "none", "gzip", "zstd"])
def test_parquet_is_a_file_or_a_folder_of_parts(
    cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path, name: str, compression: str | None
) -> None:
    path = tmp_path / name
    written(cloud, mixed, run_job, path, format="parquet", compression=compression)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    assert len(files) == (mixed.layout.blocks if name == "folder" else 1)
    codec = pq.ParquetFile(files[0]).metadata.row_group(0).column(0).compression
    assert codec == {None: "SNAPPY", "none": "UNCOMPRESSED"}.get(compression, str(compression).upper())
    table = pa.concat_tables([pq.read_table(file) for file in files], promote_options="default")
    assert table["time"].cast("int64").drop_null().to_pylist() == [
        time for time in cloud.read(mixed.select(["time"]))[0].tolist() if time > -(2**62)
    ]


@pytest.mark.parametrize(
    ("how", "refusal", "match"),
    [
        ({"path": "there.csv"}, TargetRefused, "exists"),
        ({"path": "full"}, TargetRefused, "is a folder"),
        ({"path": "full", "force": True}, TargetRefused, "is a folder"),
        ({"path": "full", "parts": -1, "force": True}, TargetRefused, "not empty"),
        ({"path": "there.csv", "parts": 2, "force": True}, TargetRefused, "is a file"),
        ({"path": "no/such/f.csv"}, TargetRefused, "no folder"),
        ({"path": "f.csv", "parts": 0}, InvalidArgument, "num_parts"),
        ({"path": "f.csv", "parts": -2}, InvalidArgument, "num_parts"),
        ({"path": "f.csv", "compression": "lzo"}, InvalidArgument, "gzip, bzip2"),
        ({"path": "f", "format": "parquet", "compression": "bzip2"}, InvalidArgument, "Parquet"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_touched(
    tmp_path: Path, how: dict[str, Any], refusal: type[Exception], match: str
) -> None:
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(refusal, match=match):
        Export(**{**how, "path": str(tmp_path / how["path"])}).check()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "there.csv"]


def test_force_replaces_a_file_and_an_empty_folder_is_taken(
    cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path
) -> None:
    (tmp_path / "there.csv").write_text("old")
    (tmp_path / "empty").mkdir()
    written(cloud, mixed, run_job, tmp_path / "there.csv", force=True)
    written(cloud, mixed, run_job, tmp_path / "empty", parts=-1)
    assert (tmp_path / "there.csv").read_bytes() == csv_of(cloud, mixed)


@pytest.mark.parametrize("how", [{}, {"parts": -1}, {"parts": 2}, {"format": "parquet"}])
def test_a_cancelled_export_leaves_what_was_there(
    cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path, how: dict[str, Any]
) -> None:
    path = tmp_path / "f"
    if not how:
        path.write_text("old")

    def work(job: Job) -> None:
        job._stop.set()
        cloud.cancel(job.key)
        export(cloud, mixed, Export(str(path), force=not how, **how), job)

    assert run_job(cloud, work).status is JobStatus.CANCELLED
    assert [left.name for left in tmp_path.iterdir()] == ([] if how else ["f"])
    assert how or path.read_text() == "old"


def test_a_failed_export_leaves_nothing(
    cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CsvEncoder, "encode", full)
    for parts in (1, -1) if cloud.size == 1 else (1,):  # a node of its own does not see the patch
        export_to = Export(str(tmp_path / "f"), parts=parts)
        job = run_job(cloud, lambda job, how=export_to: export(cloud, mixed, how, job))
        assert job.status is JobStatus.FAILED
        assert "No space left" in str(job.exception)
        assert not list(tmp_path.iterdir())
