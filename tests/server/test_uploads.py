"""Uploads arrive whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from aquifer_server.application import create_app
from aquifer_server.coordinator import Coordinator

PART = b"--b\r\nContent-Disposition: form-data; %s\r\n\r\n"
CSV = b"a,b\n" + b"".join(b"%d,x%d\n" % (i, i % 3) for i in range(5000))


def spooled(coordinator: Coordinator) -> list[bytes]:
    return [path.read_bytes() for path in coordinator.spool.iterdir()]


def test_a_raw_body_is_a_file(rest: Any, coordinator: Coordinator) -> None:
    answer = rest.request("POST", "/3/PostFile", content=CSV).json()
    assert answer["destination_frame"].startswith("upload_")
    assert answer["total_bytes"] == len(CSV)
    assert spooled(coordinator) == [CSV]


def test_a_multipart_body_holds_a_file_under_the_name_asked_for(rest: Any, coordinator: Coordinator) -> None:
    files = {"fileUploadInfo": ("my data.csv", CSV)}
    answer = rest.request(
        "POST", "/3/PostFile?destination_frame=mine.csv", data={"other": "field"}, files=files
    )
    assert answer.json() == {"destination_frame": "mine.csv", "total_bytes": len(CSV)}
    assert spooled(coordinator) == [CSV]


def test_an_upload_is_parsed_and_leaves_the_disk(rest: Any, coordinator: Coordinator) -> None:
    key = rest.request("POST", "/3/PostFile", content=CSV).json()["destination_frame"]
    setup = rest.post("/3/ParseSetup", source_frames=f'["{key}"]')
    assert setup["destination_frame"] == f"Key_Frame__{key}.hex"
    job = rest.post("/3/Parse", source_frames=f'["{key}"]', destination_frame="up", delete_on_done="True")[
        "job"
    ]
    assert rest.finish(job)["status"] == "DONE"
    assert rest.get("/3/Frames/up")["frames"][0]["rows"] == 5000
    assert spooled(coordinator) == []
    assert coordinator.store.keys() == ["up"]


@pytest.mark.parametrize("everything", [False, True])
def test_a_removed_upload_leaves_the_disk(everything: bool, rest: Any, coordinator: Coordinator) -> None:
    key = rest.request("POST", "/3/PostFile", content=CSV).json()["destination_frame"]
    rest.delete("/3/DKV" if everything else f"/3/DKV/{key}")
    assert spooled(coordinator) == []


def test_removing_an_import_leaves_the_users_file_alone(rest: Any, trees_csv: Path) -> None:
    rest.post("/3/ImportFilesMulti", paths=f"[{trees_csv}]")
    rest.delete("/3/DKV")
    assert trees_csv.exists()


@pytest.mark.parametrize("announced", [True, False])
def test_an_upload_beyond_the_limit_is_refused_and_leaves_nothing(
    announced: bool, coordinator: Coordinator, portal: BlockingPortal, rest: Any
) -> None:
    coordinator.settings = coordinator.settings.model_copy(update={"max_upload": 1000})
    limited = type(rest)(create_app(coordinator), portal)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(CSV), 100):
            yield CSV[start : start + 100]

    response = limited.request("POST", "/3/PostFile", content=CSV if announced else in_pieces())
    assert response.status_code == 413
    assert "max_upload" in response.json()["msg"]
    assert spooled(coordinator) == []


@pytest.mark.parametrize(
    ("kind", "body", "names"),
    [
        ("multipart/form-data", b"x", "boundary"),
        ("multipart/form-data; boundary=b", b"no boundary at all", "multipart"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--',
            "file",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nhalf',
            "complete",
        ),
    ],
)
def test_a_broken_multipart_body_is_refused_and_leaves_nothing(
    kind: str, body: bytes, names: str, rest: Any, coordinator: Coordinator
) -> None:
    response = rest.request("POST", "/3/PostFile", content=body, headers={"Content-Type": kind})
    assert response.status_code == 400
    assert names in response.json()["msg"]
    assert spooled(coordinator) == []
    assert coordinator.store.keys() == []
