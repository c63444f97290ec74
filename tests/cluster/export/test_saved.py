"""A saved frame is loaded bit for bit, on any cloud, and damage to it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ParseFailure, SourceNotFound, TargetRefused, TargetTaken
from aquifer_cluster.export.saved import check_free, load, save, saved_path
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job, JobStatus

RunJob = Callable[[Cloud, Callable[[Job], Any]], Job]


def saved(cloud: Cloud, frame: Frame, run_job: RunJob, path: Path, force: bool = False) -> Path:
    job = run_job(cloud, lambda job: save(cloud, frame, str(path), force, job))
    assert job.status is JobStatus.DONE, job.exception
    return path


def loaded(cloud: Cloud, path: Path) -> Frame:
    return load(cloud, str(path), Job("job_load", "Load frame", "mixed", "frame"))


def bits(values: Any) -> Any:
    return values.view(np.uint8).tolist() if isinstance(values, np.ndarray) else values.to_pylist()


@pytest.mark.parametrize("nodes", [0, 3])
def test_it_comes_back_bit_for_bit_on_a_cloud_of_any_size(
    cloud: Cloud,
    clouds: Callable[[int], Cloud],
    mixed: Frame,
    run_job: RunJob,
    tmp_path: Path,
    nodes: int,
) -> None:
    other = clouds(nodes)
    frame = loaded(other, saved(cloud, mixed, run_job, tmp_path / "deep" / "frame"))
    assert (frame.names, frame.rows) == (mixed.names, mixed.rows)
    assert [column.type for column in frame.columns] == [column.type for column in mixed.columns]
    assert [column.domain for column in frame.columns] == [column.domain for column in mixed.columns]
    assert {frame.layout.rows_of(node) > 0 for node in range(other.size)} == {True}
    for mine, theirs in zip(other.read(frame), cloud.read(mixed), strict=True):
        assert bits(mine) == bits(theirs)


def test_pyarrow_alone_reads_it(cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path) -> None:
    path = saved(cloud, mixed, run_job, tmp_path / "frame")
    parts = [pa.ipc.open_file(part).read_all() for part in sorted(path.glob("*.arrow"))]
    assert sum(part.num_rows for part in parts) == mixed.rows
    assert parts[0].schema.field("enum").type == pa.dictionary(pa.int32(), pa.string())
    described = json.loads((path / "frame.json").read_text())
    assert described["types"] == [str(column.type) for column in mixed.columns]


def test_only_a_saved_frame_is_replaced(cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path) -> None:
    path = saved(cloud, mixed, run_job, tmp_path / "frame")
    with pytest.raises(TargetTaken, match="File already exists"):
        check_free(str(path), force=False)
    saved(cloud, mixed.select(["real"]), run_job, path, force=True)
    assert loaded(cloud, path).names == ("real",)
    (tmp_path / "mine").mkdir()
    with pytest.raises(TargetRefused, match="no saved frame"):
        check_free(str(tmp_path / "mine"), force=True)
    assert sorted(left.name for left in tmp_path.iterdir()) == ["frame", "mine"]


def test_a_cancelled_save_leaves_the_one_before(
    cloud: Cloud, mixed: Frame, run_job: RunJob, tmp_path: Path
) -> None:
    path = saved(cloud, mixed, run_job, tmp_path / "frame")

    def work(job: Job) -> None:
        job._stop.set()
        cloud.cancel(job.key)
        save(cloud, mixed.select(["real"]), str(path), True, job)

    assert run_job(cloud, work).status is JobStatus.CANCELLED
    assert loaded(cloud, path).names == mixed.names
    assert [left.name for left in tmp_path.iterdir()] == ["frame"]


def _write_part(path: Path, column: pa.Array) -> None:
    with pa.ipc.new_file(path / "part-00000.arrow", pa.schema([("x", column.type)])) as writer:
        writer.write_batch(pa.record_batch([column], names=["x"]))


_LEVELS = pa.array(["a", "b"])
DAMAGES: dict[str, tuple[type[Exception], Callable[[Path], object]]] = {
    "no folder": (SourceNotFound, lambda path: (path / "frame.json").unlink()),
    "no JSON": (ParseFailure, lambda path: (path / "frame.json").write_text("{")),
    "a list": (ParseFailure, lambda path: (path / "frame.json").write_text("[]")),
    "another version": (
        ParseFailure,
        lambda path: (path / "frame.json").write_text('{"format": "aquifer.frame", "version": 99}'),
    ),
    "no part": (ParseFailure, lambda path: (path / "part-00000.arrow").unlink()),
    "cut off": (
        ParseFailure,
        lambda path: (path / "part-00000.arrow").write_bytes((path / "part-00000.arrow").read_bytes()[:99]),
    ),
    "another type": (ParseFailure, lambda path: _write_part(path, pa.array([1.0, 2.0]))),
    "fewer rows": (
        ParseFailure,
        lambda path: _write_part(path, pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), _LEVELS)),
    ),
    "a code beyond the levels": (
        ParseFailure,
        lambda path: _write_part(
            path, pa.DictionaryArray.from_arrays(pa.array([0, 7], pa.int32()), _LEVELS, safe=False)
        ),
    ),
}


@pytest.mark.parametrize(("error", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_found(
    embedded: Cloud, tmp_path: Path, error: type[Exception], damage: Callable[[Path], object]
) -> None:
    described = {"format": "aquifer.frame", "version": 1, "names": ["x"], "types": ["enum"]}
    place = {"part": 0, "batch": 0, "rows": 2}
    (tmp_path / "frame.json").write_text(json.dumps({**described, "blocks": [place]}))
    _write_part(tmp_path, pa.DictionaryArray.from_arrays(pa.array([0, None], pa.int32()), _LEVELS))
    frame = loaded(embedded, tmp_path)
    assert (frame.column("x").type, frame.column("x").domain) == (ColumnType.ENUM, ("a", "b"))
    damage(tmp_path)
    with pytest.raises(error):
        loaded(embedded, tmp_path)


def test_a_key_is_one_folder_name() -> None:
    assert saved_path("/data/", "nfs://x/../y.csv") == "/data/nfs%3A%2F%2Fx%2F..%2Fy.csv"
    assert saved_path("/data", "..") == "/data/%2E%2E"
