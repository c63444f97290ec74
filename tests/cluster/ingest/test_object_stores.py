"""Files of an S3 server on this machine."""

from __future__ import annotations

import gzip
import logging
import pickle
from collections.abc import Callable, Iterator

import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import SourceNotFound
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Access, Hosts, ParseSetup, S3Credentials, find_sources, guess
from aquifer_cluster.ingest.object_stores import file_system
from aquifer_cluster.ingest.stream import SourceStream

FILES = {
    "a.csv": b"x,y\n1,2\n",
    "b.csv": b"x,y\n3,4\n",
    "sub/c.csv.gz": gzip.compress(b"x,y\n5,6\n"),
    "sub/note.txt": b"hello\n",
    ".hidden/d.csv": b"x,y\n7,8\n",
    "with space & ä.csv": b"x,y\n9,10\n",
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server with the bucket `lake`."""
    server_module = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def access(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Access:
    """Access to the server, whose bucket holds the files."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    access = Access(s3_endpoint=endpoint, s3_credentials=S3Credentials("AKIDKEY", "hushhush", "tokentoken"))
    files, _ = file_system("s3://lake/", access)
    writing = type(files)(
        access_key="any",
        secret_key="any",
        endpoint_override=endpoint.removeprefix("http://"),
        scheme="http",
        allow_bucket_creation=True,
    )
    writing.create_dir("lake")
    for name, content in FILES.items():
        with writing.open_output_stream(f"lake/data/{name}", compression=None) as file:
            file.write(content)
    return access


FOUND = [
    ("s3://lake/data/a.csv", None, ["a.csv"]),
    ("s3a://lake/data/a.csv", None, ["a.csv"]),
    ("s3n://lake/data/with space & ä.csv", None, ["with space & ä.csv"]),
    ("s3://lake/data", None, ["a.csv", "b.csv", "sub/c.csv.gz", "sub/note.txt", "with space & ä.csv"]),
    ("s3://lake/data/", "csv", ["a.csv", "b.csv", "sub/c.csv.gz", "with space & ä.csv"]),
    ("s3://lake/data/", "^sub/.*gz$", ["sub/c.csv.gz"]),
    ("s3://lake", "b.csv", ["b.csv"]),
    ("s3://lake/data/?.csv", None, ["a.csv", "b.csv"]),
    ("s3://lake/data/*/*.gz", None, ["sub/c.csv.gz"]),
    ("s3://lake/d*/a.csv", None, ["a.csv"]),
]


@pytest.mark.parametrize(("url", "pattern", "names"), FOUND)
def test_files_folders_and_globs_are_found(
    access: Access, url: str, pattern: str | None, names: list[str]
) -> None:
    found = find_sources([url], access, pattern)
    scheme = url.partition(":")[0]
    assert [source.key for source in found] == [f"{scheme}://lake/data/{name}" for name in names]
    assert [source.size for source in found] == [len(FILES[name]) for name in names]


def test_they_are_read_from_any_place(access: Access) -> None:
    (source,) = find_sources(["s3://lake/data/a.csv"], access)
    with pickle.loads(pickle.dumps(source)).open_at(4) as file:
        assert file.read() == b"1,2\n"
    with SourceStream(find_sources(["s3://lake/data/sub/c.csv.gz"], access)[0]) as stream:
        assert stream.read() == b"x,y\n5,6\n"


def test_all_nodes_can_parse_them(
    access: Access, cloud: Cloud, parse_with: Callable[[Cloud, ParseSetup], tuple[Frame, object]]
) -> None:
    sources = find_sources(["s3://lake/data/?.csv", "s3://lake/data/sub/c.csv.gz"], access)
    frame, _ = parse_with(cloud, guess(sources, None, cloud))
    assert cloud.read(frame, 0, 9)[1].tolist() == [2, 4, 6]


def test_the_environment_says_where_the_server_is(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", access.s3_endpoint or "")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    assert len(find_sources(["s3://lake/data/a.csv"], Access())) == 1


REFUSED = [
    ("s3://lake/data/none.csv", "no such file"),
    ("s3://lake/data/*.parquet", "nothing there matches"),
    ("s3://", "names no bucket"),
    ("s3:///data/a.csv", "names no bucket"),
    ("s3://KEY:SECRET@lake/data/a.csv", "credentials do not belong into an address"),
    ("s4://lake/data/a.csv", "begins like none of"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_what_is_not_there_is_named(access: Access, url: str, reason: str) -> None:
    with pytest.raises(SourceNotFound, match=reason) as refused:
        find_sources([url], access)
    assert "SECRET" not in str(refused.value)


def test_buckets_and_schemes_can_be_forbidden(access: Access) -> None:
    only = Access(hosts=Hosts(("pond-*",)), s3_endpoint=access.s3_endpoint)
    with pytest.raises(SourceNotFound, match="import_hosts does not allow lake"):
        find_sources(["s3://lake/data/a.csv"], only)
    for scheme, url in (("s3", "s3a://lake/a"), ("gs", "gs://lake/a"), ("hdfs", "hdfs://host/a")):
        with pytest.raises(SourceNotFound, match=f"import_schemes does not allow {scheme}"):
            find_sources([url], Access(schemes=("file",)))
    with pytest.raises(SourceNotFound, match=r"import_hosts does not allow 127\.0\.0\.1"):
        find_sources(["hdfs://127.0.0.1:9000/a"], Access())


def test_credentials_never_show(access: Access) -> None:
    (source,) = find_sources(["s3://lake/data/a.csv"], access)
    for shown in (repr(access), repr(access.s3_credentials), repr(source), str(source)):
        assert "hush" not in shown
        assert "tokentoken" not in shown


def test_a_server_that_is_not_there_is_named() -> None:
    nowhere = Access(s3_endpoint="http://127.0.0.1:1", s3_credentials=S3Credentials("AKIDKEY", "hushhush"))
    with pytest.raises(SourceNotFound, match=r"s3://lake/a\.csv cannot be imported") as refused:
        find_sources(["s3://lake/a.csv"], nowhere)
    assert "hush" not in str(refused.value)
