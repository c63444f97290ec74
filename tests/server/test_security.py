"""Other sites' pages cannot use the server, whatever name or form they take."""

from __future__ import annotations

from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from aquifer_server.application import create_app
from aquifer_server.coordinator import Coordinator

OURS = "127.0.0.1:54321"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (OURS, 200),
        ("localhost:54321", 200),
        ("LOCALHOST", 200),
        ("[::1]:54321", 200),
        ("evil.example", 403),
        ("evil.example:54321", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:54321", 403),
        ("10.0.0.1:54321", 403),
        ("", 403),
        ("[broken", 403),
    ],
)
def test_only_the_servers_own_names_are_answered(host: str, status: int, rest: Any) -> None:
    response = rest.request("GET", "/3/About", headers={"Host": host})
    assert response.status_code == status
    if status == 403:
        assert response.json()["__meta"]["schema_name"] == "H2OErrorV3"
        assert "allowed_hosts" in response.json()["msg"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": f"http://{OURS}"}, 200),
        ({"Referer": f"http://{OURS}/flow/frames"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8888"}, 403),
        ({"Origin": "null"}, 403),
        ({"Referer": "http://evil.example/127.0.0.1:54321"}, 403),
        ({"Origin": f"http://{OURS}.evil.example"}, 403),
        ({"Origin": f"http://evil.example@{OURS}.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_only_the_servers_own_pages_may_change_anything(
    headers: dict[str, str], status: int, rest: Any, coordinator: Coordinator
) -> None:
    response = rest.request("POST", "/4/sessions", headers=headers)
    assert response.status_code == status
    assert len(coordinator.store.sessions()) == (1 if status == 200 else 0)


def test_a_link_from_another_site_may_open_a_page_but_no_script_may_read(rest: Any) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    link = rest.request("GET", "/3/About", headers={**cross, "Sec-Fetch-Mode": "navigate"})
    script = rest.request("GET", "/3/About", headers={**cross, "Sec-Fetch-Mode": "no-cors"})
    assert (link.status_code, script.status_code) == (200, 403)


def test_further_names_can_be_allowed(coordinator: Coordinator, portal: BlockingPortal, rest: Any) -> None:
    coordinator.settings = coordinator.settings.model_copy(update={"allowed_hosts": ("models.example",)})
    named = type(rest)(create_app(coordinator), portal)
    assert named.request("GET", "/3/About", headers={"Host": "models.example:80"}).status_code == 200
    assert named.request("GET", "/3/About", headers={"Host": "other.example"}).status_code == 403


def test_a_server_on_all_addresses_answers_to_addresses_but_not_to_foreign_names(
    coordinator: Coordinator, portal: BlockingPortal, rest: Any
) -> None:
    coordinator.settings = coordinator.settings.model_copy(update={"ip": "0.0.0.0"})
    open_to_all = type(rest)(create_app(coordinator), portal)
    assert open_to_all.request("GET", "/3/About", headers={"Host": "192.168.1.5:54321"}).status_code == 200
    assert open_to_all.request("GET", "/3/About", headers={"Host": "rebound.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/3/Cloud", "/", "/3/NoSuchRoute", "/metrics"])
def test_every_answer_carries_the_security_headers(path: str, rest: Any) -> None:
    headers = rest.request("GET", path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers
