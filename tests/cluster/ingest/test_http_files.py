"""Files of web servers: well-behaved ones, and others."""

from __future__ import annotations

import io
import pickle
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ParseFailure, SourceNotFound
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Access, Hosts, ParseSetup, Source, find_sources, guess, http_access
from aquifer_cluster.ingest.stream import SourceStream, head, text_bytes

TEXT = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * 7919 % 1000) for i in range(60_000))
ACCESS = Access(hosts=Hosts(("127.0.0.1", "localhost")))


class Answer(BaseHTTPRequestHandler):
    """The first part of a path says how the server behaves."""

    protocol_version = "HTTP/1.1"
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Host", ""), self.headers.get("Authorization")))
        try:
            getattr(self, self.path.split("/")[1].partition("?")[0])()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def ranges(self) -> None:
        self._part(self._start())

    def plain(self) -> None:
        self._answer(200, self.server.body, {"Content-Length": str(len(self.server.body))})

    def endless(self) -> None:
        self.close_connection = True
        self._answer(200, self.server.body, {"Connection": "close"})

    def chunked(self) -> None:
        self._answer(200, b"", {"Transfer-Encoding": "chunked"})
        for at in range(0, len(self.server.body), 50_000):
            piece = self.server.body[at : at + 50_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def breaks(self) -> None:
        """Break off after a hundred thousand bytes of each answer."""
        self._part(self._start(), most=100_000)

    def breaks_plain(self) -> None:
        self.close_connection = True
        self._answer(200, self.server.body[:5000], {"Content-Length": str(len(self.server.body))})

    def breaks_at_once(self) -> None:
        self._part(self._start(), most=5000 if self._start() == 0 else 0)

    def stalls(self) -> None:
        self._answer(200, self.server.body[:5000], {"Content-Length": str(len(self.server.body))})
        self.server.released.wait(20)
        self.close_connection = True

    def changes(self) -> None:
        self._part(self._start(), version=f'"{len(self.server.asked)}"')

    def other_part(self) -> None:
        self._part(self._start() + 10)

    def redirect(self) -> None:
        self._answer(302, b"", {"Location": self.path.partition("?to=")[2], "Content-Length": "0"})

    def status(self) -> None:
        self._answer(int(self.path.split("/")[2]), b"", {"Content-Length": "0"})

    def _start(self) -> int:
        return int(re.fullmatch(r"bytes=(\d+)-", self.headers["Range"])[1])  # type: ignore[index]

    def _part(self, start: int, most: int | None = None, version: str = '"one"') -> None:
        rest = self.server.body[start:]
        self.close_connection = most is not None
        if not rest:
            total = {"Content-Range": f"bytes */{len(self.server.body)}", "Content-Length": "0"}
            self._answer(416, b"", total)
            return
        place = f"bytes {start}-{len(self.server.body) - 1}/{len(self.server.body)}"
        headers = {"Content-Range": place, "Content-Length": str(len(rest)), "ETag": version}
        self._answer(206, rest[:most], headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class Web(ThreadingHTTPServer):
    """A web server of this machine: the file it has, and what it was asked: path, host, authorization."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.body = TEXT
        self.asked: list[tuple[str, str, str | None]] = []
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None: ...


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def find(web: Web, path: str, access: Access = ACCESS) -> Source:
    (source,) = find_sources([f"{web.url}{path}"], access)
    return source


def read_all(source: Source) -> bytes:
    with SourceStream(source) as stream:
        return b"".join(iter(stream.read, b""))


KINDS = [("ranges", len(TEXT), True), ("plain", len(TEXT), False), ("endless", None, False)]


@pytest.mark.parametrize(("kind", "size", "ranged"), [*KINDS, ("chunked", None, False)])
def test_a_file_is_read_as_far_as_its_server_goes(
    web: Web, kind: str, size: int | None, ranged: bool
) -> None:
    source = find(web, f"/{kind}/x.csv")
    assert (source.name, source.key, source.size, source.ranged) == (
        *(f"{web.url}/{kind}/x.csv",) * 2,
        size,
        ranged,
    )
    assert read_all(source) == TEXT
    assert head(source, 20) == (TEXT[:20], False)
    for offset in (0, 1, 70_000, len(TEXT) - 1, len(TEXT)):
        with source.open_at(offset) as file:
            assert file.read() == TEXT[offset:]


@pytest.mark.parametrize("kind", ["ranges", "breaks"])
def test_only_what_is_asked_for_is_sent(web: Web, kind: str) -> None:
    with find(web, f"/{kind}/x.csv").open_at(100_000) as file:
        assert file.read(10) == TEXT[100_000:100_010]
        assert file.tell() == 100_010
        file.seek(50_000)
        assert file.read(10) == TEXT[50_000:50_010]
        assert file.size() == len(TEXT)
    assert len(web.asked) == 3


@pytest.mark.parametrize("kind", ["ranges", "plain", "endless"])
def test_an_archive_is_sought_in(web: Web, kind: str) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", TEXT)
    web.body = written.getvalue()
    assert read_all(find(web, f"/{kind}/x.zip")) == TEXT


@pytest.mark.parametrize("nodes_kind", ["ranges", "endless"])
def test_all_nodes_can_parse_it(
    web: Web,
    nodes_kind: str,
    cloud: Cloud,
    parse_with: Callable[[Cloud, ParseSetup], tuple[Frame, object]],
) -> None:
    sources = find_sources([f"{web.url}/{nodes_kind}/1.csv", f"{web.url}/{nodes_kind}/2.csv"], ACCESS)
    frame, _ = parse_with(cloud, guess(sources, None, cloud))
    assert frame.rows == 120_000
    assert cloud.read(frame, 119_999, 120_000)[0].tolist() == [59_999]


def test_a_size_that_is_not_told_is_supposed(web: Web) -> None:
    assert text_bytes(find(web, "/endless/x.csv")) == len(TEXT)
    web.body = TEXT * 8
    assert text_bytes(find(web, "/endless/x.csv")) > 1 << 20


def test_a_transfer_that_breaks_off_is_taken_up_again(web: Web) -> None:
    assert read_all(find(web, "/breaks/x.csv")) == TEXT
    assert len(web.asked) > len(TEXT) // 100_000


@pytest.mark.parametrize("kind", ["breaks_plain", "breaks_at_once"])
def test_a_transfer_that_stays_broken_is_named_with_its_place(web: Web, kind: str) -> None:
    with pytest.raises(ParseFailure, match=rf"{kind}/x\.csv \(at byte [\d,]+\): the connection broke off"):
        read_all(find(web, f"/{kind}/x.csv"))


def test_a_server_that_stalls_is_named(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    source = find(web, "/stalls/x.csv")
    monkeypatch.setitem(http_access.TIMEOUTS, "read", 0.1)
    with pytest.raises(ParseFailure, match=r"stalls/x\.csv .*sent nothing for 0\.1 seconds"):
        read_all(source)


def test_two_versions_of_a_file_are_never_mixed(web: Web) -> None:
    with pytest.raises(ParseFailure, match="it has changed since its import began"):
        read_all(find(web, "/changes/x.csv"))


REFUSED = [
    ("/status/404", "the server answers 404 Not Found"),
    ("/status/403", "the server answers 403 Forbidden"),
    ("/status/500", "the server answers 500 Internal Server Error"),
    ("/status/416", "the server answers 416"),
    ("/status/299", "the server answers 299"),
    ("/other_part/x", "another part of the file"),
    ("/redirect/?to=/redirect/?to=x", "redirects more than 5 times"),
    ("/redirect/?to=ftp://127.0.0.1/x", "does not allow ftp"),
    ("/redirect/?to=file:///etc/passwd", "does not allow file"),
    ("/redirect/?to=http://169.254.169.254/latest/meta-data", r"does not allow 169\.254\.169\.254"),
    ("/redirect/?to=http://[::1]:1/", "does not allow ::1"),
    ("/redirect/?to=", "redirects more than 5 times"),
    ("/redirect/?to=http://127.0.0.1:99999/", "no valid address"),
]


@pytest.mark.parametrize(("path", "reason"), REFUSED)
def test_what_cannot_or_may_not_be_read_is_named(web: Web, path: str, reason: str) -> None:
    with pytest.raises(SourceNotFound, match=reason):
        find(web, path)


def test_a_server_that_is_not_there_is_named(web: Web) -> None:
    with pytest.raises(SourceNotFound, match=r"http://127\.0\.0\.1:1/x\.csv .*cannot be reached"):
        find_sources(["http://127.0.0.1:1/x.csv"], ACCESS)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_not_read_from_unless_that_is_allowed(web: Web, host: str) -> None:
    port = web.server_port
    with pytest.raises(SourceNotFound, match="import_hosts does not allow"):
        find_sources([f"http://{host}:{port}/ranges/x.csv"], Access())
    assert not web.asked


def test_a_scheme_can_be_forbidden(web: Web) -> None:
    with pytest.raises(SourceNotFound, match="import_schemes does not allow http"):
        find(web, "/ranges/x", Access(hosts=ACCESS.hosts, schemes=("https", "file")))


def test_redirections_are_followed_and_names_written_in_ascii(web: Web) -> None:
    source = find(web, "/redirect/?to=/ranges/ä b.csv")
    assert read_all(source) == TEXT
    assert web.asked[-1][0] == "/ranges/%C3%A4%20b.csv"


def test_secrets_of_an_address_are_sent_and_never_shown(web: Web) -> None:
    port = web.server_port
    url = f"http://anna:s%20cret@127.0.0.1:{port}/redirect/?to=http://localhost:{port}/ranges/x?signature=abc123"
    (source,) = find_sources([url], ACCESS)
    assert read_all(pickle.loads(pickle.dumps(source))) == TEXT
    first, second = web.asked[:2]
    assert first[2] == "Basic YW5uYTpzIGNyZXQ="
    assert second == ("/ranges/x?signature=abc123", f"localhost:{port}", None)
    for shown in (repr(source), repr(source.files), source.name, source.key):
        assert not re.search("anna|cret|abc123|YW5u", shown)
    with pytest.raises(SourceNotFound) as refused:
        find_sources([url.replace("redirect", "status/404")], ACCESS)
    assert not re.search("anna|cret|abc123|YW5u", str(refused.value) + refused.value.source)
