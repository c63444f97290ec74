"""Frames leave over REST: downloaded in three formats, exported to files, saved and loaded."""

from __future__ import annotations

import gzip
import io
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame, even_layout
from aquifer_server.coordinator import Coordinator
from aquifer_server.settings import Settings

CSV = "girth,kind\n1.5,ash\n,beech\n3.25,ash\n"


@pytest.fixture
def small(rest: Any, tmp_path: Path) -> str:
    """A frame of three rows."""
    (tmp_path / "small.csv").write_text(CSV)
    rest.parse(tmp_path / "small.csv", "small.hex")
    return "small.hex"


READ: dict[str, Callable[[bytes], pa.Table]] = {
    "arrow": lambda content: pa.ipc.open_stream(content).read_all(),
    "parquet": lambda content: pq.read_table(io.BytesIO(content)),
}


@pytest.mark.parametrize("format", READ)
def test_a_frame_downloads_as_a_table(rest: Any, small: str, format: str) -> None:
    response = rest.request("GET", "/3/DownloadDataset", params={"frame_id": small, "format": format})
    assert response.headers["content-disposition"] == f"attachment; filename=small.{format}"
    assert response.headers["content-type"].startswith("application/vnd.apache.")
    table = READ[format](response.content)
    assert table.to_pydict() == {"girth": [1.5, None, 3.25], "kind": ["ash", "beech", "ash"]}


def test_a_frame_is_exported(rest: Any, small: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv.gz"
    form = {"path": str(path), "separator": "59"}
    job = rest.finish(rest.request("POST", f"/3/Frames/{small}/export", data=form).json()["job"])
    assert (job["status"], job["progress"], job["dest"]["name"]) == ("DONE", 1.0, small)
    assert gzip.decompress(path.read_bytes()).decode() == (
        '"girth";"kind"\n1.5;"ash"\n;"beech"\n3.25;"ash"\n'
    )
    again = rest.request("POST", f"/3/Frames/{small}/export", data=form)
    assert again.status_code == 412
    assert "already exists" in again.json()["msg"]


def columns_of(rest: Any, key: str) -> list[dict[str, Any]]:
    """All that is told of a frame's columns, but for the last digits of sums, which depend on the blocks."""
    (frame,) = rest.get(f"/3/Frames/{key}")["frames"]
    return [
        column | {name: f"{column[name]:.10g}" for name in ("mean", "sigma")} for column in frame["columns"]
    ]


def test_a_frame_is_saved_and_loaded(rest: Any, small: str, tmp_path: Path) -> None:
    before = columns_of(rest, small)
    assert rest.finish(rest.post(f"/3/Frames/{small}/save", dir=str(tmp_path))["job"])["status"] == "DONE"
    refused = rest.request("POST", f"/3/Frames/{small}/save", data={"dir": str(tmp_path), "force": "False"})
    assert refused.status_code == 412
    refused = rest.request(
        "POST", "/3/Frames/load", data={"frame_id": small, "dir": str(tmp_path), "force": "False"}
    )
    assert refused.status_code == 412
    rest.delete(f"/3/Frames/{small}")
    answer = rest.post("/3/Frames/load", frame_id=small, dir=str(tmp_path))
    assert answer["__meta"]["schema_name"] == "FrameLoadV3"
    assert (answer["dir"], answer["force"]) == (str(tmp_path), True)
    assert rest.finish(answer["job"])["status"] == "DONE"
    assert columns_of(rest, small) == before


def test_a_damaged_frame_is_not_loaded(rest: Any, small: str, tmp_path: Path) -> None:
    rest.finish(rest.post(f"/3/Frames/{small}/save", dir=str(tmp_path))["job"])
    rest.delete(f"/3/Frames/{small}")
    for part in (tmp_path / small).glob("*.arrow"):
        part.write_bytes(part.read_bytes()[:100])
    job = rest.finish(rest.post("/3/Frames/load", frame_id=small, dir=str(tmp_path))["job"])
    assert (job["status"], "part-00000.arrow" in job["exception"]) == ("FAILED", True)
    assert rest.get("/3/Frames")["frames"] == []


def test_nothing_is_written_outside_the_folders_that_are_allowed(
    rest: Any, small: str, coordinator: Coordinator, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "way_out").symlink_to(tmp_path)
    coordinator.settings = Settings(port=54321, import_roots=(tmp_path / "in",))
    for path in (tmp_path / "f.csv", tmp_path / "in" / ".." / "f.csv", tmp_path / "in" / "way_out" / "f.csv"):
        response = rest.request("POST", f"/3/Frames/{small}/export", data={"path": str(path)})
        assert (response.status_code, "outside" in response.json()["msg"]) == (412, True)
        saved = rest.request("POST", f"/3/Frames/{small}/save", data={"dir": str(path.parent)})
        assert saved.status_code == 412
    assert not [path for path in tmp_path.rglob("*") if path.name in ("f.csv", small)]


@pytest.fixture
def long(coordinator: Coordinator) -> Iterator[str]:
    """A frame of many blocks, each of one piece of text."""
    cloud, rows = coordinator.cloud, 1_200_000
    layout = even_layout(rows, 1, 75, fewest=1)
    written = cloud.new_columns([ColumnType.NUMERIC])
    values = np.random.default_rng(3).normal(size=rows)
    statistics = [
        cloud.write(written, block, 0, lambda part: ([part], None), part).result()[0]
        for block, part in enumerate(np.array_split(values, layout.blocks))
    ]
    columns = tuple(cloud.make_columns(written, statistics, layout))
    coordinator.store.put("long", Frame(("x",), columns, layout))
    yield "long"
    coordinator.store.remove("long")


@pytest.fixture
def rendered(coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Grows by one entry for each piece that a node begins to render."""
    (reach,) = coordinator.cloud._reaches
    begun: list[float] = []
    send = reach.send

    def counted(method: str, *arguments: Any) -> Any:
        if method == "render":
            begun.append(time.monotonic())
        return send(method, *arguments)

    monkeypatch.setattr(reach, "send", counted)
    return begun


def settled(rendered: list[float], pause: float = 0.4) -> int:
    """How many pieces were made when for a while none was."""
    while not rendered or time.monotonic() - rendered[-1] < pause:
        time.sleep(0.05)
    return len(rendered)


def test_who_reads_slowly_or_goes_holds_the_work_up(
    server_url: str, long: str, rendered: list[float], coordinator: Coordinator
) -> None:
    address = urlsplit(server_url)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        reader.connect((address.hostname, address.port))
        request = f"GET /3/DownloadDataset?frame_id={long} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
        reader.sendall(request.encode())
        assert reader.recv(1000).startswith(b"HTTP/1.1 200")
        stuck = settled(rendered)
        blocks = coordinator.store.get(long, Frame).layout.blocks
        assert stuck < blocks / 2, "the whole frame was rendered for a reader who took nothing"
    assert settled(rendered) <= stuck + coordinator.cloud.threads, "the work went on when the reader had gone"
    text = httpx.get(f"{server_url}/3/DownloadDataset?frame_id={long}").text
    assert text.count("\n") == 1_200_001
