"""Frames are written to object stores, which know neither folders nor renaming."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import TargetRefused, TargetTaken
from aquifer_cluster.export import CsvEncoder, Export, export, stream
from aquifer_cluster.export.saved import check_free, load, save
from aquifer_cluster.export.targets import target_of
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Access, Roots, S3Credentials
from aquifer_cluster.jobs import Job, JobStatus
from pyarrow.fs import FileSelector, FileSystem, FileType, S3FileSystem

RunJob = Callable[[Cloud, Callable[[Job], Any]], Job]


@pytest.fixture(scope="module")
def access() -> Iterator[Access]:
    """Access to an S3 server with the bucket `lake`."""
    server_module = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    S3FileSystem(
        access_key="any",
        secret_key="any",
        endpoint_override=f"{host}:{port}",
        scheme="http",
        region="us-east-1",
        allow_bucket_creation=True,
    ).create_dir("lake")
    yield Access(s3_endpoint=f"http://{host}:{port}", s3_credentials=S3Credentials("key", "secret", ""))
    server.stop()


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def found(files: FileSystem, folder: str) -> list[str]:
    selected = files.get_file_info(FileSelector(folder, allow_not_found=True, recursive=True))
    return sorted(file.path for file in selected if file.type is FileType.File)


def content(files: FileSystem, path: str) -> bytes:
    with files.open_input_stream(path) as file:
        read: bytes = file.read()
        return read


def test_files_parts_and_saved_frames(cloud: Cloud, mixed: Frame, run_job: RunJob, access: Access) -> None:
    text = b"".join(stream(cloud, mixed, CsvEncoder.of(mixed)))
    files, path = target_of(f"s3://lake/{cloud.size}/one.csv", access)
    one, parts = Export(path, files=files), Export(path + ".d", parts=2, files=files)
    for how in (one, parts):
        job = run_job(cloud, lambda job, how=how: export(cloud, mixed, how, job))  # type: ignore[misc]
        assert job.status is JobStatus.DONE, job.exception
        with pytest.raises(TargetRefused):
            how.check()
    assert content(files, path) == text
    assert found(files, path + ".d") == [f"{path}.d/part-m-0000{i}" for i in range(2)]
    saved = f"lake/{cloud.size}/saved"
    for _ in range(2):
        job = run_job(cloud, lambda job: save(cloud, mixed, saved, True, job, files))
        assert job.status is JobStatus.DONE, job.exception
    with pytest.raises(TargetTaken, match="File already exists"):
        check_free(saved, False, files)
    again = load(cloud, saved, Job("job_s3", "Load frame", "x", "frame"), files)
    assert b"".join(stream(cloud, again, CsvEncoder.of(again))) == text


def test_a_cancelled_export_leaves_nothing(
    cloud: Cloud, mixed: Frame, run_job: RunJob, access: Access
) -> None:
    files, path = target_of("s3://lake/cancelled", access)

    def work(job: Job, parts: int) -> None:
        job._stop.set()
        cloud.cancel(job.key)
        export(cloud, mixed, Export(path, parts=parts, files=files), job)

    for parts in (1, 2):
        job = run_job(cloud, lambda job, parts=parts: work(job, parts))  # type: ignore[misc]
        assert job.status is JobStatus.CANCELLED, job.exception
        assert not [name for name in found(files, "lake") if "cancelled" in name]


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("https://example.org/f.csv", "takes no files"),
        ("/etc/f.csv", "outside"),
        ("s3://", "may use"),
        ("gs://lake/f.csv", "import_schemes"),
    ],
)
def test_what_may_not_be_written_is_refused(url: str, match: str) -> None:
    allowed = Access(Roots(()), schemes=("s3", "https", "file"))
    with pytest.raises(TargetRefused, match=match):
        target_of(url, allowed)
