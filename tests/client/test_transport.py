"""The transport contract, held by the socket and by the in-process filling alike."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import h2o
import pytest
from h2o.exceptions import H2OConnectionError


def echo(method: str, path: str, query: str, body: bytes, content_type: str) -> tuple[int, str, bytes]:
    """What the test server answers: a description of the request, or what the path asks for."""
    if path == "/text":
        return 200, "text/csv; charset=utf-8", b"a,b\n"
    if path == "/broken":
        return 500, "application/json", b'{"msg": "it broke"}'
    seen = {"method": method, "path": path, "query": query, "body": body.decode(), "type": content_type}
    return 200, "application/json;charset=utf-8", json.dumps(seen).encode()


async def echo_app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise NotImplementedError("this application has no lifespan")
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    query, kind = scope["query_string"].decode(), headers.get("content-type", "")
    status, content_type, content = echo(scope["method"], scope["path"], query, body, kind)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type.encode())],
        }
    )
    await send({"type": "http.response.body", "body": content})


class EchoHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        kind = self.headers.get("Content-Type", "")
        status, content_type, content = echo(self.command, path, query, body, kind)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def echo_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), EchoHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["socket", "in-process"])
def transport(request: pytest.FixtureRequest, echo_server: str) -> Iterator[h2o.Transport]:
    made: h2o.Transport
    if request.param == "socket":
        made = h2o.SocketTransport(echo_server, user_agent="test")
    else:
        made = h2o.AppTransport(echo_app)
    yield made
    made.close()


def seen(transport: h2o.Transport, **request: Any) -> dict[str, Any]:
    response = transport.handle(h2o.Request(**request))
    assert (response.status, response.content_type) == (200, "application/json")
    answer: dict[str, Any] = json.loads(response.body)
    return answer


def test_a_query_goes_into_the_address(transport: h2o.Transport) -> None:
    answer = seen(transport, method="GET", path="/3/Frames/a%20b", query={"row_count": "10", "x": "a&b"})
    assert answer["method"] == "GET"
    assert answer["query"] == "row_count=10&x=a%26b"


def test_a_form_is_url_encoded(transport: h2o.Transport) -> None:
    answer = seen(transport, method="POST", path="/99/Rapids", form={"ast": "(+ 1 'ü')"})
    assert answer["type"] == "application/x-www-form-urlencoded"
    assert answer["body"] == "ast=%28%2B+1+%27%C3%BC%27%29"


def test_a_file_is_sent_raw(transport: h2o.Transport, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("a,b\n1,2\n")
    assert seen(transport, method="POST", path="/3/PostFile", body=file)["body"] == "a,b\n1,2\n"
    assert seen(transport, method="POST", path="/3/PostFile", body=b"raw")["body"] == "raw"


def test_a_content_type_comes_without_its_parameters(transport: h2o.Transport) -> None:
    assert transport.handle(h2o.Request("GET", "/text")) == h2o.Response(200, "text/csv", b"a,b\n")


def test_a_failure_is_a_response_like_any_other(transport: h2o.Transport) -> None:
    assert transport.handle(h2o.Request("GET", "/broken")).status == 500


def test_closing_twice_is_fine(transport: h2o.Transport) -> None:
    transport.close()
    transport.close()


def test_a_port_that_nobody_listens_on_is_named() -> None:
    transport = h2o.SocketTransport("http://127.0.0.1:1", user_agent="test")
    with pytest.raises(H2OConnectionError, match=r"http://127\.0\.0\.1:1"):
        transport.handle(h2o.Request("GET", "/3/Cloud"))
    transport.close()


def test_a_url_without_a_host_is_refused() -> None:
    with pytest.raises(H2OConnectionError, match="not a URL"):
        h2o.SocketTransport("localhost:54321", user_agent="test")


class LivingApp:
    """An application that notes its lifespan."""

    def __init__(self, fails: bool = False) -> None:
        self.events: list[str] = []
        self.fails = fails

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        while True:
            event = (await receive())["type"]
            self.events.append(event)
            if self.fails:
                await send({"type": "lifespan.startup.failed", "message": "no disk"})
                return
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return


def test_an_application_lives_as_long_as_its_transport() -> None:
    app = LivingApp()
    transport = h2o.AppTransport(app)
    assert app.events == ["lifespan.startup"]
    transport.close()
    assert app.events == ["lifespan.startup", "lifespan.shutdown"]
    with pytest.raises(H2OConnectionError, match="closed"):
        transport.handle(h2o.Request("GET", "/"))


class HeadersHandler(EchoHandler):
    def do_GET(self) -> None:
        content = json.dumps({"path": self.path, **self.headers}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def test_cookies_are_sent_and_a_proxy_is_asked() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), HeadersHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        transport = h2o.SocketTransport(
            "http://elsewhere:1", proxy=here, cookies=["a=1", "b=2"], user_agent="t"
        )
        seen = json.loads(transport.handle(h2o.Request("GET", "/x")).body)
        transport.close()
        server.shutdown()
    assert (seen["path"], seen["Cookie"]) == ("http://elsewhere:1/x", "a=1; b=2")


def test_an_application_that_does_not_start_says_why() -> None:
    with pytest.raises(H2OConnectionError, match="no disk"):
        h2o.AppTransport(LivingApp(fails=True))


def test_what_answers_without_speaking_the_protocol_is_refused(echo_server: str) -> None:
    with pytest.raises(H2OConnectionError, match="not an Aquifer or H2O server"):
        h2o.connect(echo_server)
