"""Imports over REST: what is found, what is refused, and what is never told."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aquifer_cluster.ingest import S3Credentials
from aquifer_server.coordinator import Coordinator
from aquifer_server.settings import Settings
from pydantic import ValidationError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "Sub").mkdir(parents=True)
    for name in ("b.csv", "a,1.csv", "alpha.csv", ".hidden", "Sub/deep.csv"):
        (folder / name).write_text("x,y\n1,2\n")
    (folder / "out.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "secret.csv").write_text("x\n1\n")
    return folder


@pytest.fixture
def web(folder: Path) -> Iterator[str]:
    """The address of a web server of the folder."""
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def set_up(coordinator: Coordinator, folder: Path) -> Coordinator:
    """A server that may read the folder, and hosts of this machine."""
    coordinator.settings = Settings(port=54321, import_roots=(folder,), import_hosts=("127.0.0.1",))
    return coordinator


def test_a_file_of_the_web_becomes_a_frame(rest: Any, set_up: Coordinator, web: str) -> None:
    answer = rest.post("/3/ImportFilesMulti", paths=f"[{web}/alpha.csv?token=xyz]")
    (key,) = answer["destination_frames"]
    assert key == answer["files"][0] == answer["paths"][0]
    assert key.startswith(f"{web}/alpha.csv?")
    assert "xyz" not in key
    setup = rest.post("/3/ParseSetup", source_frames=f'["{key}"]')
    assert setup["destination_frame"] == "alpha.hex"
    job = rest.post("/3/Parse", source_frames=f'["{key}"]', destination_frame="web")["job"]
    assert rest.finish(job)["status"] == "DONE"
    assert rest.get("/3/Frames/web")["frames"][0]["rows"] == 1
    assert set_up.store.keys() == ["web"]


def test_several_places_are_imported_at_once(rest: Any, set_up: Coordinator, web: str, folder: Path) -> None:
    paths = f'["{folder}/a,1.csv","{web}/b.csv"]'
    found = rest.post("/3/ImportFilesMulti", paths=paths)["destination_frames"]
    assert found == [f"nfs:/{folder}/a,1.csv", f"{web}/b.csv"]


def test_by_default_this_machine_is_not_read_from(rest: Any, coordinator: Coordinator, web: str) -> None:
    for method, path, form in (
        ("POST", "/3/ImportFilesMulti", {"paths": f"[{web}/b.csv]"}),
        ("GET", f"/3/ImportFiles?path={web}/b.csv", None),
        ("GET", "/3/ImportFiles?path=http://169.254.169.254/latest/meta-data", None),
    ):
        response = rest.request(method, path, data=form)
        assert response.status_code == 404
        assert "import_hosts does not allow" in response.json()["msg"]
    assert coordinator.store.keys() == []


SECRETS = ("wisper", "AKID", "deadbeef")


@pytest.mark.parametrize(
    "address",
    [
        "http://ann:wisper@127.0.0.1:1/x.csv?X-Amz-Signature=deadbeef",
        "https://ann:wisper@169.254.169.254/x.csv",
        "s3://AKID:wisper@bucket/x.csv",
        "ftp://ann:wisper@host/x.csv?deadbeef",
        "hdfs://AKID:wisper@127.0.0.1:99999/x",
        "http://ann:wisper@[bad/x.csv",
        "http://ann:wisper@host:port/x.csv",
        "hdfs://127.0.0.1:99999/x",
    ],
)
def test_secrets_are_in_no_answer_and_no_log(
    rest: Any, set_up: Coordinator, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    for method, path, options in (
        ("POST", "/3/ImportFilesMulti", {"data": {"paths": f'["{address}"]'}}),
        ("GET", "/3/ImportFiles", {"params": {"path": address}}),
    ):
        response = rest.request(method, path, **options)
        assert response.status_code == 404, response.text
        written = capsys.readouterr()
        for secret in SECRETS:
            assert secret not in response.text
            assert secret not in written.out + written.err


def test_credentials_are_kept_until_they_are_forgotten(
    rest: Any, set_up: Coordinator, capsys: pytest.CaptureFixture[str]
) -> None:
    form = {"secret_key_id": "AKID", "secret_access_key": "wisper", "session_token": "deadbeef"}
    response = rest.request("POST", "/3/PersistS3", data=form)
    written = capsys.readouterr()
    for secret in SECRETS:
        assert secret not in response.text + written.out + written.err
    given = set_up.access.s3_credentials
    assert given == S3Credentials("AKID", "wisper", "deadbeef")
    rest.delete("/3/PersistS3", secret_key_id="delete", secret_access_key="delete")
    assert set_up.access.s3_credentials is None
    refused = rest.request("POST", "/3/PersistS3", data={"secret_key_id": "", "secret_access_key": "wisper"})
    assert refused.status_code == 412
    assert "wisper" not in refused.text


def test_paths_are_completed_within_the_folders_that_may_be_read(
    rest: Any, set_up: Coordinator, folder: Path
) -> None:
    def matches(source: str, limit: int = 100) -> list[str]:
        found = rest.get("/3/Typeahead/files", src=source, limit=limit)["matches"]
        return [Path(path).relative_to(folder.parent).as_posix() for path in found]

    everything = ["data/Sub", "data/a,1.csv", "data/alpha.csv", "data/b.csv"]
    assert matches(str(folder)) == matches(f"{folder}/") == everything
    assert matches(f"{folder}/A") == ["data/a,1.csv", "data/alpha.csv"]
    assert matches(f"{folder}/s") == ["data/Sub"]
    assert matches(f"{folder}/", 2) == everything[:2]
    assert matches(f"{folder}/none") == matches(f"{folder}/../sec") == matches("/etc") == []
    assert matches("/") == matches(str(folder.parent)) == matches("") == ["data"]


def test_a_schema_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="import_schemes"):
        Settings(import_schemes=("htp",))  # type: ignore[arg-type]
