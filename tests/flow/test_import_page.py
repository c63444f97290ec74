"""Importing from a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from aquifer_flow import addresses
from aquifer_server.coordinator import Coordinator


def submit(visitor: Any, **form: str) -> httpx.Response:
    response: httpx.Response = visitor.post(addresses.IMPORT, data=form)
    return response


def test_a_file_becomes_a_frame_and_the_page_is_that_of_its_job(
    visitor: Any, coordinator: Coordinator, tmp_path: Path
) -> None:
    (tmp_path / "pond.csv").write_text("a,b\n1,x\n2,y\n")
    answer = submit(visitor, path=f" {tmp_path} ", pattern="csv$")
    (job,) = coordinator.jobs.all()
    assert (answer.status_code, answer.headers["location"]) == (303, addresses.job_page(job.key))
    assert job.wait(20)
    assert coordinator.store.keys() == ["pond.hex"]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/no/such.csv", "no such file"),
        ("", "path is empty"),
        ("http://ann:wisper@127.0.0.1:1/x", "import_hosts does not allow"),
        ("{folder}/empty.csv", "the file is empty"),
    ],
)
def test_what_cannot_be_imported_is_said_beside_what_was_asked_for(
    visitor: Any, tmp_path: Path, path: str, fault: str
) -> None:
    (tmp_path / "empty.csv").touch()
    answer = submit(visitor, path=path.format(folder=tmp_path), pattern='a"b' if path == "" else "")
    assert answer.status_code == 400
    assert fault in answer.text
    assert "wisper" not in answer.text
    assert path.rpartition("/")[2] in answer.text
    assert ("a&#34;b" in answer.text) == (path == "")


def test_a_page_of_another_site_cannot_import(visitor: Any, coordinator: Coordinator) -> None:
    answer = visitor.post(addresses.IMPORT, headers={"Origin": "http://evil.example"}, data={"path": "/etc"})
    assert answer.status_code == 403
    assert coordinator.jobs.all() == []
