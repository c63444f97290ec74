"""What goes wrong on the server becomes the right exception here, with the server's own words."""

from __future__ import annotations

import warnings
from typing import Any

import h2o
import pytest
from h2o._connection import decode
from h2o._form import encode, encode_all
from h2o.exceptions import H2OConnectionError, H2OResponseError, H2OServerError

BANNER = "\n\nERROR MESSAGE:\n\nObject 'nope' not found for argument: key\n\n"
REFUSAL = {
    "msg": "Illegal argument(s)",
    "messages": [
        {"message_type": "TRACE", "field_name": "nfolds", "message": "only for cross-validation"},
        {"message_type": "ERRR", "field_name": "_hidden", "message": "must be positive"},
        {"message_type": "ERRR", "field_name": "_hidden", "message": "must be positive"},
        {"message_type": "ERRR", "field_name": "rate", "message": "must be below 1"},
    ],
}
REFUSED = {
    "unknown key": (
        404,
        {"msg": BANNER, "values": {"name": "nope"}},
        "Object 'nope' not found for argument: key",
    ),
    "wrong parameters": (412, REFUSAL, "hidden: must be positive; rate: must be below 1"),
    "malformed expression": (400, {"msg": "Expected an expression"}, "Expected an expression"),
    "not in H2O's form": (403, {"detail": "forbidden"}, "{'detail': 'forbidden'}"),
    "plain text": (401, "who are you?", "who are you?"),
    "nothing": (404, "", "no reason was given"),
}


def answer(status: int, content: Any) -> h2o.Response:
    import json

    if isinstance(content, str):
        return h2o.Response(status, "text/plain", content.encode())
    return h2o.Response(status, "application/json", json.dumps(content).encode())


@pytest.mark.parametrize(("status", "content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_says_why(status: int, content: Any, message: str) -> None:
    with pytest.raises(H2OResponseError) as caught:
        decode(answer(status, content), "GET /3/Frames/nope")
    assert caught.value.message == message
    assert caught.value.status == status
    assert str(caught.value) == f"{message} [HTTP {status}, GET /3/Frames/nope]"
    assert isinstance(caught.value, OSError)


def test_a_refusal_names_the_culprit() -> None:
    with pytest.raises(H2OResponseError) as caught:
        decode(answer(404, REFUSED["unknown key"][1]), "GET /3/Frames/nope")
    assert caught.value.values == {"name": "nope"}


@pytest.mark.parametrize("content", [{"msg": "out of memory"}, "out of memory"], ids=["JSON", "text"])
def test_a_failure_of_the_server_is_told_apart(content: Any) -> None:
    with pytest.raises(H2OServerError, match=r"out of memory \[HTTP 500, POST /3/Parse\]"):
        decode(answer(500, content), "POST /3/Parse")


def test_an_answer_that_is_not_json_is_a_failure_of_the_server() -> None:
    with pytest.raises(H2OServerError, match="not JSON"):
        decode(h2o.Response(200, "application/json", b"<html>"), "GET /3/Cloud")


ENCODED = {
    "flag": (True, "True"),
    "number": (1e-05, "1e-05"),
    "text": ("a b", "a b"),
    "texts": (["a", 'b"c'], '["a","b\\"c"]'),
    "numbers": ([200, 200], "[200,200]"),
    "nested": ([["NA"], []], '[["NA"],[]]'),
    "range": (range(2), "[0,1]"),
    "map": ({"hidden": [[8, 8], [4]]}, '{"hidden":[[8,8],[4]]}'),
}


@pytest.mark.parametrize(("value", "text"), ENCODED.values(), ids=ENCODED.keys())
def test_values_travel_as_text(value: Any, text: str) -> None:
    assert encode(value) == text


def test_none_is_not_sent() -> None:
    assert encode_all({"a": None, "b": 0}) == {"b": "0"}


def test_keys_are_quoted_in_addresses(scripted: Any) -> None:
    connection, transport = scripted({"GET /3/Jobs/$03_a%2Fb%20c": {}})
    connection.call("GET /3/Jobs/{}", "$03_a/b c")
    assert transport.requests[0].path == "/3/Jobs/$03_a%2Fb%20c"


def test_a_session_is_opened_when_it_is_needed_and_ended_with_the_connection(scripted: Any) -> None:
    connection, transport = scripted()
    assert transport.requests == []
    connection.rapids("(ls)")
    connection.close()
    connection.close()
    assert [f"{request.method} {request.path}" for request in transport.requests] == [
        "POST /4/sessions",
        "POST /99/Rapids",
        "DELETE /4/sessions/_sid_1",
    ]
    assert transport.closed


def test_a_removal_that_fails_does_not_disturb_the_next_request(scripted: Any) -> None:
    connection, transport = scripted({"GET /3/About": {"entries": []}, "POST /99/Rapids": (500, "busy")})
    connection.discard("py_1_sid_1")
    assert connection.call("GET /3/About") == {"entries": []}
    assert transport.expressions == ["(rm py_1_sid_1)"]


def test_a_connection_closes_although_the_server_has_gone(scripted: Any) -> None:
    connection, transport = scripted({"DELETE /4/sessions/_sid_1": (500, "gone")})
    connection.rapids("(ls)")
    connection.close()
    assert transport.closed


def test_a_closed_connection_says_so(scripted: Any) -> None:
    connection, _ = scripted()
    connection.close()
    with pytest.raises(H2OConnectionError, match="closed"):
        connection.call("GET /3/Cloud")


def test_the_wrong_server_is_refused_by_name(scripted: Any) -> None:
    _, transport = scripted({"GET /3/Cloud": {"cloud_name": "theirs"}})
    with pytest.raises(H2OConnectionError, match="'theirs', not 'mine'"):
        h2o.connect(transport=transport, name="mine")
    assert not transport.closed, "a transport that was given is not ours to close"


@pytest.mark.parametrize("config", [{"url": "http://127.0.0.1:1"}, {"connect_params": {"port": 1}}])
def test_a_configuration_says_where_to_connect(config: Any) -> None:
    with pytest.raises(H2OConnectionError, match=r"http://127\.0\.0\.1:1\b"):
        h2o.connect(config=config, strict_version_check=False, telemetry=False)


def test_any_endpoint_can_be_asked(scripted: Any) -> None:
    _, transport = scripted({"GET /3/About": {"entries": []}, "POST /3/LogAndEcho": {}})
    assert h2o.api("GET /3/About", {"x": 1}) == {"entries": []}
    h2o.api("POST /3/LogAndEcho", {"message": "hi"})
    assert transport.requests[0].query == {"x": "1"}
    assert transport.requests[1].form == {"message": "hi"}


def test_the_namesake_on_pypi_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h2o._metadata, "version", lambda name: "3.46.0.12")
    with pytest.warns(UserWarning, match=r"h2o 3\.46\.0\.12 is installed"):
        h2o._warn_of_namesake()


def test_without_the_namesake_there_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise h2o._metadata.PackageNotFoundError(name)

    monkeypatch.setattr(h2o._metadata, "version", missing)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        h2o._warn_of_namesake()
